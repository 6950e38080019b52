using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Client.Tests;

/// <summary>A member, a clock that tests move, and connections to a scripted broker.</summary>
internal sealed class ConnectionFixture : IAsyncDisposable
{
    private readonly List<MeshConnection> connections = [];

    internal MemberSecretKey Member { get; } = MemberSecretKey.FromSeed(Enumerable.Repeat((byte)7, 32).ToArray());

    internal FakeTimeProvider Clock { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(1700000000000));

    internal MeshConnection Connect(BrokerAddress broker, Func<MeshConnectionOptions, MeshConnectionOptions>? change = null)
    {
        MeshConnectionOptions options = new()
        {
            Broker = broker,
            MeshId = MeshId.Parse("mesh1"),
            DeviceId = DeviceId.Parse("device1"),
            Client = "tests/1",
        };
        MeshConnection connection = new(change?.Invoke(options) ?? options, Member, Clock);
        connections.Add(connection);
        connection.Start();
        return connection;
    }

    internal MeshSession Session(string id) =>
        new(SessionId.Parse(id), Member.DeriveSession("mesh1", id), DisplayName.Parse(id), "/src", Pid: 42);

    /// <summary>Waits for a state of one kind; fails at once when the connection is closed instead.</summary>
    internal static async Task<T> StateAsync<T>(MeshConnection connection)
        where T : ConnectionState
    {
        ConnectionState state = connection.State;
        while (state is not T)
        {
            Assert.False(state is ConnectionState.Closed, $"Waited for {typeof(T).Name}, but: {state}");
            state = await connection.NextStateAsync(state, Patience.Token);
        }

        return (T)state;
    }

    /// <summary>Moves the clock to the moment when the connection tries again.</summary>
    internal async Task RetryAsync(MeshConnection connection)
    {
        ConnectionState.Waiting waiting = await StateAsync<ConnectionState.Waiting>(connection);
        TimeSpan left = waiting.RetryAt - Clock.GetUtcNow();
        Clock.Advance(left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    internal static async Task<T> EventAsync<T>(MeshConnection connection)
        where T : BrokerEvent
    {
        while (true)
        {
            BrokerEvent next = await connection.Events.ReadAsync(Patience.Token);
            if (next is T wanted)
                return wanted;
            Assert.IsType<BrokerEvent.Connected>(next);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (MeshConnection connection in connections)
            await connection.DisposeAsync();
        Member.Dispose();
    }
}
