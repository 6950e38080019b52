using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Compatibility;

/// <summary>Signs of life as recorded (file 31): both sides send empty pings every 30 s, and each is answered by an empty pong.</summary>
public sealed class LivenessTests
{
    [Fact]
    public async Task A_1x_clients_ping_is_answered_and_after_thirty_seconds_it_is_pinged_itself()
    {
        FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");

        await alice.Socket.ControlAsync(TestSocket.Ping);
        Assert.Equal(TestSocket.Pong, await alice.Socket.NextControlAsync());

        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(TestSocket.Ping, await alice.Socket.NextControlAsync());
    }

    [Fact]
    [Trait("cli", "7 liveness: a connection that is half open")]
    public async Task Who_answers_pings_stays_and_who_is_silent_for_longer_than_75_seconds_is_cut_off()
    {
        FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        await using LegacyPeer silent = await mesh.JoinLegacyAsync("silent");

        for (int i = 0; i < 3; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(30));
            Assert.Equal(TestSocket.Ping, await alice.Socket.NextControlAsync());
            await alice.Socket.ControlAsync(TestSocket.Pong);
            await alice.Socket.PeersAsync();
        }

        Assert.Null(await silent.Socket.ClosedAsync());
        Assert.NotEmpty(await alice.Socket.PeersAsync());
    }
}
