using System.Net.WebSockets;
using System.Text.Json;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Client.Tests;

public sealed class HandshakeTests
{
    [Fact]
    public async Task The_hello_proves_the_members_key_over_the_challenge()
    {
        await using ScriptedBroker broker = await ScriptedBroker.StartAsync();
        await using ConnectionFixture fixture = new();
        MeshConnection connection = fixture.Connect(broker.Address, options => options with
        {
            Resume = _ => ValueTask.FromResult(new ResumeFrom("00ff", [new ResumePoint(Priority.Next, 17)])),
        });

        ScriptedPeer peer = await broker.NextPeerAsync();
        await peer.SendChallengeAsync();
        JsonElement hello = await peer.ReceiveAsync("member_hello");
        HelloText text = new("mesh1", fixture.Member.Public, peer.Challenge, hello.GetProperty("sentAt").GetInt64());
        Assert.True(Ed25519.Verify(fixture.Member.Public, text, hello.GetProperty("signature").GetBytesFromBase64()));
        Assert.Equal(fixture.Clock.GetUtcNow().ToUnixTimeMilliseconds(), text.SentAt);
        Assert.Equal(fixture.Member.Public.ToString(), hello.GetProperty("pubkey").GetString());
        Assert.Equal("device1", hello.GetProperty("deviceId").GetString());
        Assert.Equal("00ff", hello.GetProperty("incarnation").GetString());
        Assert.Equal("""[{"lane":"next","through":17}]""", hello.GetProperty("resume").GetRawText());

        await peer.SendWelcomeAsync();
        ConnectionState.Open open = await ConnectionFixture.StateAsync<ConnectionState.Open>(connection);
        Assert.Equal("acme", open.Welcome.Slug.Value);
        Assert.Equal(open.Welcome.Connection, (await ConnectionFixture.EventAsync<BrokerEvent.Connected>(connection)).Welcome.Connection);
    }

    [Theory]
    [InlineData("revoked")]
    [InlineData("unauthorized")]
    [InlineData("bad_signature")]
    public async Task A_refusal_that_trying_again_cannot_mend_ends_the_connection(string code)
    {
        await using ScriptedBroker broker = await ScriptedBroker.StartAsync();
        await using ConnectionFixture fixture = new();
        MeshConnection connection = fixture.Connect(broker.Address);
        ScriptedPeer peer = await broker.NextPeerAsync();
        await peer.SendChallengeAsync();
        await peer.ReceiveAsync("member_hello");
        await peer.SendAsync($$"""{"type":"error","code":"{{code}}","message":"No."}""");

        ConnectionState state = await connection.WhenOpenOrClosedAsync(Patience.Token);
        Assert.Equal(code, Assert.IsType<ConnectionState.Closed>(state).Code);
        Assert.False(connection.Events.Completion.IsCompleted);
    }

    [Theory]
    [InlineData(4001, "kicked")]
    [InlineData(4002, "banned")]
    public async Task A_kick_or_ban_ends_the_connection(int closeCode, string code)
    {
        await using ScriptedBroker broker = await ScriptedBroker.StartAsync();
        await using ConnectionFixture fixture = new();
        MeshConnection connection = fixture.Connect(broker.Address);
        ScriptedPeer peer = await broker.WelcomeNextAsync();
        await ConnectionFixture.StateAsync<ConnectionState.Open>(connection);
        await peer.CloseAsync(closeCode, code);

        ConnectionState state = connection.State;
        while (state is not ConnectionState.Closed)
            state = await connection.NextStateAsync(state, Patience.Token);
        Assert.Equal(code, ((ConnectionState.Closed)state).Code);
    }

    [Theory]
    [InlineData(4001, "kicked")]
    [InlineData(4002, "revoked")]
    public async Task Who_was_taken_off_knows_the_brokers_words_and_comes_back_only_when_its_person_says_so(int closeCode, string code)
    {
        await using ScriptedBroker broker = await ScriptedBroker.StartAsync();
        await using ConnectionFixture fixture = new();
        MeshConnection connection = fixture.Connect(broker.Address);
        ScriptedPeer peer = await broker.WelcomeNextAsync();
        await ConnectionFixture.StateAsync<ConnectionState.Open>(connection);
        await peer.SendAsync($$"""{"type":"error","code":"{{code}}","message":"alice sent you away."}""");
        await peer.CloseAsync(closeCode, code);

        ConnectionState state = connection.State;
        while (state is not ConnectionState.Closed)
            state = await connection.NextStateAsync(state, Patience.Token);
        Assert.Equal("alice sent you away.", ((ConnectionState.Closed)state).Reason);
        fixture.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Same(state, connection.State);

        connection.RetryNow();
        await connection.NextStateAsync(state, Patience.Token);
        await broker.WelcomeNextAsync();
        await ConnectionFixture.StateAsync<ConnectionState.Open>(connection);
    }

