using Claudemesh.Crypto;
using Claudemesh.Daemon.Rekeying;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Daemon.Tests.Rekeying;

/// <summary>What 1.x peers wrote to a member's old key, and to a session that it vouched for.</summary>
public sealed class RekeySessionTests : IAsyncLifetime
{
    // The broker moves what waits for a session whose key is gone once a minute; its clock is the test's, and stays near enough to the daemons'.
    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());
    private TestBroker broker = null!;
    private RunningDaemon alice = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync(clock);
        alice = await RunningDaemon.StartAsync();
        await Ok.Async(alice.Client.CreateWorkspaceAsync(new CreateWorkspace("Acme", broker.Url.ToString(), "alice", Mixed: true), default));
    }

    public async ValueTask DisposeAsync()
    {
        await alice.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task A_box_for_the_old_key_and_one_for_a_session_of_it_open_under_the_new_key()
    {
        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(Legacy: true), default));
        using LegacyPerson mou = await LegacyPerson.JoinAsync(broker.Url, invite.Url, "mou");
        await using TestSocket socket = await mou.ConnectAsync();
        await Ok.Async(alice.Client.OpenSessionAsync(new OpenSession("s1", "reviewer", "/src", Environment.ProcessId), default));
        LiveWorkspace before = Assert.Single(alice.Part<JoinedWorkspaces>().All);
        (string member, string session) = (before.Identity.Public.ToString(), before.Identity.GetSession("s1").Key.Public.ToString());
        await mou.WriteAsync(socket, session, "first, so that the session is known");
        await RekeyScene.NextAsync(alice, "first, so that the session is known");
        await alice.StopAsync();
        await mou.WriteAsync(socket, member, "a box for the old key");
        await mou.WriteAsync(socket, session, "a box for the old session");

        await alice.RestartAsync();
        using MemberSecretKey key = MemberSecretKey.Generate();
        LocalReply<LiveWorkspace> changed = await alice.Part<Rekey>().ChangeAsync(
            Assert.Single(alice.Part<JoinedWorkspaces>().All), key, compromised: false, CancellationToken.None);
        Assert.True(changed.Succeeded, changed.Problem?.Detail);

        Assert.Equal("box", (await RekeyScene.NextAsync(alice, "a box for the old key")).Encryption);
        for (int i = 0; i < 3; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(20));
            await Ok.Async(alice.Client.ListPeersAsync(null, default));
        }

        Assert.Equal("box", (await RekeyScene.NextAsync(alice, "a box for the old session")).Encryption);
    }
}
