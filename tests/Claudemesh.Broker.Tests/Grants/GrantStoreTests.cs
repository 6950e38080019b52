using Claudemesh.Broker.Grants;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Tests.Storage;
using Claudemesh.Broker.Tests.Workspaces;

namespace Claudemesh.Broker.Tests.Grants;

public abstract class GrantStoreTests(Backend backend) : IDisposable
{
    private static readonly MeshNo Mesh = new(1);
    private static readonly MemberNo Bob = new(2);

    private readonly TestDatabase database = new(backend);

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task A_grant_is_kept_changed_and_taken_back_to_the_default()
    {
        GrantStore grants = new(database.Opened);
        await grants.SetAsync(Mesh, Bob, TestRows.Key(7), Capability.None, CancellationToken.None);
        await grants.SetAsync(Mesh, Bob, TestRows.Key(8), Capability.Dm | Capability.Read, CancellationToken.None);
        await grants.SetAsync(new MeshNo(2), Bob, TestRows.Key(8), Capability.None, CancellationToken.None);
        await grants.SetAsync(Mesh, Bob, TestRows.Key(8), Capability.Broadcast, CancellationToken.None);

        Assert.Equal(
            [new Grant(Bob, TestRows.Key(7), Capability.None), new Grant(Bob, TestRows.Key(8), Capability.Broadcast)],
            (await grants.ListAsync(Mesh, CancellationToken.None)).OrderBy(static one => one.Sender));

        await grants.SetAsync(Mesh, Bob, TestRows.Key(7), null, CancellationToken.None);
        Assert.Equal(TestRows.Key(8), Assert.Single(await grants.ListAsync(Mesh, CancellationToken.None)).Sender);
    }
}

public sealed class GrantStoreOnSqliteTests() : GrantStoreTests(Backend.Sqlite);

public sealed class GrantStoreOnPostgresTests() : GrantStoreTests(Backend.Postgres);
