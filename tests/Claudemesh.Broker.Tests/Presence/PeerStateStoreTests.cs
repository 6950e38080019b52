using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Tests.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Tests.Presence;

public abstract class PeerStateStoreTests(Backend backend) : IDisposable
{
    private static readonly MemberNo Bob = new(2);

    private readonly TestDatabase database = new(backend);

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task What_a_peer_looked_like_is_given_back_when_it_returns()
    {
        PeerStateStore states = new(database.Opened);
        PeerProfile profile = new(Avatar: "🦊", Title: "Dr", Capabilities: ["review", "deploy"]);
        await states.SaveAsync(
            Bob,
            new PeerDetails("Bob", [new GroupTag("backend", "lead")])
            {
                Summary = "fixing the build",
                Visible = false,
                Profile = profile,
                Stats = new PeerStats(MessagesIn: 3, Uptime: 1.5),
            },
            CancellationToken.None);

        PeerState state = (await states.FindAsync(Bob, CancellationToken.None))!;
        Assert.Equal(("fixing the build", false), (state.Summary, state.Visible));
        Assert.Equal(["review", "deploy"], state.Profile!.Capabilities!);
        Assert.Equal(profile with { Capabilities = null }, state.Profile with { Capabilities = null });
        Assert.Equal(new PeerStats(MessagesIn: 3, Uptime: 1.5), state.Stats);
        Assert.Equal([new GroupTag("backend", "lead")], state.Groups);
        Assert.Equal(database.Clock.GetUtcNow(), state.LastSeenAt);
    }

    [Fact]
    public async Task The_last_look_replaces_the_one_before_and_nobody_elses()
    {
        PeerStateStore states = new(database.Opened);
        await states.SaveAsync(Bob, new PeerDetails("Bob", []) { Summary = "one" }, CancellationToken.None);
        await states.SaveAsync(Bob, new PeerDetails("Bob", []), CancellationToken.None);

        PeerState state = (await states.FindAsync(Bob, CancellationToken.None))!;
        Assert.Null(state.Summary);
        Assert.Null(state.Profile);
        Assert.Empty(state.Groups);
        Assert.True(state.Visible);
        Assert.Null(await states.FindAsync(new MemberNo(3), CancellationToken.None));
    }
}

public sealed class PeerStateStoreOnSqliteTests() : PeerStateStoreTests(Backend.Sqlite);

public sealed class PeerStateStoreOnPostgresTests() : PeerStateStoreTests(Backend.Postgres);
