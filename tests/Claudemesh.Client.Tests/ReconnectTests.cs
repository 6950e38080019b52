using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Client.Tests;

public sealed class ReconnectTests
{
    [Fact]
    [Trait("cli", "7 liveness: a first connection that fails for good")]
    public async Task A_broker_that_is_not_there_yet_is_only_waited_for()
    {
        // Bound and not listening: whoever connects is refused, and nobody else is given the port meanwhile.
        using Socket port = new(SocketType.Stream, ProtocolType.Tcp);
        port.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        BrokerAddress address = BrokerAddress.Parse($"ws://{port.LocalEndPoint}");

        await using ConnectionFixture fixture = new();
        MeshConnection connection = fixture.Connect(address);
        for (int attempt = 1; attempt <= 8; attempt++)
        {
            ConnectionState.Waiting waiting = await ConnectionFixture.StateAsync<ConnectionState.Waiting>(connection);
            Assert.InRange(waiting.RetryAt - fixture.Clock.GetUtcNow(), TimeSpan.Zero, Backoff.StepOf(attempt));
            Assert.Contains("Nobody answers there", waiting.Reason, StringComparison.Ordinal);
            await fixture.RetryAsync(connection);
            await connection.NextStateAsync(waiting, Patience.Token);
        }

        // Only when it waits: an attempt that is under way could reach the broker, and would then never fail.
        ConnectionState.Waiting last = await ConnectionFixture.StateAsync<ConnectionState.Waiting>(connection);
        await using ScriptedBroker back = await ScriptedBroker.StartAsync(address.Http.Port);
        connection.RetryNow();
        await connection.NextStateAsync(last, Patience.Token);
        await back.WelcomeNextAsync();
        await ConnectionFixture.StateAsync<ConnectionState.Open>(connection);
    }

    [Fact]
    public void The_ladder_has_the_steps_1_2_4_8_16_30_and_every_wait_is_between_nothing_and_its_step()
    {
        Assert.Equal([1, 2, 4, 8, 16, 30, 30, 30], Enumerable.Range(1, 8).Select(attempt => (int)Backoff.StepOf(attempt).TotalSeconds));
        TimeSpan[] waits = Enumerable.Range(0, 500).Select(_ => Backoff.Next(6)).ToArray();
        Assert.All(waits, wait => Assert.Equal(0, wait.Ticks % TimeSpan.TicksPerMillisecond));
        Assert.All(waits, wait => Assert.InRange(wait, TimeSpan.Zero, TimeSpan.FromSeconds(30)));
        Assert.Contains(waits, wait => wait < TimeSpan.FromSeconds(5));
        Assert.Contains(waits, wait => wait > TimeSpan.FromSeconds(25));
        Assert.Equal(TimeSpan.FromSeconds(30), Backoff.StepOf(int.MaxValue));
    }

    [Fact]
    public async Task A_server_that_is_no_broker_is_tried_again()
    {
        await using ScriptedBroker broker = await ScriptedBroker.StartAsync();
        broker.RefuseWith = 503;
        await using ConnectionFixture fixture = new();
        MeshConnection connection = fixture.Connect(broker.Address);
        ConnectionState.Waiting waiting = await ConnectionFixture.StateAsync<ConnectionState.Waiting>(connection);
        Assert.Contains("503", waiting.Reason, StringComparison.Ordinal);
        Assert.Equal(1, broker.Refused);

        broker.RefuseWith = 0;
        await fixture.RetryAsync(connection);
        await broker.WelcomeNextAsync();
        await ConnectionFixture.StateAsync<ConnectionState.Open>(connection);
    }

    public static TheoryData<string> Endings => ["cut", "half a frame", "garbage", "closed", "two objects", "too large"];

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task A_lost_connection_comes_back_with_its_sessions_however_it_was_lost(string ending)
    {
        await using ScriptedBroker broker = await ScriptedBroker.StartAsync();
        await using ConnectionFixture fixture = new();
        MeshConnection connection = fixture.Connect(broker.Address, options => options with { FrameBytesMax = 64 * 1024 });
        ScriptedPeer peer = await broker.WelcomeNextAsync();
        await ConnectionFixture.StateAsync<ConnectionState.Open>(connection);
        Task<Answer<SessionOpened>> opening = connection.OpenSessionAsync(fixture.Session("sess1"), Patience.Token);
        await AnswerOpenAsync(peer, fixture);
        Assert.Equal(AnswerOutcome.Replied, (await opening).Outcome);

        await EndAsync(peer, ending);
        await fixture.RetryAsync(connection);
        ScriptedPeer second = await broker.WelcomeNextAsync();
        await AnswerOpenAsync(second, fixture);
        await ConnectionFixture.StateAsync<ConnectionState.Open>(connection);

        await second.SendPushAsync("m1");
        Assert.Equal("m1", (await ConnectionFixture.EventAsync<BrokerEvent.Pushed>(connection)).Push.MessageId);
    }

