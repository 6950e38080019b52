using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Objects;
using Claudemesh.Broker.Tests.Storage;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Tests.Objects;

/// <summary>The rows of objects, on each database.</summary>
public abstract class ObjectStoreTests(Backend backend) : IDisposable
{
    private static readonly MeshNo Mesh = new(1);

    private readonly TestDatabase database = new(backend);

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task A_put_is_kept_over_a_restart_replaced_by_the_next_and_its_body_is_gone_when_it_is_deleted()
    {
        await PutAsync("k", 1, [1, 2, 3]);
        await PutAsync("k", 2, [4, 5], after: 1);
        database.Reopen();
        ObjectRow second = (await Store().FindAsync(Mesh, ObjectKind.State, "k", CancellationToken.None))!;
        await PutAsync("k", 3, [9], deleted: true);
        ObjectRow third = (await Store().FindAsync(Mesh, ObjectKind.State, "k", CancellationToken.None))!;

        Assert.Equal((2, 2, false), (second.Revision, second.Change, second.Deleted));
        Assert.Equal([4, 5], second.Body);
        Assert.Equal((3, 3, true), (third.Revision, third.Change, third.Deleted));
        Assert.Equal(1, await database.NumberAsync("SELECT COUNT(*) FROM object"));
        Assert.Equal(9, await database.NumberAsync("SELECT bytes FROM object_use"));
    }

    [Fact]
    public async Task Changes_have_numbers_without_holes_in_each_workspace_whoever_writes_at_once()
    {
        ObjectStore store = Store();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i =>
            store.PutAsync(Make("k" + i, 1, [1], mesh: new MeshNo(1 + (i % 2))), after: null, head: 0, CancellationToken.None)));

        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), (await ListAsync(0)).Rows.Select(row => row.Change));
        Assert.Equal(20, await database.NumberAsync("SELECT last FROM object_change WHERE mesh_no = 2"));
    }

    [Fact]
    public async Task A_sealed_and_a_plain_object_of_one_name_are_two()
    {
        ObjectStore store = Store();
        await PutAsync("k", 7, [7]);
        ObjectKey plain = new(Mesh, ObjectKind.State, Plain: true, "k");
        await database.Opened.WriteAsync(scope => store.PutPlain(scope, plain, [1], new MemberNo(1), "old"), CancellationToken.None);
        await database.Opened.WriteAsync(scope => store.PutPlain(scope, plain, [2], new MemberNo(1), "old"), CancellationToken.None);

        Assert.Equal([(false, 7L), (true, 2L)], (await ListAsync(0)).Rows.Select(row => (row.Plain, row.Revision)));
        Assert.False((await store.FindAsync(Mesh, ObjectKind.State, "k", CancellationToken.None))!.Plain);
        Assert.Equal([2], Assert.Single(await store.ListPlainAsync(Mesh, ObjectKind.State, CancellationToken.None)).Body);

        Assert.NotNull(await database.Opened.WriteAsync(scope => store.PutPlain(scope, plain, null, new MemberNo(1), "old"), CancellationToken.None));
        Assert.Null(await database.Opened.WriteAsync(scope => store.PutPlain(scope, plain, null, new MemberNo(1), "old"), CancellationToken.None));
        Assert.Empty(await store.ListPlainAsync(Mesh, ObjectKind.State, CancellationToken.None));
    }

    [Fact]
    public async Task A_page_ends_before_its_bytes_and_after_its_count_and_has_one_at_least()
    {
        for (int i = 1; i <= 4; i++)
            await PutAsync("k" + i, 1, new byte[1000]);

        ObjectChanges byCount = await ListAsync(0, count: 3);
        ObjectChanges byBytes = await ListAsync(1, bytes: 3000);
        ObjectChanges one = await ListAsync(2, bytes: 10);

        Assert.Equal((3, 3, true), (byCount.Rows.Count, byCount.Change, byCount.More));
        Assert.Equal((2, 3, true), (byBytes.Rows.Count, byBytes.Change, byBytes.More));
        Assert.Equal((1, 3, true), (one.Rows.Count, one.Change, one.More));
        Assert.Equal((1, 4, false), ((await ListAsync(3)).Rows.Count, (await ListAsync(3)).Change, (await ListAsync(3)).More));
    }

    private ObjectStore Store() => new(database.Opened, new ObjectBounds { CountMax = 1000, BytesMax = 1_000_000 });

    private ValueTask<ObjectChanges> ListAsync(long after, int count = 100, int bytes = 1_000_000) =>
        Store().ListAfterAsync(Mesh, kind: null, after, count, bytes, CancellationToken.None);

    private async Task PutAsync(string name, long revision, byte[] body, long? after = null, bool deleted = false) =>
        Assert.Null((await Store().PutAsync(Make(name, revision, body, deleted), after, head: 0, CancellationToken.None)).Refusal);

    private static NewObject Make(string name, long revision, byte[] body, bool deleted = false, MeshNo? mesh = null) =>
        new(new ObjectKey(mesh ?? Mesh, ObjectKind.State, Plain: false, name), revision, deleted, [1, 2, 3], [(byte)revision, 2, 3, 4], body, new MemberNo(1), "alice");
}

public sealed class ObjectStoreOnSqliteTests() : ObjectStoreTests(Backend.Sqlite);

public sealed class ObjectStoreOnPostgresTests() : ObjectStoreTests(Backend.Postgres);
