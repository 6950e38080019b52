using System.Diagnostics;
using System.Text.Json;
using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Sessions;

/// <summary>Bob's sessions, as bob's daemon keeps them and alice sees them, with the broker itself between.</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private readonly CancellationTokenSource over = new();
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
        await over.CancelAsync();
        await bob.DisposeAsync();
        await alice.DisposeAsync();
        await broker.DisposeAsync();
        over.Dispose();
    }

    [Fact]
    public async Task Ten_sessions_in_one_folder_are_ten_peers_with_names_of_their_own()
    {
        for (int i = 0; i < 10; i++)
            await OpenAsync($"s{i}", "billing");

        await SeesAsync("ten sessions", sessions => sessions.Length == 10);
        Local.Peer[] sessions = await SessionsAsync();
        Assert.Equal(["billing", .. Enumerable.Range(2, 9).Select(number => $"billing-{number}")], sessions.Select(peer => peer.Name).Order(NumberLast));
        Assert.Equal(10, sessions.Select(peer => peer.Key).Distinct(StringComparer.Ordinal).Count());
        Assert.All(sessions, peer => Assert.Equal("/src/billing", peer.Cwd));
    }

    [Fact]
    [Trait("cli", "7 identity: a key for each launch")]
    public async Task A_session_that_is_opened_again_keeps_its_name_and_shows_its_new_tags()
    {
        await OpenAsync("s1", "billing");
        Session second = await OpenAsync("s2", "billing", "branch:main");
        Session again = await OpenAsync("s2", second.Name, "branch:release");

        Assert.Equal(("billing-2", "billing-2"), (second.Name, again.Name));
        await SeesAsync("the new tag", sessions => sessions.Any(peer => peer.Name == "billing-2" && peer.Tags is ["branch:release"]));
        Assert.Equal(2, (await SessionsAsync()).Length);
    }

    [Fact]
    [Trait("cli", "7 identity: ghosts that nothing closes")]
    public async Task A_session_is_gone_as_soon_as_its_process_is_gone()
    {
        using Process process = Sleeper.Start();
        await Ok.Async(bob.Client.OpenSessionAsync(new OpenSession("s1", "reviewer", "/src", process.Id), default));
        await OpenAsync("s2", "other");
        await SeesAsync("both", sessions => sessions.Length == 2);

        process.Kill();

        await SeesAsync("only the other", sessions => sessions is [{ Name: "other" }]);
        Assert.Equal("s2", Assert.Single((await Ok.Async(bob.Client.ListSessionsAsync(default))).Sessions).SessionId);
    }

    [Fact]
    public async Task A_session_whose_place_was_taken_by_a_new_process_outlives_the_old_one()
    {
        using Process old = Sleeper.Start();
        await Ok.Async(bob.Client.OpenSessionAsync(new OpenSession("s1", "reviewer", "/src", old.Id), default));
        await OpenAsync("s1", "reviewer");

        using Process witness = Sleeper.Start();
        await Ok.Async(bob.Client.OpenSessionAsync(new OpenSession("s2", "witness", "/src", witness.Id), default));
        old.Kill();
        witness.Kill();

        await SeesAsync("the witness go", sessions => sessions is [{ Name: "reviewer" }]);
    }

    [Fact]
    [Trait("cli", "7 leaks: one inbox for all sessions")]
    public async Task A_message_for_one_session_is_put_before_no_other_and_one_for_the_member_before_each()
    {
        Following first = await FollowAsync("s1", "first");
        Following second = await FollowAsync("s2", "second");

        await SendAsync("first", "for the first");
        await SendAsync("second", "for the second");
        await SendAsync("bob", "for all of bob");
        await SendAsync("bob", "the end");

        Assert.Equal(["for the first", "for all of bob"], await first.UntilAsync("the end"));
        Assert.Equal(["for the second", "for all of bob"], await second.UntilAsync("the end"));
        InboxPage inbox = await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(), default));
        Assert.Equal((4, 4L), (inbox.Items.Count, inbox.Unread));
    }

    [Fact]
    [Trait("cli", "7 ids: one message to several, kept for the first alone")]
    public async Task A_message_to_a_group_is_put_before_each_session_in_it_and_a_broadcast_before_all()
    {
        (string Id, string Name)[] sessions = [("s1", "first"), ("s2", "second")];
        var following = new List<Following>();
        foreach ((string id, string name) in sessions)
        {
            following.Add(await FollowAsync(id, name));
            await Ok.Async(bob.Client.ChangeSelfAsync(new ChangeSelf(new WhoAmI(Session: id), Join: new GroupRole("crew")), default));
        }

        Following outside = await FollowAsync("s3", "outside");
        await SeesAsync("both in the group", all => all.Count(peer => peer.Groups.Any(group => group.EndsWith("crew", StringComparison.Ordinal))) == 2);
        await SendAsync("@crew", "for the crew");
        await SendAsync("*", "for everybody");
        await SendAsync("bob", "the end");

        foreach (Following session in following)
            Assert.Equal(["for the crew", "for everybody"], await session.UntilAsync("the end"));
        Assert.Equal(["for everybody"], await outside.UntilAsync("the end"));
    }

    [Fact]
    [Trait("cli", "7 secrets: a session's secret in a listing")]
    public async Task A_listing_of_sessions_has_nothing_in_it_that_one_could_speak_with()
    {
        await OpenAsync("s1", "billing");
        byte[] listing = JsonSerializer.SerializeToUtf8Bytes(await Ok.Async(bob.Client.ListSessionsAsync(default)), LocalJson.Default.SessionList);

        using JsonDocument document = JsonDocument.Parse(listing);
        Assert.Equal(
            ["session_id", "name", "cwd", "pid", "workspaces", "opened_at", "after", "allows"],
            document.RootElement.GetProperty("sessions")[0].EnumerateObject().Select(field => field.Name));
    }

    [Fact]
    public async Task What_waits_until_it_is_asked_for_is_not_put_before_a_session()
    {
        Following session = await FollowAsync("s1", "reviewer");
        await Ok.Async(alice.Client.SendAsync(new SendMessage("reviewer", "no hurry", Priorities.Low, Wait: "delivered"), default));
        await SendAsync("reviewer", "the end");
        Assert.Empty(await session.UntilAsync("the end"));
    }

    [Fact]
    public async Task A_session_does_not_hear_itself_when_it_writes_to_its_own_member()
    {
        Following first = await FollowAsync("s1", "first");
        Following second = await FollowAsync("s2", "second");
        await Ok.Async(bob.Client.SendAsync(new SendMessage("bob", "to all of us", Session: "s1", ToSelf: true, Wait: "delivered"), default));
        await SendAsync("bob", "the end");
        Assert.Empty(await first.UntilAsync("the end"));
        Assert.Equal(["to all of us"], await second.UntilAsync("the end"));
    }

    [Fact]
    [Trait("cli", "7 identity: a key for each launch")]
    public async Task An_answer_to_a_session_reaches_it_and_when_it_has_ended_its_member()
    {
        await OpenAsync("s1", "asker");
        await SeesAsync("the session", sessions => sessions is [{ Name: "asker" }]);
        await Ok.Async(bob.Client.SendAsync(new SendMessage("alice", "how far are you?", Session: "s1", Wait: "delivered"), default));
        InboxItem question = Assert.Single((await Ok.Async(alice.Client.ReadInboxAsync(new InboxQuery(), default))).Items);
        string key = question.SenderSessionKey!;

        await SendAsync(key, "to the session");
        await Ok.Async(bob.Client.CloseSessionAsync("s1", default));
        await SeesAsync("it go", sessions => sessions is []);
        await SendAsync(key, "to its member");

        InboxItem[] answers = [.. (await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(), default))).Items];
        Assert.Equal([("to the session", "s1"), ("to its member", null)], answers.Select(item => (item.Text!, item.SessionId)));
        Assert.All(answers, item => Assert.True(item.Verified));
    }

    [Fact]
    [Trait("cli", "7 identity: sessions forgotten by a restarted daemon")]
    public async Task A_session_misses_nothing_and_hears_nothing_twice_while_the_daemon_restarts()
    {
        Following session = await FollowAsync("s1", "reviewer");
        for (int i = 0; i < 40; i++)
        {
            // To the member: while his daemon is away, the names of his sessions are too.
            await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", $"n{i}"), default));
            if (i is 10 or 25)
                await bob.RestartAsync();
        }

        await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "the end"), default));
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"n{i}"), await session.UntilAsync("the end"));
        Assert.Equal("reviewer", Assert.Single(await SessionsAsync()).Name);
    }

    [Fact]
    public async Task Names_stay_when_sessions_return_in_another_order()
    {
        Following first = await FollowAsync("s1", "billing");
        Following second = await FollowAsync("s2", "billing");
        await bob.StopAsync();
        await bob.RestartAsync();
        await SendAsync("billing-2", "to the second");
        await SendAsync("bob", "the end");
        Assert.Empty(await first.UntilAsync("the end"));
        Assert.Equal(["to the second"], await second.UntilAsync("the end"));
    }

    [Fact]
    [Trait("cli", "7 leaks: a stream without a session that gets everything")]
    public async Task A_stream_of_a_session_that_is_not_open_is_refused()
    {
        await foreach (LocalReply<LocalEvent> first in bob.Client.FollowAsync(null, "nobody", null, default))
            Assert.Equal(LocalErrors.SessionNotFound, first.Problem!.Error);
    }

    [Fact]
    [Trait("cli", "7 wiring: a registration that fails unseen")]
    [Trait("cli", "7 daemon: a start that is tried for ever")]
    public async Task A_daemon_that_cannot_be_started_is_told_once_and_waited_for()
    {
        var told = new List<LocalProblem>();
        var heard = new TaskCompletionSource();
        using var home = new TempHome();
        var door = new DaemonDoor(home.Home, new DaemonProgram(() => Path.Combine(home.Folder, "missing"), home.Home), TimeProvider.System);
        using var inbox = new SessionInbox(door, Opening("s1", "billing"), problem => { told.Add(problem); heard.TrySetResult(); }, TimeProvider.System);
        Task reading = ReadAsync(inbox, new Following());

        await heard.Task.WaitAsync(Sleeper.Patience);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        Assert.Contains("missing", Assert.Single(told).Detail, StringComparison.Ordinal);
    }

    private static readonly Comparer<string> NumberLast = Comparer<string>.Create((one, other) => one.Length != other.Length ? one.Length - other.Length : string.CompareOrdinal(one, other));

    private static OpenSession Opening(string id, string name, params string[] tags) => new(id, name, $"/src/{name}", Environment.ProcessId, Tags: tags);

    private Task<Session> OpenAsync(string id, string name, params string[] tags) => Ok.Async(bob.Client.OpenSessionAsync(Opening(id, name, tags), default));

    private Task<SendResult> SendAsync(string to, string text) => Ok.Async(alice.Client.SendAsync(new SendMessage(to, text, Wait: "delivered"), default));

    private async Task<Local.Peer[]> SessionsAsync() =>
        [.. (await Ok.Async(alice.Client.ListPeersAsync("acme", default))).Peers.Where(peer => peer.Key != peer.MemberKey)];

    private Task SeesAsync(string what, Func<Local.Peer[], bool> isSo) =>
        Eventually.TrueAsync($"alice sees {what}", async () => isSo(await SessionsAsync()));

    /// <summary>Opens a session as the MCP server does, and returns when it follows.</summary>
    private async Task<Following> FollowAsync(string id, string name)
    {
        var following = new Following();
        var door = new DaemonDoor(bob.Home, new DaemonProgram(() => "/nowhere", bob.Home), TimeProvider.System);
        var inbox = new SessionInbox(door, Opening(id, name), _ => { }, TimeProvider.System);
        following.Reading = ReadAsync(inbox, following);
        await SeesAsync(id, sessions => sessions.Any(peer => peer.SessionId == id));
        return following;
    }

    private async Task ReadAsync(SessionInbox inbox, Following following)
    {
        using (inbox)
        {
            await foreach (InboxItem item in inbox.ReadAllAsync(over.Token))
                await following.Heard.Writer.WriteAsync(item.Text!);
        }
    }

    private sealed class Following
    {
        public System.Threading.Channels.Channel<string> Heard { get; } = System.Threading.Channels.Channel.CreateUnbounded<string>();

        public Task? Reading { get; set; }

        /// <summary>What was heard before <paramref name="last"/>.</summary>
        public async Task<List<string>> UntilAsync(string last)
        {
            using var patience = new CancellationTokenSource(Sleeper.Patience);
            var texts = new List<string>();
            while (await Heard.Reader.ReadAsync(patience.Token) is var text && text != last)
                texts.Add(text);
            return texts;
        }
    }
}
