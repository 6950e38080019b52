using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Self;

/// <summary>What a person says of himself is his, not his connection's. Two daemons and the broker itself.</summary>
public sealed class SelfTests : IAsyncLifetime
{
    private TestBroker broker = null!;
    private RunningDaemon alice = null!;
    private RunningDaemon bob = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync();
        (alice, bob) = await RunningDaemon.StartAliceAndBobAsync(broker.Url.ToString());
        await BobSeesAsync("alice is there", _ => true);
    }

    public async ValueTask DisposeAsync()
    {
        await bob.DisposeAsync();
        await alice.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task What_is_said_is_seen_by_the_others_also_after_the_broker_and_the_daemon_began_anew()
    {
        var profile = new Profile("Engineer", "I mend builds.", "🦊", ["review", "deploy"]);
        Local.Self said = await ChangeAsync(new ChangeSelf(new WhoAmI(), "Alice B.", PeerStatuses.Working, "fixing the build", Profile: profile));
        Assert.True(said.Told);
        bool IsAsSaid(Peer peer) => (peer.Name, peer.Status, peer.Summary, peer.Profile?.Title, peer.Profile?.Bio, peer.Profile?.Avatar)
            == ("Alice B.", "working", "fixing the build", profile.Title, profile.Bio, profile.Avatar) && peer.Profile!.Capabilities!.SequenceEqual(["review", "deploy"]);
        await BobSeesAsync("alice as she said", IsAsSaid);

        await broker.RestartAsync();
        await BobSeesAsync("alice as she said, after the broker began anew", IsAsSaid);

        await alice.RestartAsync();
        await BobSeesAsync("alice as she said, after her daemon began anew", IsAsSaid);
        Assert.Equal("Alice B.", (await Ok.Async(alice.Client.ListWorkspacesAsync(default))).Workspaces.Single().DisplayName);
    }

    [Fact]
    public async Task A_change_keeps_what_it_does_not_name_and_an_empty_text_removes()
    {
        await ChangeAsync(new ChangeSelf(new WhoAmI(), Summary: "s", Profile: new Profile("t", "b", "a", ["c"])));
        Local.Self changed = await ChangeAsync(new ChangeSelf(new WhoAmI(), Summary: "", Profile: new Profile(Bio: "", Capabilities: [])));

        Assert.Equal((null, "t", null, "a", null), (changed.Summary, changed.Profile.Title, changed.Profile.Bio, changed.Profile.Avatar, changed.Profile.Capabilities));
        await BobSeesAsync(
            "that the rest is gone",
            peer => peer is { Summary: null, Profile: { Title: "t", Bio: null, Avatar: "a", Capabilities: null } });
    }

    [Fact]
    public async Task What_is_said_while_the_broker_is_away_is_kept_and_told_when_it_is_back()
    {
        await broker.StopAsync();
        await Eventually.TrueAsync("alice has noticed", async () => !(await SelfAsync()).Told);
        Local.Self said = await ChangeAsync(new ChangeSelf(new WhoAmI(), Summary: "in the train"));
        Assert.Equal(("in the train", false), (said.Summary, said.Told));

        await broker.StartAgainAsync();
        await BobSeesAsync("the summary", peer => peer.Summary == "in the train");

        // Bob may hear of it before the answer to alice is there.
        await Eventually.TrueAsync("alice knows that it was told", async () => (await SelfAsync()).Told);
    }

    [Fact]
    public async Task Who_is_not_to_be_disturbed_gets_now_at_once_and_the_rest_afterwards_also_over_a_restart()
    {
        await ChangeAsync(new ChangeSelf(new WhoAmI(), Status: PeerStatuses.Dnd));
        await BobSendsAsync("later", Priorities.Next);
        await BobSendsAsync("some day", Priorities.Low);
        await alice.RestartAsync();
        Assert.Equal(PeerStatuses.Dnd, (await SelfAsync()).Status);
        SendResult urgent = await Ok.Async(bob.Client.SendAsync(new SendMessage("alice", "fire", Priorities.Now, Wait: "delivered"), default));
        Assert.Equal("delivered", urgent.State);
        Assert.Equal(["fire"], await TextsAsync());

        await ChangeAsync(new ChangeSelf(new WhoAmI(), Status: PeerStatuses.Idle));
        await Eventually.TrueAsync("the rest is there", async () => (await TextsAsync()).Length == 3);

        // Between different priorities there is no order.
        Assert.Equal(["fire", "later", "some day"], (await TextsAsync()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Who_hides_is_listed_to_himself_only_is_reached_all_the_same_and_stays_hidden_over_a_restart()
    {
        await Ok.Async(alice.Client.OpenSessionAsync(new OpenSession("s1", "billing", "/src", Environment.ProcessId), default));
        await BobSeesAsync("the session", peer => peer.SessionId == "s1");
        Assert.False((await ChangeAsync(new ChangeSelf(new WhoAmI(Member: true), Visible: false))).Visible);
        await BobSeesNobodyAsync();
        Assert.Equal(2, (await Ok.Async(alice.Client.ListPeersAsync(null, default))).Peers.Count(peer => peer is { Self: true, Visible: false }));

        await alice.RestartAsync();
        Assert.Equal("delivered", (await Ok.Async(bob.Client.SendAsync(new SendMessage("alice", "psst", Wait: "delivered"), default))).State);
        await BobSeesNobodyAsync();

        await ChangeAsync(new ChangeSelf(new WhoAmI(Member: true), Visible: true));
        await BobSeesAsync("alice again", peer => peer.SessionId != "s1");
    }

    [Fact]
    public async Task A_session_speaks_for_itself_and_says_what_its_member_says_where_it_is_silent()
    {
        await Ok.Async(alice.Client.OpenSessionAsync(new OpenSession("s1", "billing", "/src", Environment.ProcessId), default));
        await ChangeAsync(new ChangeSelf(new WhoAmI(Session: "BILLING"), Summary: "the session's own"));
        await ChangeAsync(new ChangeSelf(new WhoAmI(Member: true), Status: PeerStatuses.Dnd));
        await BobSeesAsync("the session as disturbed as its member", peer => peer is { SessionId: "s1", Summary: "the session's own", Status: "dnd" });

        await ChangeAsync(new ChangeSelf(new WhoAmI(Session: "s1"), Status: PeerStatuses.Working));
        await BobSeesAsync("the session at work", peer => peer is { SessionId: "s1", Status: "working" });
        await BobSeesAsync("the member not to be disturbed", peer => peer is { Status: "dnd", Summary: null } && peer.Key == peer.MemberKey);
    }

    [Fact]
    public async Task What_a_session_says_of_itself_is_said_again_when_it_is_opened_after_the_daemon_began_anew()
    {
        var opening = new OpenSession("s1", "billing", "/src", Environment.ProcessId);
        await Ok.Async(alice.Client.OpenSessionAsync(opening, default));
        await ChangeAsync(new ChangeSelf(new WhoAmI(Session: "s1"), Status: PeerStatuses.Working, Summary: "the session's own", Join: new GroupRole("payments")));
        bool IsAsSaid(Peer peer) => peer is { SessionId: "s1", Status: "working", Summary: "the session's own" } && peer.Groups.Count == 1;
        await BobSeesAsync("the session as it said", IsAsSaid);

        await alice.RestartAsync();
        await BobSeesAsync("the member alone", peer => peer is { Status: "idle", Summary: null } && peer.Key == peer.MemberKey);
        await Ok.Async(alice.Client.OpenSessionAsync(opening, default));

        await BobSeesAsync("the session as it said, after the daemon began anew", IsAsSaid);
        Local.Self self = Assert.Single((await Ok.Async(alice.Client.ReadSelfAsync(new WhoAmI(Session: "s1"), default))).Selves);
        Assert.Equal(("working", "the session's own", "payments"), (self.Status, self.Summary, Assert.Single(self.Groups).Name));
    }

    [Fact]
    public async Task Who_asks_from_within_a_session_means_it()
    {
        await Ok.Async(alice.Client.OpenSessionAsync(new OpenSession("s1", "billing", "/src", Environment.ProcessId), default));
        // This process is the session's, and it is the one that asks.
        Assert.Equal("s1", (await SelfAsync()).Session);
        Assert.Null((await SelfAsync(new WhoAmI(Member: true))).Session);

        await Ok.Async(alice.Client.OpenSessionAsync(new OpenSession("s2", "docs", "/src", Environment.ProcessId), default));
        // Two sessions of one process: which is meant is not guessed, but the environment may say it.
        Assert.Null((await SelfAsync()).Session);
        Assert.Equal("s2", (await SelfAsync(new WhoAmI(Caller: "s2"))).Session);
        Assert.Null((await SelfAsync(new WhoAmI(Caller: "of another program"))).Session);
    }

    [Fact]
    public async Task A_session_that_is_not_open_is_refused_and_the_near_one_is_named()
    {
        await Ok.Async(alice.Client.OpenSessionAsync(new OpenSession("s1", "billing", "/src", Environment.ProcessId), default));
        LocalReply<Local.Self> reply = await alice.Client.ChangeSelfAsync(new ChangeSelf(new WhoAmI(Session: "biling"), Summary: "x"), default);

        Assert.Equal((LocalErrors.SessionNotFound, (int)ExitCode.NotFound), (reply.Problem?.Error, reply.Problem?.ExitCode));
        Assert.Equal("No session biling is open in acme. Did you mean 'billing'?", reply.Problem!.Detail);
    }

    [Fact]
    [Trait("cli", "7 scoping: a change in the first workspace there is")]
    public async Task In_several_workspaces_a_change_names_the_one_it_means_and_reading_shows_all()
    {
        await Ok.Async(alice.Client.CreateWorkspaceAsync(new CreateWorkspace("Other", broker.Url.ToString(), "alice"), default));
        LocalReply<Local.Self> reply = await alice.Client.ChangeSelfAsync(new ChangeSelf(new WhoAmI(), Summary: "x"), default);

        Assert.Equal((LocalErrors.WorkspaceRequired, (int)ExitCode.BadArguments), (reply.Problem?.Error, reply.Problem?.ExitCode));
        await ChangeAsync(new ChangeSelf(new WhoAmI("other"), Summary: "elsewhere"));
        SelfList all = await Ok.Async(alice.Client.ReadSelfAsync(new WhoAmI(), default));
        Assert.Equal([("acme", null), ("other", "elsewhere")], all.Selves.Select(self => (self.Workspace, self.Summary)));
    }

    [Theory]
    [InlineData("""{"about":{},"status":"asleep"}""", "A status is idle, working or dnd.")]
    [InlineData("""{"about":{},"join":{"name":"all"}}""", "is no name of a group")]
    [InlineData("""{"about":{},"name":" "}""", "A name is 1 to 80 characters")]
    public async Task What_cannot_be_said_is_refused_before_it_is_kept(string body, string why)
    {
        ChangeSelf change = System.Text.Json.JsonSerializer.Deserialize(body, LocalJson.Default.ChangeSelf)!;
        LocalReply<Local.Self> reply = await alice.Client.ChangeSelfAsync(change, default);

        Assert.Equal((int)ExitCode.BadArguments, reply.Problem?.ExitCode);
        Assert.Contains(why, reply.Problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_summary_beyond_the_limit_is_told_with_the_limit_and_its_length()
    {
        LocalReply<Local.Self> reply = await alice.Client.ChangeSelfAsync(new ChangeSelf(new WhoAmI(), Summary: new string('x', 1001)), default);
        Assert.Equal("A summary has at most 1000 characters, and this one has 1001.", reply.Problem?.Detail);
    }

    private static async Task<Local.Self> ChangeAsync(RunningDaemon daemon, ChangeSelf change) => await Ok.Async(daemon.Client.ChangeSelfAsync(change, default));

    private Task<Local.Self> ChangeAsync(ChangeSelf change) => ChangeAsync(alice, change);

    private async Task<Local.Self> SelfAsync(WhoAmI? who = null) =>
        Assert.Single((await Ok.Async(alice.Client.ReadSelfAsync(who ?? new WhoAmI(), default))).Selves);

    private async Task BobSendsAsync(string text, string priority) =>
        Assert.Equal("accepted", (await Ok.Async(bob.Client.SendAsync(new SendMessage("alice", text, priority, Wait: "accepted"), default))).State);

    private async Task<string?[]> TextsAsync() => [.. (await Ok.Async(alice.Client.ReadInboxAsync(new InboxQuery(), default))).Items.Select(item => item.Text)];

    /// <summary>Waits until one of the peers that are not bob's own is like that.</summary>
    private Task BobSeesAsync(string what, Func<Peer, bool> isLike) => Eventually.TrueAsync(
        $"bob sees {what}", async () => (await Ok.Async(bob.Client.ListPeersAsync(null, default))).Peers.Any(peer => !peer.Self && isLike(peer)));

    private Task BobSeesNobodyAsync() => Eventually.TrueAsync(
        "bob sees nobody", async () => (await Ok.Async(bob.Client.ListPeersAsync(null, default))).Peers is { Count: > 0 } peers && peers.All(peer => peer.Self));
}
