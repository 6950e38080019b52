using System.Text.Json;
using Claudemesh.Protocol;

namespace Claudemesh.Client.Tests;

public sealed class RequestTests
{
    [Fact]
    public async Task Replies_find_their_requests_in_whatever_order_they_come()
    {
        await using Fixture f = await Fixture.OpenAsync();
        Task<Answer<MeshInfoResult>> info = f.Connection.RequestAsync<MeshInfo, MeshInfoResult>(new MeshInfo(), timeout: null, Patience.Token);
        Task<Answer<PeersList>> peers = f.Connection.RequestAsync<ListPeers, PeersList>(new ListPeers(), timeout: null, Patience.Token);
        JsonElement first = await f.Peer.ReceiveAsync("mesh_info");
        JsonElement second = await f.Peer.ReceiveAsync("list_peers");
        await f.Peer.ReplyAsync(second, "peers_list", "\"peers\":[]");
        await f.Peer.RefuseAsync(first, "forbidden");

        Assert.True((await peers).TryGet(out PeersList? list));
        Assert.Empty(list.Peers);
        Answer<MeshInfoResult> refused = await info;
        Assert.Equal((AnswerOutcome.Refused, "forbidden"), (refused.Outcome, refused.Refusal!.Code));
        Assert.False(refused.TryGet(out _));
    }

    [Fact]
    [Trait("cli", "7 drift: an answer under another name than is waited for")]
    public async Task A_reply_that_does_not_come_is_a_time_out_and_never_an_empty_answer()
    {
        await using Fixture f = await Fixture.OpenAsync();
        Task<Answer<PeersList>> peers =
            f.Connection.RequestAsync<ListPeers, PeersList>(new ListPeers(), TimeSpan.FromSeconds(5), Patience.Token);
        JsonElement request = await f.Peer.ReceiveAsync("list_peers");
        f.Clock.Advance(TimeSpan.FromSeconds(5));
        Answer<PeersList> answer = await peers;
        Assert.Equal((AnswerOutcome.TimedOut, null, null), (answer.Outcome, answer.Value, answer.Refusal));

        // The reply comes after all, and so does a refusal: both are nobody's.
        await f.Peer.ReplyAsync(request, "peers_list", "\"peers\":[]");
        await f.Peer.RefuseAsync(request, "internal");
        await f.Peer.SendPushAsync("m1");
        Assert.Equal("m1", (await ConnectionFixture.EventAsync<BrokerEvent.Pushed>(f.Connection)).Push.MessageId);
    }

    [Theory]
    [InlineData("peers_list", "\"peers\":7")]
    [InlineData("peers_list", "")]
    [InlineData("members_list", "\"members\":[]")]
    public async Task A_reply_that_cannot_be_read_is_a_refusal(string type, string fields)
    {
        await using Fixture f = await Fixture.OpenAsync();
        Task<Answer<PeersList>> peers = f.Connection.RequestAsync<ListPeers, PeersList>(new ListPeers(), timeout: null, Patience.Token);
        await f.Peer.ReplyAsync(await f.Peer.ReceiveAsync("list_peers"), type, fields);
        Assert.Equal((AnswerOutcome.Refused, "internal"), ((await peers).Outcome, (await peers).Refusal!.Code));
    }

