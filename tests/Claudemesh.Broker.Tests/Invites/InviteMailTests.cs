using System.Text.Json.Nodes;
using Claudemesh.Broker.Accounts.Mail;
using Claudemesh.Broker.Tests.Audit;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Invites;

/// <summary>An invite that the broker writes to somebody: the link without its secret.</summary>
public sealed class InviteMailTests
{
    [Fact]
    public async Task The_letter_has_the_link_without_the_secret_and_the_chain_has_no_address()
    {
        await using TestBroker broker = await StartAsync();
        await using TestMesh mesh = await TestMesh.StartAsync(broker: broker, log: LogKind.Required);
        await using TestPeer owner = await mesh.OwnerAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        TestInvite invite = await mesh.Log.InviteAsync();
        InviteMail request = new(InviteId.Parse(invite.Id), EmailAddress.Parse("ann@example.org"));

        Assert.Equal("forbidden", (await bob.AskAsync(request)).Code());
        Assert.Equal("invite_mailed", (string?)(await owner.AskAsync(request))["type"]);

        Letter letter = await broker.Services.GetRequiredService<AccountMail>().Waiting.ReadAsync();
        Assert.Equal("ann@example.org", letter.To);
        Assert.Contains($"/i/{invite.Id}\n", letter.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("#", letter.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(invite.Secret.ToFragment(), letter.Text, StringComparison.Ordinal);
        JsonObject told = (await AuditTellingTests.ReadAsync(owner))[^1];
        Assert.Equal(("invite_mailed", invite.Id), ((string?)told["eventType"], (string?)told["payload"]!["invite"]));
        Assert.DoesNotContain("example.org", told.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_rest_it_is_the_same_and_an_invite_that_is_none_is_refused()
    {
        await using TestBroker broker = await StartAsync();
        await using TestMesh mesh = await TestMesh.StartAsync(broker: broker, log: LogKind.Required);
        await using TestMesh other = await TestMesh.StartAsync(broker: broker, log: LogKind.Required);
        using TestKey key = await mesh.MakeKeyAsync([KeyCapability.Admin]);
        TestInvite invite = await mesh.Log.InviteAsync();
        TestInvite others = await other.Log.InviteAsync();

        Assert.Equal(202, (await key.PostAsync($"/invites/{invite.Id}/mail", """{"email":"ann@example.org"}""")).Status);
        Assert.Equal("invite_not_found", (await key.PostAsync($"/invites/{others.Id}/mail", """{"email":"ann@example.org"}""")).Code);
        Assert.Equal("invalid_args", (await key.PostAsync($"/invites/{invite.Id}/mail", """{"email":"ann@example.org\r\nBcc: x@y"}""")).Code);
        await mesh.Log.AppendAsync(new Protocol.Log.LogBody.Uninvite(invite.Id));
        Assert.Equal("invite_revoked", (await key.PostAsync($"/invites/{invite.Id}/mail", """{"email":"ann@example.org"}""")).Code);
    }

    [Fact]
    public async Task A_workspace_writes_no_more_letters_than_it_may()
    {
        FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());
        await using TestBroker broker = await StartAsync(clock);
        await using TestMesh mesh = await TestMesh.StartAsync(clock, broker, log: LogKind.Required);
        await using TestPeer owner = await mesh.OwnerAsync();
        TestInvite invite = await mesh.Log.InviteAsync();
        InviteMail request = new(InviteId.Parse(invite.Id), EmailAddress.Parse("ann@example.org"));

        for (int i = 0; i < 20; i++)
            Assert.Null((await owner.AskAsync(request)).Code());
        Assert.Equal("invite_mail_rate", (await owner.AskAsync(request)).Code());
        clock.Advance(TimeSpan.FromMinutes(3));
        await using TestPeer later = await mesh.OwnerMember().ConnectAsync("later");
        Assert.Null((await later.AskAsync(request)).Code());
    }

    [Fact]
    public async Task A_broker_without_mail_says_so()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer owner = await mesh.OwnerAsync();
        TestInvite invite = await mesh.Log.InviteAsync();

        Assert.Equal("mail_absent", (await owner.AskAsync(new InviteMail(InviteId.Parse(invite.Id), EmailAddress.Parse("ann@example.org")))).Code());
    }

    /// <summary>Letters wait, and nobody takes them to a server.</summary>
    private static Task<TestBroker> StartAsync(TimeProvider? clock = null) => TestBroker.StartAsync(
        clock,
        settings => settings with { Mail = MailServer.Parse("smtp://127.0.0.1:2525", "mesh@example.org") },
        services => services.Remove(services.Single(service => service.ImplementationType == typeof(MailService))));
}
