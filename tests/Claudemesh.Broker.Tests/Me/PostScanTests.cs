using Claudemesh.Broker.Me;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Tests.Storage;

namespace Claudemesh.Broker.Tests.Me;

public sealed class PostScanTests
{
    private static readonly MeshNo Mesh = new(3);

    [Theory]
    [InlineData(Backend.Sqlite)]
    [InlineData(Backend.Postgres)]
    public async Task Every_post_is_looked_at_once_newest_first_whatever_lies_between(Backend backend)
    {
        using TestDatabase database = new(backend);
        await FillAsync(database, Mesh, from: 1, count: 700, "#a");
        await FillAsync(database, Mesh, from: 701, count: 900, "@group");

        // As a restore leaves positions out.
        await FillAsync(database, Mesh, from: 5_000_000, count: 3, "#b");
        await FillAsync(database, new MeshNo(2), from: 1, count: 5, "#other");
        await FillAsync(database, new MeshNo(4), from: 1, count: 5, "#other");
        PostScan scan = new(database.Opened);

        List<long> seen = [];
        MessageRef? before = null;
        int questions = 0;
        do
        {
            PostScanResult<Message> result = await scan.RunAsync(
                new PostScanRange(Mesh, before, new Instant(0), Count: 100), static post => post, static _ => 1, CancellationToken.None);
            seen.AddRange(result.Found.Select(post => post.Id.Position));
            before = result.Before;
            questions++;
        }
        while (before is not null);

        Assert.Equal([5_000_002L, 5_000_001L, 5_000_000L, .. Enumerable.Range(1, 700).Reverse().Select(static at => (long)at)], seen);
        Assert.Equal(8, questions);
    }

    [Theory]
    [InlineData(Backend.Sqlite)]
    [InlineData(Backend.Postgres)]
    [Trait("rest", "7.2 C12")]
    public async Task One_question_ends_after_its_stretches_and_another_goes_on_from_there(Backend backend)
    {
        using TestDatabase database = new(backend);
        await FillAsync(database, Mesh, from: 1, count: (PostScan.Stretch * PostScan.StretchesMax) + 10, "#a");
        PostScan scan = new(database.Opened);
        int looked = 0;

        PostScanResult<Message> first = await scan.RunAsync(new PostScanRange(Mesh, null, new Instant(0), 5), Nothing, static _ => 1, CancellationToken.None);
        Assert.Equal((0, PostScan.Stretch * PostScan.StretchesMax), (first.Found.Count, looked));
        PostScanResult<Message> rest = await scan.RunAsync(new PostScanRange(Mesh, first.Before, new Instant(0), 5), Nothing, static _ => 1, CancellationToken.None);

        Assert.Equal((null, (PostScan.Stretch * PostScan.StretchesMax) + 10), (rest.Before, looked));

        Message? Nothing(Message post)
        {
            looked++;
            return null;
        }
    }

    [Theory]
    [InlineData(Backend.Sqlite)]
    [InlineData(Backend.Postgres)]
    public async Task It_ends_at_a_time_and_where_what_is_found_grows_too_large(Backend backend)
    {
        using TestDatabase database = new(backend);
        await FillAsync(database, Mesh, from: 1, count: 50, "#a");
        PostScan scan = new(database.Opened);

        PostScanResult<Message> late = await scan.RunAsync(new PostScanRange(Mesh, null, new Instant(41), 100), static post => post, static _ => 1, CancellationToken.None);
        PostScanResult<Message> large = await scan.RunAsync(
            new PostScanRange(Mesh, null, new Instant(0), 100), static post => post, static _ => 3 * 1024 * 1024, CancellationToken.None);

        Assert.Equal((10, null), (late.Found.Count, late.Before));
        Assert.Equal((1, 50L), (large.Found.Count, large.Before!.Value.Position));
    }

    private static Task<int> FillAsync(TestDatabase database, MeshNo mesh, long from, int count, string target) => database.Opened.WriteAsync(
        scope => scope.Sql.Execute(
            $"""
            WITH RECURSIVE n (i) AS (SELECT CAST({from} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {from + count - 1})
            INSERT INTO message (id, sender_no, sender_key, target, lane, body_version, nonce, body, recipients, created_at, expires_at)
            SELECT {new MessageRef(mesh, 0).Value} + i, 1, @key, @target, 1, 1, @key, @key, 1, i, {long.MaxValue} FROM n
            """,
            ("@key", new byte[32]), ("@target", target)),
        CancellationToken.None);
}
