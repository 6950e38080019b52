using System.Security.Cryptography.X509Certificates;
using Claudemesh.TestKit;

namespace Claudemesh.Client.Tests;

public sealed class TlsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("claudemesh-tls").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_certificate_of_the_named_authority_is_trusted_and_no_other()
    {
        using var authority = new TestAuthority("good");
        using var stranger = new TestAuthority("other");
        using X509Certificate2 server = authority.IssueForLoopback();
        await using ScriptedBroker broker = await ScriptedBroker.StartAsync(certificate: server);
        await using ConnectionFixture fixture = new();

        MeshConnection distrustful = fixture.Connect(broker.Address, options => options with { CertificateAuthorityFile = stranger.SaveTo(folder) });
        ConnectionState.Waiting waiting = await ConnectionFixture.StateAsync<ConnectionState.Waiting>(distrustful);
        Assert.Contains("certificate", waiting.Reason, StringComparison.OrdinalIgnoreCase);

        MeshConnection trusting = fixture.Connect(broker.Address, options => options with { CertificateAuthorityFile = authority.SaveTo(folder) });
        ScriptedPeer peer = await broker.WelcomeNextAsync();
        await ConnectionFixture.StateAsync<ConnectionState.Open>(trusting);
        await peer.SendPushAsync("m1", text: new string('x', 100_000));
        Assert.Equal("m1", (await ConnectionFixture.EventAsync<BrokerEvent.Pushed>(trusting)).Push.MessageId);
        for (int i = 0; i < 20; i++)
            Assert.True(await trusting.NotifyAsync(new Claudemesh.Protocol.SetSummary($"s{i}"), Patience.Token));
        for (int i = 0; i < 20; i++)
            Assert.Equal($"s{i}", (await peer.ReceiveAsync("set_summary")).GetProperty("summary").GetString());
    }
}