    [Fact]
    public async Task Whoever_waits_for_a_reply_when_the_connection_is_lost_is_told()
    {
        await using ScriptedBroker broker = await ScriptedBroker.StartAsync();
        await using ConnectionFixture fixture = new();
        MeshConnection connection = fixture.Connect(broker.Address);
        ScriptedPeer peer = await broker.WelcomeNextAsync();
        await ConnectionFixture.StateAsync<ConnectionState.Open>(connection);
        Task<Answer<PeersList>> peers = connection.RequestAsync<ListPeers, PeersList>(new ListPeers(), timeout: null, Patience.Token);
        Task<Answer<Ack>> send = connection.SendAsync(new Send("*", [], [1], ClientMessageId: "c1"), timeout: null, Patience.Token);
        await peer.ReceiveAsync("list_peers");
        await peer.ReceiveAsync("send");
        peer.Cut();

        Assert.Equal(AnswerOutcome.Disconnected, (await peers).Outcome);
        Assert.Equal(AnswerOutcome.Disconnected, (await send).Outcome);
        await ConnectionFixture.StateAsync<ConnectionState.Waiting>(connection);
        Assert.Equal(
            AnswerOutcome.Disconnected,
            (await connection.RequestAsync<ListPeers, PeersList>(new ListPeers(), timeout: null, Patience.Token)).Outcome);
    }

    [Fact]
    public async Task A_session_registered_without_a_connection_is_opened_as_soon_as_there_is_one()
    {
        await using ScriptedBroker broker = await ScriptedBroker.StartAsync();
        await using ConnectionFixture fixture = new();
        MeshConnection connection = fixture.Connect(broker.Address);
        Answer<SessionOpened> answer = await connection.OpenSessionAsync(fixture.Session("sess1"), Patience.Token);
        Assert.Equal(AnswerOutcome.Disconnected, answer.Outcome);

        ScriptedPeer peer = await broker.WelcomeNextAsync();
        JsonElement open = await peer.ReceiveAsync("session_open");
        Assert.IsType<ConnectionState.Connecting>(connection.State);
        await peer.ReplyAsync(open, "session_opened", Opened(open));
        await ConnectionFixture.StateAsync<ConnectionState.Open>(connection);
    }

    [Fact]
    public async Task A_session_that_is_refused_after_a_reconnect_is_told_and_not_tried_again()
    {
        await using ScriptedBroker broker = await ScriptedBroker.StartAsync();
        await using ConnectionFixture fixture = new();
        MeshConnection connection = fixture.Connect(broker.Address);
        await connection.OpenSessionAsync(fixture.Session("sess1"), Patience.Token);
        ScriptedPeer peer = await broker.WelcomeNextAsync();
        await peer.RefuseAsync(await peer.ReceiveAsync("session_open"), "session_taken");
        BrokerEvent.SessionLost lost = await ConnectionFixture.EventAsync<BrokerEvent.SessionLost>(connection);
        Assert.Equal(("sess1", "session_taken"), (lost.SessionId.Value, lost.Refusal.Code));
        await ConnectionFixture.StateAsync<ConnectionState.Open>(connection);

        peer.Cut();
        await fixture.RetryAsync(connection);
        ScriptedPeer second = await broker.WelcomeNextAsync();
        await ConnectionFixture.StateAsync<ConnectionState.Open>(connection);
        Assert.True(await connection.NotifyAsync(new SetSummary("after"), Patience.Token));
        await second.ReceiveAsync("set_summary");
    }