    [Fact]
    public async Task A_send_is_acknowledged_by_its_id()
    {
        await using Fixture f = await Fixture.OpenAsync();
        Task<Answer<Ack>> one = f.Connection.SendAsync(new Send("*", [], [1], ClientMessageId: "c1"), timeout: null, Patience.Token);
        Task<Answer<Ack>> two = f.Connection.SendAsync(new Send("*", [], [2], ClientMessageId: "c2"), timeout: null, Patience.Token);
        Task<Answer<Ack>> three = f.Connection.SendAsync(new Send("*", [], [3], Id: "own"), timeout: null, Patience.Token);
        Assert.Equal("c1", (await f.Peer.ReceiveAsync("send")).GetProperty("id").GetString());
        Assert.Equal("c2", (await f.Peer.ReceiveAsync("send")).GetProperty("id").GetString());
        Assert.Equal("own", (await f.Peer.ReceiveAsync("send")).GetProperty("id").GetString());
        await f.Peer.SendAsync("""{"type":"ack","id":"own","messageId":"","queued":false,"error":"rate_limit","code":"rate_limit"}""");
        await f.Peer.SendAsync("""{"type":"error","code":"invalid_args","message":"No.","id":"c2"}""");
        await f.Peer.SendAsync("""{"type":"ack","id":"c1","messageId":"m1","queued":true,"recipients":3}""");

        Assert.True((await one).TryGet(out Ack? ack));
        Assert.Equal(("m1", 3), (ack.MessageId, ack.Recipients));
        Assert.Equal((AnswerOutcome.Refused, "invalid_args"), ((await two).Outcome, (await two).Refusal!.Code));
        Assert.Equal((AnswerOutcome.Refused, "rate_limit"), ((await three).Outcome, (await three).Refusal!.Code));
    }

    [Fact]
    public async Task The_same_message_may_be_sent_again_after_a_time_out_but_not_before()
    {
        await using Fixture f = await Fixture.OpenAsync();
        Send message = new("*", [], [1], ClientMessageId: "c1");
        Task<Answer<Ack>> first = f.Connection.SendAsync(message, TimeSpan.FromSeconds(1), Patience.Token);
        await f.Peer.ReceiveAsync("send");
        await Assert.ThrowsAsync<InvalidOperationException>(() => f.Connection.SendAsync(message, timeout: null, Patience.Token));
        f.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(AnswerOutcome.TimedOut, (await first).Outcome);

        Task<Answer<Ack>> again = f.Connection.SendAsync(message, timeout: null, Patience.Token);
        await f.Peer.ReceiveAsync("send");
        await f.Peer.SendAsync("""{"type":"ack","id":"c1","messageId":"m1","queued":true,"again":true}""");
        Assert.True((await again).TryGet(out Ack? ack));
        Assert.True(ack.Again);
    }

