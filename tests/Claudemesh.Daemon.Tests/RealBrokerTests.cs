using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests;

/// <summary>Two daemons and the broker itself, all in this process.</summary>
public sealed class RealBrokerTests : IAsyncLifetime
{
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
        await bob.DisposeAsync();
        await alice.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task Two_daemons_exchange_messages_in_both_directions()
    {
        SendResult there = await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "the schema changed", Wait: "delivered"), default));
        SendResult back = await Ok.Async(bob.Client.SendAsync(new SendMessage("alice", "seen, thank you", Wait: "delivered"), default));
        Assert.Equal(("delivered", "delivered"), (there.State, back.State));

        InboxItem atBob = Assert.Single((await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(), default))).Items);
        InboxItem atAlice = Assert.Single((await Ok.Async(alice.Client.ReadInboxAsync(new InboxQuery(), default))).Items);
        Assert.Equal(("the schema changed", "alice", true), (atBob.Text, atBob.Sender, atBob.Verified));
        Assert.Equal(("seen, thank you", "bob", true), (atAlice.Text, atAlice.Sender, atAlice.Verified));
    }

    [Fact]
    public async Task The_sender_is_told_when_it_was_read()
    {
        SendResult sent = await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "hi", Wait: "delivered"), default));
        Task<LocalReply<SendResult>> waiting = alice.Client.SendAsync(new SendMessage("bob", "hi", ClientMessageId: sent.ClientMessageId, Wait: "read"), default);
        await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(MarkSeen: true), default));
        Assert.Equal("read", (await Ok.Async(waiting)).State);
    }

    [Fact]
    public async Task What_was_sent_to_somebody_who_is_away_arrives_on_his_return()
    {
        await bob.StopAsync();
        SendResult sent = await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "while you were away", Wait: "accepted"), default));
        Assert.Equal("accepted", sent.State);

        await bob.RestartAsync();
        await Eventually.TrueAsync("it is there", async () => (await Ok.Async(bob.Client.GetStatusAsync(default))).Unread == 1);
        await Eventually.TrueAsync("it is told", async () => (await Ok.Async(alice.Client.FindMessageAsync(sent.ClientMessageId, default))).State == "delivered");
    }

    [Fact]
    public async Task Messages_survive_the_broker_and_both_daemons_restarting_once_each_and_in_order()
    {
        const int Count = 400;
        var sent = new List<Task>();
        for (int i = 0; i < Count; i++)
        {
            // One after the other: their order is that of the answers.
            await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", $"n{i}"), default));
            if (i == 80)
                sent.Add(broker.RestartAsync());
            if (i == 200)
                sent.Add(bob.RestartAsync());
            if (i == 320)
                await alice.RestartAsync();
        }

        await Task.WhenAll(sent);
        await Eventually.TrueAsync("all have arrived", async () => (await Ok.Async(bob.Client.GetStatusAsync(default))).Unread >= Count);
        InboxPage page = await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(Limit: Count), default));
        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"n{i}"), page.Items.Select(item => item.Text));
        await Eventually.TrueAsync("nothing waits", async () => (await Ok.Async(alice.Client.GetStatusAsync(default))).Pending == 0);
    }

    [Fact]
    [Trait("cli", "7 silent loss: a session's socket that nobody reads")]
    public async Task A_session_is_seen_by_others_and_can_be_addressed_by_its_name()
    {
        await Ok.Async(bob.Client.OpenSessionAsync(new OpenSession("s1", "reviewer", "/src", Environment.ProcessId, Groups: ["review"], Tags: ["repo:billing"]), default));
        await Eventually.TrueAsync("alice sees it", async () =>
            (await Ok.Async(alice.Client.ListPeersAsync("acme", default))).Peers.Any(peer => peer.Name == "reviewer" && peer.SessionId == "s1"));

        foreach (string to in new[] { "reviewer", "@review", "tag:repo:billing" })
            Assert.Equal("delivered", (await Ok.Async(alice.Client.SendAsync(new SendMessage(to, to, Wait: "delivered"), default))).State);
        InboxPage page = await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(), default));
        Assert.Equal(["reviewer", "@review", "tag:repo:billing"], page.Items.Select(item => item.Text));
        Assert.Contains(page.Items, item => item.SessionId == "s1");
    }

    [Fact]
    [Trait("issue", "1")]
    public async Task Peers_of_a_broker_that_is_away_are_marked_with_the_time_they_are_of_until_it_is_back()
    {
        PeerList there = await Ok.Async(alice.Client.ListPeersAsync(null, default));
        Assert.Empty(there.Stale);
        DateTimeOffset asked = TimeProvider.System.GetUtcNow();

        await broker.StopAsync();
        PeerList away = await Ok.Async(alice.Client.ListPeersAsync(null, default));
        StaleWorkspace stale = Assert.Single(away.Stale);
        Assert.Equal("acme", stale.Workspace);
        Assert.InRange(stale.StaleSince!.Value, DateTimeOffset.UnixEpoch, asked);
        Assert.Equal(there.Peers.Select(peer => peer.Key), away.Peers.Select(peer => peer.Key));

        await alice.RestartAsync();
        StaleWorkspace unknown = Assert.Single((await Ok.Async(alice.Client.ListPeersAsync(null, default))).Stale);
        Assert.Equal(("acme", null), (unknown.Workspace, unknown.StaleSince));
        Assert.Contains("Nobody answers there", unknown.Why, StringComparison.Ordinal);

        await broker.StartAgainAsync();
        await Eventually.TrueAsync("the list is of now", async () => (await Ok.Async(alice.Client.ListPeersAsync(null, default))).Stale.Count == 0);
    }

    [Fact]
    [Trait("wire", "7.3 #9")]
    public async Task A_broadcast_reaches_every_other_member_as_one_sealed_message_and_is_counted()
    {
        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));
        await using RunningDaemon carol = await RunningDaemon.StartAsync();
        await Ok.Async(carol.Client.JoinWorkspaceAsync(new JoinWorkspace(invite.Url, "carol"), default));

        SendResult sent = await Ok.Async(alice.Client.SendAsync(new SendMessage("*", "hello all", Wait: "delivered"), default));
        RecipientStatus everybody = Assert.Single(sent.Recipients);
        Assert.Equal(("*", "member", "delivered"), (everybody.Name, everybody.Encryption, everybody.State));
        Assert.Equal((2, 2), (everybody.Counts!.Recipients, everybody.Counts.Delivered));
        foreach (RunningDaemon daemon in new[] { bob, carol })
        {
            InboxItem item = Assert.Single((await Ok.Async(daemon.Client.ReadInboxAsync(new InboxQuery(), default))).Items);
            Assert.Equal(("hello all", true, "alice"), (item.Text, item.Verified, item.Sender));
        }
    }
}
