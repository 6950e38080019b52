using Claudemesh.Client;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Workspaces;

namespace Claudemesh.Daemon.Tests;

/// <summary>Everything that a person can be given to join with, and what is none of it.</summary>
public sealed class InviteFormTests
{
    private const string Last = "http://127.0.0.1:7900";
    private const string Id = "q3Zb0fWxq3Zb0fWxq3Zb0fWxq3Zb0fWx";

    [Theory]
    [InlineData("https://mesh.example.org/i/" + Id, "https://mesh.example.org/")]
    [InlineData("mesh.example.org/i/" + Id, "https://mesh.example.org/")]
    [InlineData("  localhost:7900/i/" + Id + " ", "http://localhost:7900/")]
    [InlineData("claudemesh://mesh.example.org/i/" + Id, "https://mesh.example.org/")]
    [InlineData("claudemesh://i/" + Id, "http://127.0.0.1:7900/")]
    [InlineData("claudemesh://" + Id, "http://127.0.0.1:7900/")]
    [InlineData(Id, "http://127.0.0.1:7900/")]
    public void A_link_without_its_secret_is_read_in_every_form(string text, string broker)
    {
        InviteForm.Short form = Assert.IsType<InviteForm.Short>(InviteForm.Read(text, Last));

        Assert.Equal((Id, broker, null), (form.Id.Value, form.Broker.Http.ToString(), form.Secret));
    }

    [Fact]
    public void A_link_with_its_secret_is_read_behind_either_scheme()
    {
        using var secret = InviteSecret.Generate();
        using var link = new InviteLink("https://mesh.example.org", Id, secret);
        string text = link.ToTextWithSecret();
        foreach (string form in new[] { text, text.Replace("https://", "claudemesh://", StringComparison.Ordinal), text.Replace("https://", "", StringComparison.Ordinal) })
        {
            InviteForm.Short read = Assert.IsType<InviteForm.Short>(InviteForm.Read(form, Last));
            using (read.Secret)
                Assert.Equal(secret.ToFragment(), read.Secret!.ToFragment());
        }
    }

    [Fact]
    public void The_long_link_of_1x_is_read_in_every_form()
    {
        using MemberSecretKey owner = MemberSecretKey.Generate();
        string token = LegacyInviteToken.Issue(owner.Key, "mesh1", "acme", "wss://mesh.example.org/ws", 4_000_000_000, "member").Token;
        foreach (string form in new[] { token, "ic://join/" + token, "claudemesh://join/" + token, "https://mesh.example.org/join/" + token, "https://mesh.example.org/de/join/" + token })
            Assert.Equal(token, Assert.IsType<InviteForm.Long>(InviteForm.Read(form, Last)).Token.Token);
    }

    [Theory]
    [InlineData("")]
    [InlineData("acme")]
    [InlineData("https://mesh.example.org/")]
    [InlineData("ftp://mesh.example.org/i/" + Id)]
    [InlineData("claudemesh://")]
    [InlineData("claudemesh://join/")]
    [InlineData("https://mesh.example.org/i/" + Id + "#3.short")]
    public void Anything_else_is_none(string text) => Assert.Null(InviteForm.Read(text, Last));
}