    [Fact]
    [Trait("cli", "7 identity: an attestation that dies after twelve hours")]
    public async Task What_the_member_vouches_for_is_renewed_long_before_it_ends()
    {
        await using ScriptedBroker broker = await ScriptedBroker.StartAsync();
        await using ConnectionFixture fixture = new();
        MeshConnection connection = fixture.Connect(broker.Address);
        await connection.OpenSessionAsync(fixture.Session("sess1"), Patience.Token);
        ScriptedPeer peer = await broker.WelcomeNextAsync();
        long first = await AnswerOpenAsync(peer, fixture);
        await ConnectionFixture.StateAsync<ConnectionState.Open>(connection);

        Task<JsonElement> renewal = peer.ReceiveAsync("session_open");
        while (!renewal.IsCompleted)
        {
            fixture.Clock.Advance(TimeSpan.FromMinutes(10));
            await Patience.BrieflyAsync();
        }

        long second = (await renewal).GetProperty("expiresAt").GetInt64();
        Assert.InRange(second - first, 1, (long)TimeSpan.FromHours(24).TotalMilliseconds);
    }

    [Fact]
    public async Task A_resume_point_that_cannot_be_read_is_told_and_tried_again()
    {
        await using ScriptedBroker broker = await ScriptedBroker.StartAsync();
        await using ConnectionFixture fixture = new();
        int asked = 0;
        MeshConnection connection = fixture.Connect(broker.Address, options => options with
        {
            Resume = _ => ++asked == 1 ? throw new InvalidOperationException("the disk is full") : ValueTask.FromResult(ResumeFrom.Nothing),
        });
        ScriptedPeer peer = await broker.NextPeerAsync();
        await peer.SendChallengeAsync();
        ConnectionState.Waiting waiting = await ConnectionFixture.StateAsync<ConnectionState.Waiting>(connection);
        Assert.Contains("the disk is full", waiting.Reason, StringComparison.Ordinal);
        await fixture.RetryAsync(connection);
        await broker.WelcomeNextAsync();
        await ConnectionFixture.StateAsync<ConnectionState.Open>(connection);
    }

    [Fact]
    [Trait("cli", "7 liveness: a connection that is half open")]
    public async Task A_connection_that_answers_no_ping_counts_as_lost()
    {
        // The framework pings by the machine's clock, so the times are small and a dead socket takes its place: nothing reads there.
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        BrokerAddress address = BrokerAddress.Parse($"ws://{listener.LocalEndpoint}");
        await using ConnectionFixture fixture = new();
        MeshConnection connection = fixture.Connect(address, options => options with
        {
            PingInterval = TimeSpan.FromMilliseconds(50),
            DeadAfter = TimeSpan.FromMilliseconds(150),
        });
        using TcpClient client = await listener.AcceptTcpClientAsync(Patience.Token);
        await DeafUpgrade.AnswerAsync(client.GetStream());

        ConnectionState.Waiting waiting = await ConnectionFixture.StateAsync<ConnectionState.Waiting>(connection);
        Assert.Null(waiting.Code);
    }

    private static async Task EndAsync(ScriptedPeer peer, string ending)
    {
        switch (ending)
        {
            case "cut":
                peer.Cut();
                break;
            case "half a frame":
                await peer.SendRawAsync(Encoding.UTF8.GetBytes("""{"type":"push","""), endOfMessage: false);
                peer.Cut();
                break;
            case "garbage":
                await peer.SendRawAsync([0xff, 0xfe, 0x00], endOfMessage: true);
                break;
            case "two objects":
                await peer.SendAsync("""{"type":"resync","reason":"x"}{}""");
                break;
            case "too large":
                await peer.SendPushAsync("m0", text: new string('x', 100_000));
                break;
            default:
                await peer.CloseAsync(1001, "shutting down");
                break;
        }
    }

    private static async Task<long> AnswerOpenAsync(ScriptedPeer peer, ConnectionFixture fixture)
    {
        JsonElement open = await peer.ReceiveAsync("session_open");
        PublicKey session = PublicKey.Parse(open.GetProperty("sessionPubkey").GetString());
        long expiresAt = open.GetProperty("expiresAt").GetInt64();
        SessionAttestation attested = new(
            open.GetProperty("attestation").GetBytesFromBase64(), open.GetProperty("proof").GetBytesFromBase64());
        Assert.True(attested.Verifies(new SessionText("mesh1", fixture.Member.Public, session, "sess1", expiresAt)));
        await peer.ReplyAsync(open, "session_opened", Opened(open));
        return expiresAt;
    }

    private static string Opened(JsonElement open) =>
        $"\"sessionId\":\"sess1\",\"sessionPubkey\":\"{open.GetProperty("sessionPubkey").GetString()}\",\"presenceId\":\"p1\"";
}
