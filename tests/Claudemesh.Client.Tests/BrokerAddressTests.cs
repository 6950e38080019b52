namespace Claudemesh.Client.Tests;

public sealed class BrokerAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:7900", "ws://127.0.0.1:7900/ws", "http://127.0.0.1:7900/")]
    [InlineData("https://mesh.example", "wss://mesh.example/ws", "https://mesh.example/")]
    [InlineData("wss://mesh.example/ws", "wss://mesh.example/ws", "https://mesh.example/")]
    [InlineData(" ws://[::1]:7900/ws ", "ws://[::1]:7900/ws", "http://[::1]:7900/")]
    [InlineData("https://mesh.example:443/i/abc#3.secret", "wss://mesh.example/ws", "https://mesh.example/")]
    public void An_address_is_read_from_what_people_paste(string text, string socket, string http)
    {
        BrokerAddress address = BrokerAddress.Parse(text);
        Assert.Equal((socket, http), (address.Socket.ToString(), address.Http.ToString()));
        Assert.Equal(address, BrokerAddress.Parse(address.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("mesh.example")]
    [InlineData("ftp://mesh.example")]
    [InlineData("https://ann:secret@mesh.example")]
    [InlineData("file:///etc/passwd")]
    public void What_is_no_address_is_refused(string? text) => Assert.False(BrokerAddress.TryParse(text, out _));
}
