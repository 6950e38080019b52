using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests;

/// <summary>Daemons at a real broker: who is taken off stays away and says why; who leaves keeps nothing.</summary>
public sealed class ModerationTests : IAsyncLifetime
{
    private TestBroker broker = null!;
    private RunningDaemon alice = null!;
    private RunningDaemon bob = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync();
        alice = await RunningDaemon.StartAsync();
        bob = await RunningDaemon.StartAsync();
        await Ok.Async(alice.Client.CreateWorkspaceAsync(new CreateWorkspace("Acme", broker.Url.ToString(), "alice"), default));
        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));
        await Ok.Async(bob.Client.JoinWorkspaceAsync(new JoinWorkspace(invite.Url, "bob"), default));
        await IsAsync(bob, ConnectionStates.Open);
    }

    public async ValueTask DisposeAsync()
    {
        await bob.DisposeAsync();
        await alice.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    [Trait("cli", "7 drift: a kick that is not obeyed")]
    public async Task A_kicked_daemon_stays_away_over_a_restart_until_its_person_reconnects_it()
    {
        TakenOff taken = await Ok.Async(alice.Client.KickAsync(new TakeOff("bob"), default));
        Assert.Equal("bob", Assert.Single(taken.Affected).Name);
        await IsAsync(bob, ConnectionStates.Kicked);
        await bob.RestartAsync();

        WorkspaceStatus status = await StatusAsync(bob);
        LocalProblem refused = (await bob.Client.SendAsync(new SendMessage("alice", "hello?"), default)).Problem!;
        Assert.Equal(ConnectionStates.Kicked, status.State);
        Assert.Contains("alice ended your connection to acme", status.Detail, StringComparison.Ordinal);
        Assert.Equal((LocalErrors.Kicked, (int)ExitCode.Denied), (refused.Error, refused.ExitCode));
        Assert.Contains("claudemesh daemon reconnect -w acme", refused.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain((await Ok.Async(alice.Client.ListPeersAsync("acme", default))).Peers, peer => peer.Name == "bob");

        Reconnected again = await Ok.Async(bob.Client.ReconnectAsync(new Reconnect("acme"), default));
        Assert.Equal(ConnectionStates.Open, Assert.Single(again.Workspaces).State);
        Assert.Equal("delivered", (await Ok.Async(bob.Client.SendAsync(new SendMessage("alice", "back", Wait: "delivered"), default))).State);
    }

    [Fact]
    public async Task A_disconnected_daemon_comes_back_by_itself()
    {
        TakenOff taken = await Ok.Async(alice.Client.DisconnectAsync(new TakeOff(All: true), default));

        Assert.Equal("bob", Assert.Single(taken.Affected).Name);
        await Eventually.TrueAsync("bob is back", async () =>
            (await Ok.Async(alice.Client.ListPeersAsync("acme", default))).Peers.Any(peer => peer.Name == "bob"));
        Assert.Equal("delivered", (await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "there?", Wait: "delivered"), default))).State);
    }

    [Fact]
    public async Task A_banned_daemon_stops_says_so_and_is_let_in_again_after_an_unban()
    {
        await Ok.Async(alice.Client.BanAsync(new BanMember("bob", "spam"), default));
        await IsAsync(bob, ConnectionStates.Removed);

        LocalProblem send = (await bob.Client.SendAsync(new SendMessage("alice", "why?"), default)).Problem!;
        LocalProblem peers = (await bob.Client.ListPeersAsync(null, default)).Problem!;
        Assert.Equal((LocalErrors.Removed, (int)ExitCode.Denied), (send.Error, send.ExitCode));
        Assert.Contains("alice removed you from acme: spam", send.Detail, StringComparison.Ordinal);
        Assert.Equal(LocalErrors.Removed, peers.Error);
        Assert.Equal(ConnectionStates.Removed, Assert.Single((await Ok.Async(bob.Client.ReconnectAsync(new Reconnect(), default))).Workspaces).State);
        Assert.Equal("bob", Assert.Single((await Ok.Async(alice.Client.ListBansAsync(null, default))).Bans).Name);

        await Ok.Async(alice.Client.UnbanAsync("bob", null, default));
        Assert.Equal(ConnectionStates.Open, Assert.Single((await Ok.Async(bob.Client.ReconnectAsync(new Reconnect(), default))).Workspaces).State);
        Assert.Equal("delivered", (await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "welcome", Wait: "delivered"), default))).State);
    }

    [Fact]
    public async Task What_a_banned_daemon_still_had_to_send_is_refused_and_what_waited_for_it_too()
    {
        await Ok.Async(bob.Client.ListPeersAsync(null, default));
        await bob.StopAsync();
        SendResult waiting = await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "for later", Wait: "accepted"), default));
        await broker.StopAsync();
        await bob.RestartAsync();
        SendResult queued = await Ok.Async(bob.Client.SendAsync(new SendMessage("alice", "queued"), default));
        await bob.StopAsync();
        await broker.StartAgainAsync();
        await IsAsync(alice, ConnectionStates.Open);

        await Ok.Async(alice.Client.BanAsync(new BanMember("bob"), default));
        await Eventually.TrueAsync("alice is told", async () => (await Ok.Async(alice.Client.FindMessageAsync(waiting.ClientMessageId, default))).State == "refused");
        await bob.RestartAsync();
        await Eventually.TrueAsync("bob is told", async () => (await Ok.Async(bob.Client.FindMessageAsync(queued.ClientMessageId, default))).State == "refused");

        Assert.Equal("recipient_removed", (await Ok.Async(alice.Client.FindMessageAsync(waiting.ClientMessageId, default))).Recipients[0].Reason);
        Assert.Contains("no longer a member", (await Ok.Async(bob.Client.FindMessageAsync(queued.ClientMessageId, default))).Recipients[0].Reason, StringComparison.Ordinal);
        Assert.Equal(0, (await StatusAsync(bob)).Pending);
    }

    [Fact]
    [Trait("cli", "7 lost features: grants that the client alone knew")]
    public async Task A_blocked_member_is_told_so_until_it_is_unblocked()
    {
        PeerGrant blocked = await Ok.Async(alice.Client.ChangeGrantAsync(new ChangeGrant("bob", Take: [Capabilities.All]), default));
        SendResult refused = await Ok.Async(bob.Client.SendAsync(new SendMessage("alice", "hello", Wait: "delivered", WaitMilliseconds: 60_000), default));
        Assert.Empty(blocked.Capabilities);
        Assert.Equal("refused", refused.State);
        Assert.Contains("blocked by recipient grants", refused.Recipients[0].Reason, StringComparison.Ordinal);
        Assert.Equal("bob", Assert.Single((await Ok.Async(alice.Client.ListGrantsAsync(null, default))).Grants).Name);

        PeerGrant given = await Ok.Async(alice.Client.ChangeGrantAsync(new ChangeGrant("bob", Give: ["file-read"], Reset: true), default));
        Assert.Equal(["read", "dm", "broadcast", "state-read", "file-read"], given.Capabilities);
        Assert.Equal("delivered", (await Ok.Async(bob.Client.SendAsync(new SendMessage("alice", "again", Wait: "delivered"), default))).State);
    }

    [Fact]
    public async Task An_invite_is_listed_until_it_is_revoked_and_who_comes_with_it_is_told()
    {
        Invite made = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(Uses: 2), default));
        OpenInvite open = Assert.Single((await Ok.Async(alice.Client.ListInvitesAsync(null, default))).Invites);
        Assert.Equal((2, 2, "alice", "member"), (open.UsesLeft, open.UsesMax, open.MadeBy, open.Role));

        await Ok.Async(alice.Client.RevokeInviteAsync(open.Id[..8], null, default));
        await using RunningDaemon carol = await RunningDaemon.StartAsync();
        LocalProblem refused = (await carol.Client.JoinWorkspaceAsync(new JoinWorkspace(made.Url, "carol"), default)).Problem!;
        Assert.Equal(("invite_revoked", (int)ExitCode.BadArguments), (refused.Error, refused.ExitCode));
        Assert.Empty((await Ok.Async(alice.Client.ListInvitesAsync(null, default))).Invites);
        Assert.Equal("invite_not_found", (await alice.Client.RevokeInviteAsync(open.Id, null, default)).Problem!.Error);
    }

    [Fact]
    public async Task Who_leaves_keeps_nothing_and_may_come_back_with_an_invite_as_somebody_new()
    {
        await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "before", Wait: "delivered"), default));
        string key = Assert.Single((await Ok.Async(bob.Client.ListWorkspacesAsync(default))).Workspaces).MemberKey;

        LeftWorkspace left = await Ok.Async(bob.Client.LeaveWorkspaceAsync(new LeaveWorkspace("acme"), default));
        Assert.True(left.Told);
        Assert.Empty((await Ok.Async(bob.Client.ListWorkspacesAsync(default))).Workspaces);
        Assert.Empty((await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(), default))).Items);
        Assert.Equal(LocalErrors.DaemonUnreachable, (await bob.At("acme").GetVersionAsync(default)).Problem!.Error);
        Assert.DoesNotContain((await Ok.Async(alice.Client.ListMembersAsync("acme", default))).Members, member => member.Name == "bob");

        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));
        Workspace again = await Ok.Async(bob.Client.JoinWorkspaceAsync(new JoinWorkspace(invite.Url, "bob"), default));
        Assert.NotEqual(key, again.MemberKey);
        Assert.Equal("delivered", (await Ok.Async(bob.Client.SendAsync(new SendMessage("alice", "new", Wait: "delivered"), default))).State);
    }

    [Fact]
    public async Task An_owner_with_members_is_told_to_stay_and_nothing_is_deleted()
    {
        LocalProblem refused = (await alice.Client.LeaveWorkspaceAsync(new LeaveWorkspace("acme"), default)).Problem!;

        Assert.Equal(("owner_must_stay", (int)ExitCode.Denied), (refused.Error, refused.ExitCode));
        Assert.Single((await Ok.Async(alice.Client.ListWorkspacesAsync(default))).Workspaces);
        Assert.Equal("delivered", (await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "still here", Wait: "delivered"), default))).State);
    }

    [Fact]
    public async Task A_broker_that_is_gone_keeps_nobody_from_deleting_a_workspace_here()
    {
        await broker.StopAsync();

        LocalProblem refused = (await bob.Client.LeaveWorkspaceAsync(new LeaveWorkspace("acme"), default)).Problem!;
        LeftWorkspace left = await Ok.Async(bob.Client.LeaveWorkspaceAsync(new LeaveWorkspace("acme", HereOnly: true), default));

        Assert.Equal((LocalErrors.BrokerUnreachable, (int)ExitCode.Network), (refused.Error, refused.ExitCode));
        Assert.Contains("--here-only", refused.Detail, StringComparison.Ordinal);
        Assert.False(left.Told);
        Assert.Empty((await Ok.Async(bob.Client.ListWorkspacesAsync(default))).Workspaces);
    }

    [Fact]
    [Trait("cli", "7 naming: a workspace's slug and its name")]
    public async Task A_renamed_workspace_answers_to_its_new_name_at_once_and_its_sessions_stay()
    {
        await Ok.Async(alice.Client.OpenSessionAsync(new OpenSession("s1", "reviewer", "/src", Environment.ProcessId), default));

        Workspace renamed = await Ok.Async(alice.Client.RenameWorkspaceAsync(new RenameWorkspace("acme", "acme-labs", "Acme Labs"), default));

        Assert.Equal(("acme-labs", "Acme Labs"), (renamed.Slug, renamed.Name));
        Assert.Equal(LocalErrors.WorkspaceNotFound, (await alice.Client.ListPeersAsync("acme", default)).Problem!.Error);
        await Eventually.TrueAsync("the session is there", async () =>
            (await Ok.Async(alice.At("acme-labs").ListPeersAsync(null, default))).Peers.Any(peer => peer.SessionId == "s1"));
        Assert.Equal("delivered", (await Ok.Async(bob.Client.SendAsync(new SendMessage("alice", "hi", Wait: "delivered"), default))).State);
        Assert.Equal("forbidden", (await bob.Client.RenameWorkspaceAsync(new RenameWorkspace("acme", "mine"), default)).Problem!.Error);
        await alice.RestartAsync();
        Assert.Equal("acme-labs", Assert.Single((await Ok.Async(alice.Client.ListWorkspacesAsync(default))).Workspaces).Slug);
    }

    [Theory]
    [InlineData(null, false, null)]
    [InlineData("bob", true, null)]
    [InlineData(null, false, 0L)]
    [InlineData("", false, null)]
    public async Task Whom_a_kick_is_about_is_said_in_exactly_one_way(string? peer, bool all, long? stale) =>
        Assert.Equal(LocalErrors.InvalidRequest, (await alice.Client.KickAsync(new TakeOff(peer, all, stale), default)).Problem!.Error);

    [Fact]
    public async Task A_member_is_refused_what_only_admins_may()
    {
        LocalProblem[] refused =
        [
            (await bob.Client.KickAsync(new TakeOff("alice"), default)).Problem!,
            (await bob.Client.DisconnectAsync(new TakeOff(All: true), default)).Problem!,
            (await bob.Client.BanAsync(new BanMember("alice"), default)).Problem!,
            (await bob.Client.UnbanAsync("alice", null, default)).Problem!,
            (await bob.Client.ListBansAsync(null, default)).Problem!,
            (await bob.Client.ListInvitesAsync(null, default)).Problem!,
            (await bob.Client.RevokeInviteAsync("abcdef", null, default)).Problem!,
        ];

        Assert.All(refused, problem => Assert.Equal(("forbidden", (int)ExitCode.Denied), (problem.Error, problem.ExitCode)));
    }

    private static async Task<WorkspaceStatus> StatusAsync(RunningDaemon daemon) =>
        Assert.Single((await Ok.Async(daemon.Client.GetStatusAsync(default))).Workspaces);

    private static Task IsAsync(RunningDaemon daemon, string state) =>
        Eventually.TrueAsync($"the connection is {state}", async () => (await StatusAsync(daemon)).State == state);
}