    [Fact]
    public async Task A_cancelled_request_leaves_the_connection_as_it_is()
    {
        await using Fixture f = await Fixture.OpenAsync();
        using CancellationTokenSource enough = new();
        Task<Answer<PeersList>> peers = f.Connection.RequestAsync<ListPeers, PeersList>(new ListPeers(), timeout: null, enough.Token);
        await f.Peer.ReceiveAsync("list_peers");
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => peers);
        Assert.IsType<ConnectionState.Open>(f.Connection.State);
        await f.Peer.SendPushAsync("m1");
        await ConnectionFixture.EventAsync<BrokerEvent.Pushed>(f.Connection);
    }

    [Fact]
    public async Task Events_of_every_kind_come_in_order_and_unknown_ones_are_ignored()
    {
        await using Fixture f = await Fixture.OpenAsync();
        await f.Peer.SendAsync("""{"type":"news_of_2030","x":1}""");
        await f.Peer.SendPushAsync("m1");
        await f.Peer.SendAsync("""{"type":"push","messageId":7}""");
        await f.Peer.SendAsync(
            """{"type":"receipt","messageId":"00000000000000000000000000000001","recipients":2,"delivered":1,"surfaced":0,"read":0,"refused":0,"expired":0}""");
        await f.Peer.SendAsync("""{"type":"resync","reason":"slow"}""");
        await f.Peer.SendAsync("""{"type":"error","code":"invalid_args","message":"No."}""");

        Assert.IsType<BrokerEvent.Connected>(await f.Connection.Events.ReadAsync(Patience.Token));
        Assert.Equal("m1", Assert.IsType<BrokerEvent.Pushed>(await f.Connection.Events.ReadAsync(Patience.Token)).Push.MessageId);
        Assert.Equal("push", Assert.IsType<BrokerEvent.Unreadable>(await f.Connection.Events.ReadAsync(Patience.Token)).Type);
        Assert.Equal(2, Assert.IsType<BrokerEvent.Receipted>(await f.Connection.Events.ReadAsync(Patience.Token)).Receipt.Recipients);
        Assert.Equal("slow", Assert.IsType<BrokerEvent.ResyncNeeded>(await f.Connection.Events.ReadAsync(Patience.Token)).Reason);
        Assert.Equal("invalid_args", Assert.IsType<BrokerEvent.Refused>(await f.Connection.Events.ReadAsync(Patience.Token)).Refusal.Code);
    }

    [Fact]
    public async Task A_slow_reader_stops_the_broker_and_loses_nothing()
    {
        await using Fixture f = await Fixture.OpenAsync(options => options with { EventsMax = 4 });
        const int Count = 400;
        string large = new('x', 60_000);
        int written = 0;
        Task writing = Task.Run(async () =>
        {
            for (int i = 1; i <= Count; i++)
            {
                await f.Peer.SendPushAsync($"m{i}", i, large);
                Volatile.Write(ref written, i);
            }
        });

        // Nobody reads: 32 MB fit into no buffer between the two, so the broker's writing must come to a stand.
        int before;
        do
        {
            before = Volatile.Read(ref written);
            await Task.WhenAny(writing, Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Patience.Token));
        }
        while (Volatile.Read(ref written) != before || before == 0);
        Assert.False(writing.IsCompleted);

        for (int i = 1; i <= Count; i++)
            Assert.Equal($"m{i}", (await ConnectionFixture.EventAsync<BrokerEvent.Pushed>(f.Connection)).Push.MessageId);
        await writing;
    }

    [Fact]
    public async Task A_connection_closes_while_its_events_are_read_by_nobody()
    {
        await using Fixture f = await Fixture.OpenAsync(options => options with { EventsMax = 2 });
        for (int i = 1; i <= 10; i++)
            await f.Peer.SendPushAsync($"m{i}", i);
        await f.Connection.CloseAsync().WaitAsync(Patience.Token);
        Assert.IsType<ConnectionState.Closed>(f.Connection.State);
    }

    [Fact]
    public async Task Many_requests_at_once_are_answered_each_by_its_own()
    {
        await using Fixture f = await Fixture.OpenAsync(options => options with { RequestsMax = 8, FramesMax = 4 });
        Task<Answer<Ack>>[] sends = Enumerable.Range(0, 200)
            .Select(i => f.Connection.SendAsync(new Send("*", [], [1], ClientMessageId: $"c{i}"), TimeSpan.FromHours(1), Patience.Token))
            .ToArray();
        for (int i = 0; i < sends.Length; i++)
        {
            string id = (await f.Peer.ReceiveAsync("send")).GetProperty("id").GetString()!;
            await f.Peer.SendAsync($$"""{"type":"ack","id":"{{id}}","messageId":"m-{{id}}","queued":true}""");
        }

        for (int i = 0; i < sends.Length; i++)
            Assert.Equal($"m-c{i}", (await sends[i]).Value!.MessageId);
    }

    private sealed class Fixture(ScriptedBroker broker, ConnectionFixture inner, MeshConnection connection, ScriptedPeer peer) : IAsyncDisposable
    {
        internal MeshConnection Connection => connection;

        internal ScriptedPeer Peer => peer;

        internal Microsoft.Extensions.Time.Testing.FakeTimeProvider Clock => inner.Clock;

        internal static async Task<Fixture> OpenAsync(Func<MeshConnectionOptions, MeshConnectionOptions>? change = null)
        {
            ScriptedBroker broker = await ScriptedBroker.StartAsync();
            ConnectionFixture inner = new();
            MeshConnection connection = inner.Connect(broker.Address, change);
            ScriptedPeer peer = await broker.WelcomeNextAsync();
            await ConnectionFixture.StateAsync<ConnectionState.Open>(connection);
            return new Fixture(broker, inner, connection, peer);
        }

        public async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            await broker.DisposeAsync();
        }
    }
}
