using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Keys;

/// <summary>Who comes in, what he reads, and what he does not read any more: daemons and the broker itself, in this process.</summary>
public sealed class MembershipTests : IAsyncLifetime
{
    private readonly List<RunningDaemon> others = [];
    private TestBroker broker = null!;
    private RunningDaemon alice = null!;
    private RunningDaemon bob = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync();
        (alice, bob) = await RunningDaemon.StartAliceAndBobAsync(broker.Url.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RunningDaemon daemon in others.Append(bob).Append(alice))
            await daemon.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task Who_joins_with_a_link_reads_at_once_with_nobody_else_online()
    {
        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));
        await alice.StopAsync();
        await bob.StopAsync();

        RunningDaemon carol = await JoinAsync(invite.Url, "carol");
        LogCheck check = await Ok.Async(carol.Client.CheckLogAsync(null, default));
        Assert.Equal((true, true, 3), (check.Sound, check.RootInHand, check.Members));
        Assert.Equal("accepted", (await Ok.Async(carol.Client.SendAsync(new SendMessage("*", "hello", Wait: "accepted"), default))).State);

        await bob.RestartAsync();
        Assert.Equal("hello", (await NextAsync(bob, "hello")).Text);
    }

    [Fact]
    public async Task Who_comes_without_the_secret_waits_until_an_admin_admits_him_and_then_reads()
    {
        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));
        RunningDaemon carol = await JoinAsync(invite.Url[..invite.Url.IndexOf('#', StringComparison.Ordinal)], "carol");
        await Eventually.TrueAsync("she waits", async () => (await OwnAsync(carol)).Waiting);
        Assert.Equal(LocalErrors.NotAdmitted, (await carol.Client.CreateInviteAsync(new CreateInvite(), default)).Problem!.Error);

        ChangedMember admitted = await Ok.Async(alice.Client.AdmitMemberAsync(new AdmitMember("carol"), default));
        Assert.Equal(("carol", "member"), (admitted.Name, admitted.Role));
        await Ok.Async(carol.Client.ReconnectAsync(new Reconnect(), default));
        Assert.Equal("delivered", (await Ok.Async(alice.Client.SendAsync(new SendMessage("*", "welcome", Wait: "delivered"), default))).State);
        Assert.Equal("welcome", (await NextAsync(carol, "welcome")).Text);
        Assert.False((await OwnAsync(carol)).Waiting);
    }

    [Fact]
    public async Task A_removed_member_has_no_root_of_what_comes_after()
    {
        RunningDaemon carol = await JoinAsync((await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default))).Url, "carol");
        await Ok.Async(alice.Client.SendAsync(new SendMessage("*", "before", Wait: "delivered"), default));
        ChangedMember removed = await Ok.Async(alice.Client.RemoveMemberAsync(new RemoveMember("carol", "left the company"), default));
        Assert.Equal(("none", 2L), (removed.Role, removed.Epoch));

        Assert.Equal("delivered", (await Ok.Async(bob.Client.SendAsync(new SendMessage("*", "after", Wait: "delivered"), default))).State);
        Assert.DoesNotContain((await Ok.Async(carol.Client.ReadInboxAsync(new InboxQuery(), default))).Items, item => item.Text == "after");
        LogListing log = await Ok.Async(bob.Client.ShowLogAsync(null, default));
        Assert.Equal(["remove", "epoch"], log.Entries.TakeLast(2).Select(entry => entry.Type));
        Assert.Contains("left the company", log.Entries[^2].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_leaves_makes_a_rotation_due_and_whoever_sends_first_rotates()
    {
        RunningDaemon carol = await JoinAsync((await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default))).Url, "carol");
        await Ok.Async(carol.Client.LeaveWorkspaceAsync(new LeaveWorkspace("acme"), default));
        await Eventually.TrueAsync("bob has heard", async () => (await Ok.Async(bob.Client.CheckLogAsync(null, default))).RotationDue);

        // A member, and nobody else, is there.
        await alice.StopAsync();
        Assert.Equal("accepted", (await Ok.Async(bob.Client.SendAsync(new SendMessage("*", "still here", Wait: "accepted"), default))).State);
        LogCheck check = await Ok.Async(bob.Client.CheckLogAsync(null, default));
        Assert.Equal((2L, false), (check.Epoch, check.RotationDue));

        await alice.RestartAsync();
        Assert.Equal("still here", (await NextAsync(alice, "still here")).Text);
    }

    [Fact]
    public async Task A_member_who_was_offline_for_thirty_epochs_reads_all_of_them()
    {
        await bob.StopAsync();
        for (int i = 1; i <= 30; i++)
        {
            RotatedKeys rotated = await Ok.Async(alice.Client.RotateKeysAsync(new RotateKeys(), default));
            Assert.Equal(i + 1, rotated.Epoch);
            await Ok.Async(alice.Client.SendAsync(new SendMessage("*", $"epoch {i + 1}", Wait: "accepted"), default));
        }

        await bob.RestartAsync();
        await Eventually.TrueAsync("all have arrived", async () => (await Ok.Async(bob.Client.GetStatusAsync(default))).Unread == 30);
        InboxPage page = await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(), default));
        Assert.Equal(Enumerable.Range(2, 30).Select(i => $"epoch {i}"), page.Items.Select(item => item.Text));
        Assert.All(page.Items, item => Assert.True(item.Verified));
    }

    [Fact]
    public async Task Of_two_admins_who_rotate_at_once_both_succeed_one_after_the_other()
    {
        await Ok.Async(alice.Client.ChangeRoleAsync(new ChangeRole("bob", "admin"), default));
        Task<RotatedKeys>[] both =
        [
            .. Enumerable.Range(0, 6).Select(i => Ok.Async((i % 2 == 0 ? alice : bob).Client.RotateKeysAsync(new RotateKeys(), default))),
        ];
        RotatedKeys[] rotated = await Task.WhenAll(both);

        Assert.Equal([2L, 3, 4, 5, 6, 7], rotated.Select(one => one.Epoch).Order());
        await Ok.Async(alice.Client.SendAsync(new SendMessage("*", "from alice", Wait: "delivered"), default));
        await Ok.Async(bob.Client.SendAsync(new SendMessage("*", "from bob", Wait: "delivered"), default));
        (LogCheck one, LogCheck other) = (await Ok.Async(alice.Client.CheckLogAsync(null, default)), await Ok.Async(bob.Client.CheckLogAsync(null, default)));
        Assert.Equal((true, one.Seq, one.Head), (other.Sound, other.Seq, other.Head));
    }

    [Fact]
    public async Task After_a_rotation_without_history_a_newcomer_does_not_have_the_past()
    {
        await Ok.Async(alice.Client.RotateKeysAsync(new RotateKeys(History: false), default));
        RunningDaemon carol = await JoinAsync((await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default))).Url, "carol");

        LogListing log = await Ok.Async(carol.Client.ShowLogAsync(null, default));
        Assert.Contains(log.Entries, entry => entry.Text.Contains("without the past", StringComparison.Ordinal));
        Assert.Equal("delivered", (await Ok.Async(carol.Client.SendAsync(new SendMessage("*", "hi", Wait: "delivered"), default))).State);
    }

    [Fact]
    public async Task A_role_that_is_given_lets_the_member_do_what_it_could_not()
    {
        Assert.Equal("forbidden", (await bob.Client.CreateInviteAsync(new CreateInvite(), default)).Problem!.Error);
        Assert.Equal("admin", (await Ok.Async(alice.Client.ChangeRoleAsync(new ChangeRole("bob", "admin"), default))).Role);
        await Ok.Async(bob.Client.CreateInviteAsync(new CreateInvite(), default));
        Assert.Equal("forbidden", (await bob.Client.CreateInviteAsync(new CreateInvite(Role: "admin"), default)).Problem!.Error);

        Assert.Equal("owner", (await Ok.Async(alice.Client.ChangeRoleAsync(new ChangeRole("bob", "owner"), default))).Role);
        Assert.Equal(("admin", "owner"), ((await OwnAsync(alice)).Role, (await RefreshedAsync(bob)).Role));
        Assert.Equal("owner_must_stay", (await bob.Client.LeaveWorkspaceAsync(new LeaveWorkspace("acme"), default)).Problem!.Error);
    }

    [Fact]
    public async Task A_revoked_invite_lets_nobody_in_and_takes_the_root_out_of_its_holders_hands()
    {
        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(Uses: 5), default));
        Assert.Equal(invite.Id, Assert.Single((await Ok.Async(alice.Client.ListInvitesAsync(null, default))).Invites).Id);
        RevokedInvite revoked = await Ok.Async(alice.Client.RevokeInviteAsync(invite.Id[..6], null, default));
        Assert.Equal(invite.Id, revoked.Id);

        Assert.Empty((await Ok.Async(alice.Client.ListInvitesAsync(null, default))).Invites);
        Assert.Equal(2, (await Ok.Async(alice.Client.CheckLogAsync(null, default))).Epoch);
        await using RunningDaemon carol = await RunningDaemon.StartAsync();
        LocalProblem refused = (await carol.Client.JoinWorkspaceAsync(new JoinWorkspace(invite.Url, "carol"), default)).Problem!;
        Assert.Contains("Ask for a new link", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invite_is_used_once_by_the_first_and_refused_to_the_second()
    {
        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));
        await JoinAsync(invite.Url, "carol");
        await using RunningDaemon dave = await RunningDaemon.StartAsync();

        LocalProblem refused = (await dave.Client.JoinWorkspaceAsync(new JoinWorkspace(invite.Url, "dave"), default)).Problem!;
        Assert.NotEqual((int)ExitCode.Internal, refused.ExitCode);
        Assert.Empty((await Ok.Async(dave.Client.ListWorkspacesAsync(default))).Workspaces);
    }

    [Fact]
    public async Task A_link_opened_twice_is_one_membership()
    {
        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(Uses: 3), default));
        RunningDaemon carol = await JoinAsync(invite.Url, "carol");
        Workspace again = await Ok.Async(carol.Client.JoinWorkspaceAsync(new JoinWorkspace(invite.Url, "carol"), default));

        Assert.Equal((await OwnAsync(carol)).MemberKey, again.MemberKey);
        Assert.Equal(3, (await Ok.Async(carol.Client.CheckLogAsync(null, default))).Members);
    }

    [Theory]
    [InlineData("not a link", "copy it whole")]
    [InlineData("https://HOST/i/0123456789abcdef0123456789abcdef#3.AAAAAAAAAAAAAAAAAAAAAA", "knows no such invite")]
    [InlineData("https://HOST/i/abc#4.zzz", "copy it whole")]
    public async Task A_link_that_is_none_is_told_in_one_sentence(string link, string words)
    {
        string host = broker.Url.ToString().TrimEnd('/');
        LocalProblem refused = (await bob.Client.JoinWorkspaceAsync(
            new JoinWorkspace(link.Replace("https://HOST", host, StringComparison.Ordinal), "bob"), default)).Problem!;
        Assert.Contains(words, refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_with_another_secret_than_its_own_is_refused_before_anything_is_signed()
    {
        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));
        string altered = invite.Url[..^4] + (invite.Url.EndsWith("AAAA", StringComparison.Ordinal) ? "BBBA" : "AAAA");
        await using RunningDaemon carol = await RunningDaemon.StartAsync();

        LocalProblem refused = (await carol.Client.JoinWorkspaceAsync(new JoinWorkspace(altered, "carol"), default)).Problem!;
        Assert.Equal(LocalErrors.InvalidInvite, refused.Error);
        Assert.Equal(2, (await Ok.Async(alice.Client.CheckLogAsync(null, default))).Members);
    }

    [Fact]
    public async Task The_long_link_of_1x_lets_its_holder_wait_and_its_admission_lets_him_read()
    {
        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(Legacy: true), default));
        Assert.Contains("/join/", invite.Url, StringComparison.Ordinal);
        RunningDaemon carol = await JoinAsync(invite.Url, "carol");
        await Eventually.TrueAsync("she waits", async () => (await OwnAsync(carol)).Waiting);

        await Ok.Async(alice.Client.AdmitMemberAsync(new AdmitMember("carol"), default));
        await Ok.Async(carol.Client.ReconnectAsync(new Reconnect(), default));
        Assert.Equal("delivered", (await Ok.Async(carol.Client.SendAsync(new SendMessage("*", "in", Wait: "delivered"), default))).State);
    }

    [Fact]
    public async Task Everything_that_is_known_survives_a_restart_of_the_daemon()
    {
        LogCheck before = await Ok.Async(bob.Client.CheckLogAsync(null, default));
        await broker.StopAsync();
        await bob.RestartAsync();

        LogCheck after = await Ok.Async(bob.Client.CheckLogAsync(null, default));
        Assert.Equal((before.Seq, before.Head, true, true), (after.Seq, after.Head, after.RootInHand, after.Sound));
        await broker.StartAgainAsync();
        Assert.Equal("delivered", (await Ok.Async(bob.Client.SendAsync(new SendMessage("*", "back", Wait: "delivered"), default))).State);
    }

    private async Task<RunningDaemon> JoinAsync(string link, string name)
    {
        RunningDaemon daemon = await RunningDaemon.StartAsync();
        others.Add(daemon);
        await Ok.Async(daemon.Client.JoinWorkspaceAsync(new JoinWorkspace(link, name), default));
        return daemon;
    }

    private static async Task<Workspace> OwnAsync(RunningDaemon daemon) =>
        Assert.Single((await Ok.Async(daemon.Client.ListWorkspacesAsync(default))).Workspaces);

    private static async Task<Workspace> RefreshedAsync(RunningDaemon daemon)
    {
        await Ok.Async(daemon.Client.CheckLogAsync(null, default));
        return await OwnAsync(daemon);
    }

    private static async Task<InboxItem> NextAsync(RunningDaemon daemon, string text)
    {
        InboxItem? found = null;
        await Eventually.TrueAsync($"{text} is there", async () =>
            (found = (await Ok.Async(daemon.Client.ReadInboxAsync(new InboxQuery(), default))).Items.FirstOrDefault(item => item.Text == text)) is not null);
        return found!;
    }
}