    [Fact]
    public async Task A_wrong_clock_is_explained_and_tried_again()
    {
        await using ScriptedBroker broker = await ScriptedBroker.StartAsync();
        await using ConnectionFixture fixture = new();
        MeshConnection connection = fixture.Connect(broker.Address);
        ScriptedPeer peer = await broker.NextPeerAsync();
        await peer.SendChallengeAsync();
        await peer.ReceiveAsync("member_hello");
        await peer.SendAsync("""{"type":"error","code":"timestamp_skew","message":"No."}""");
        await peer.CloseAsync(1008, "timestamp_skew");

        ConnectionState.Waiting waiting = await ConnectionFixture.StateAsync<ConnectionState.Waiting>(connection);
        Assert.Equal("timestamp_skew", waiting.Code);
        Assert.Contains("clock", waiting.Reason, StringComparison.Ordinal);

        await fixture.RetryAsync(connection);
        await broker.WelcomeNextAsync();
        await ConnectionFixture.StateAsync<ConnectionState.Open>(connection);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"type":"challenge","challenge":"AAAA","broker":"x","features":[]}""")]
    [InlineData("""{"type":"challenge"}""")]
    [InlineData("[]")]
    public async Task A_handshake_of_garbage_is_given_up_and_tried_again(string garbage)
    {
        await using ScriptedBroker broker = await ScriptedBroker.StartAsync();
        await using ConnectionFixture fixture = new();
        MeshConnection connection = fixture.Connect(broker.Address);
        ScriptedPeer peer = await broker.NextPeerAsync();
        await peer.SendAsync(garbage);
        await fixture.RetryAsync(connection);
        await broker.WelcomeNextAsync();
        await ConnectionFixture.StateAsync<ConnectionState.Open>(connection);
    }

    [Fact]
    public async Task A_broker_that_says_nothing_is_given_up_after_the_time_allowed()
    {
        await using ScriptedBroker broker = await ScriptedBroker.StartAsync();
        await using ConnectionFixture fixture = new();
        MeshConnection connection = fixture.Connect(broker.Address);
        ScriptedPeer silent = await broker.NextPeerAsync();

        ConnectionState state = connection.State;
        Task<ConnectionState> next = connection.NextStateAsync(state, Patience.Token);
        while (!next.IsCompleted)
        {
            // The handshake's own time starts when the socket is there, which this side cannot see: move the clock until it is over.
            fixture.Clock.Advance(TimeSpan.FromSeconds(1));
            await Patience.BrieflyAsync();
        }

        Assert.Contains("in time", Assert.IsType<ConnectionState.Waiting>(await next).Reason, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => silent.ClosedByClient.Task.WaitAsync(Patience.Token));
    }

    [Fact]
    public async Task Closing_writes_what_is_queued_and_says_goodbye()
    {
        await using ScriptedBroker broker = await ScriptedBroker.StartAsync();
        await using ConnectionFixture fixture = new();
        MeshConnection connection = fixture.Connect(broker.Address);
        ScriptedPeer peer = await broker.WelcomeNextAsync();
        await ConnectionFixture.StateAsync<ConnectionState.Open>(connection);
        for (int i = 0; i < 50; i++)
            Assert.True(await connection.NotifyAsync(new SetSummary($"summary {i}"), Patience.Token));

        await connection.CloseAsync();
        for (int i = 0; i < 50; i++)
            Assert.Equal($"summary {i}", (await peer.ReceiveAsync("set_summary")).GetProperty("summary").GetString());
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await peer.ClosedByClient.Task.WaitAsync(Patience.Token));
        Assert.Null(Assert.IsType<ConnectionState.Closed>(connection.State).Code);
        Assert.False(await connection.NotifyAsync(new SetSummary("late"), Patience.Token));
        Assert.Single(await connection.Events.ReadAllAsync(Patience.Token).ToListAsync(Patience.Token));
    }

    [Fact]
    public async Task A_connection_that_was_never_started_closes()
    {
        await using ConnectionFixture fixture = new();
        MeshConnection connection = new(
            new MeshConnectionOptions
            {
                Broker = BrokerAddress.Parse("ws://127.0.0.1:1"),
                MeshId = MeshId.Parse("mesh1"),
                DeviceId = DeviceId.Parse("device1"),
                Client = "tests/1",
            },
            fixture.Member,
            fixture.Clock);
        await connection.DisposeAsync();
        Assert.IsType<ConnectionState.Closed>(connection.State);
    }
}
