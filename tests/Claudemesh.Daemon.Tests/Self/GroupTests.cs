using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Self;

/// <summary>Joining and leaving groups, with the broker itself.</summary>
public sealed class GroupTests : IAsyncLifetime
{
    private TestBroker broker = null!;
    private RunningDaemon alice = null!;
    private RunningDaemon bob = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync();
        (alice, bob) = await RunningDaemon.StartAliceAndBobAsync(broker.Url.ToString());
        await Eventually.TrueAsync("bob is there", async () => (await Ok.Async(alice.Client.ListPeersAsync(null, default))).Peers.Count == 2);
    }

    public async ValueTask DisposeAsync()
    {
        await bob.DisposeAsync();
        await alice.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task What_is_sent_to_a_group_reaches_who_has_joined_and_not_who_has_left()
    {
        Local.Self joined = await ChangeAsync(bob, new ChangeSelf(new WhoAmI(), Join: new GroupRole("backend", "lead")));
        Assert.Equal((new GroupRole("backend", "lead"), true), (Assert.Single(joined.Groups), joined.Told));
        RecipientStatus group = Assert.Single((await Ok.Async(alice.Client.SendAsync(new SendMessage("@backend", "release", Wait: "delivered"), default))).Recipients);
        Assert.Equal(("@backend", 1, 1), (group.Name, group.Counts!.Recipients, group.Counts.Delivered));

        Assert.Empty((await ChangeAsync(bob, new ChangeSelf(new WhoAmI(), Leave: "backend"))).Groups);
        LocalReply<SendResult> nobody = await alice.Client.SendAsync(new SendMessage("@backend", "again"), default);

        Assert.Equal(LocalErrors.NoRecipients, nobody.Problem?.Error);
        Assert.Equal("release", Assert.Single((await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(), default))).Items).Text);
    }

    [Fact]
    public async Task A_group_that_was_left_while_the_broker_was_away_is_left_when_it_is_back()
    {
        await ChangeAsync(bob, new ChangeSelf(new WhoAmI(), Join: new GroupRole("backend")));
        await Eventually.TrueAsync("alice sees the group", async () => (await GroupsAsync(alice)).Length == 1);
        await broker.StopAsync();
        await Eventually.TrueAsync(
            "bob has noticed", async () => !(await Ok.Async(bob.Client.ReadSelfAsync(new WhoAmI(), default))).Selves.Single().Told);
        Assert.False((await ChangeAsync(bob, new ChangeSelf(new WhoAmI(), Leave: "backend"))).Told);

        await broker.StartAgainAsync();
        await Eventually.TrueAsync(
            "bob is told of", async () => (await Ok.Async(bob.Client.ReadSelfAsync(new WhoAmI(), default))).Selves.Single().Told);
        await Eventually.TrueAsync("nobody is in the group", async () => (await GroupsAsync(alice)).Length == 0);
    }

    [Fact]
    public async Task The_list_has_each_group_with_its_members_and_says_which_are_mine()
    {
        await ChangeAsync(alice, new ChangeSelf(new WhoAmI(), Join: new GroupRole("backend", "lead")));
        await ChangeAsync(bob, new ChangeSelf(new WhoAmI(), Join: new GroupRole("backend")));
        await ChangeAsync(bob, new ChangeSelf(new WhoAmI(), Join: new GroupRole("ops")));
        Group[] groups = await GroupsAsync(alice);

        Assert.Equal([("backend", true, "lead"), ("ops", false, null)], groups.Select(group => (group.Name, group.Mine, group.Role)));
        Assert.Equal(["alice", "bob"], groups[0].Members);
        Assert.Equal(["bob"], groups[1].Members);
    }

    [Fact]
    [Trait("cli", "7 ids: done, said of what changed nothing")]
    public async Task Leaving_a_group_that_one_is_not_in_is_a_mistake_and_the_near_one_is_named()
    {
        await ChangeAsync(bob, new ChangeSelf(new WhoAmI(), Join: new GroupRole("backend")));
        LocalReply<Local.Self> reply = await bob.Client.ChangeSelfAsync(new ChangeSelf(new WhoAmI(), Leave: "bakend"), default);

        Assert.Equal((LocalErrors.GroupNotFound, (int)ExitCode.NotFound), (reply.Problem?.Error, reply.Problem?.ExitCode));
        Assert.Equal("You are not in @bakend of acme. Did you mean '@backend'?", reply.Problem!.Detail);
    }

    [Fact]
    public async Task A_session_joins_for_itself()
    {
        await Ok.Async(bob.Client.OpenSessionAsync(new OpenSession("s1", "billing", "/src", Environment.ProcessId), default));
        await ChangeAsync(bob, new ChangeSelf(new WhoAmI(Session: "s1"), Join: new GroupRole("payments")));
        SendResult sent = await Ok.Async(alice.Client.SendAsync(new SendMessage("@payments", "audit", Wait: "delivered"), default));

        Assert.Equal("delivered", sent.State);
        Assert.Empty((await Ok.Async(bob.Client.ReadSelfAsync(new WhoAmI(Member: true), default))).Selves.Single().Groups);
    }

    private static Task<Local.Self> ChangeAsync(RunningDaemon daemon, ChangeSelf change) => Ok.Async(daemon.Client.ChangeSelfAsync(change, default));

    private static async Task<Group[]> GroupsAsync(RunningDaemon daemon) => [.. (await Ok.Async(daemon.Client.ListGroupsAsync("acme", default))).Groups];
}
