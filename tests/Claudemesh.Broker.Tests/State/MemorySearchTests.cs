using System.Text.Json;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Objects;
using Claudemesh.Broker.State;
using Claudemesh.Broker.Tests.Storage;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Tests.State;

/// <summary>Searching plain memories and contexts, on each database.</summary>
public abstract class MemorySearchTests(Backend backend) : IDisposable
{
    private static readonly MeshNo Mesh = new(1);

    private readonly TestDatabase database = new(backend);

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task Those_with_most_of_the_words_come_first_and_at_most_twenty()
    {
        await AddAsync("one", "the staging database listens on port 5433");
        await AddAsync("two", "staging staging staging");
        await AddAsync("three", "nothing of it");
        for (int i = 0; i < 25; i++)
            await AddAsync("more" + i, "a port in a storm");

        Assert.Equal(["one", "two"], (await FindAsync("Staging DATABASES")).Select(found => found.Id));
        Assert.Equal(MemoryResults.CountMax, (await FindAsync("port")).Length);
        Assert.Equal("one", (await FindAsync("port 5433"))[0].Id);
        Assert.Empty(await FindAsync("absent"));
        Assert.Empty(await new MemorySearch(database.Opened).FindAsync(new MeshNo(2), "staging", CancellationToken.None));
    }

    [Theory]
    [InlineData("%")]
    [InlineData("' OR 1=1 --")]
    [InlineData("\"unbalanced (quotes* NEAR")]
    [InlineData("_ \\ % ! ;\0\n")]
    [InlineData("")]
    public async Task A_query_of_any_characters_is_only_its_words(string query)
    {
        await AddAsync("one", "100 % of it's \"quoted\"");

        Assert.DoesNotContain(await FindAsync(query), found => found.Content.Contains("nothing", StringComparison.Ordinal));
        Assert.Single(await FindAsync("quoted " + query));
    }

    [Fact]
    public async Task A_query_of_a_megabyte_is_answered_by_its_first_words()
    {
        await AddAsync("one", "needle");

        Assert.Single(await FindAsync("needle " + string.Concat(Enumerable.Repeat("straw ", 170_000))));
        Assert.Empty(await FindAsync(new string('x', 1_000_000)));
    }

    [Fact]
    public async Task What_is_removed_is_found_no_more()
    {
        await AddAsync("one", "deploys happen on fridays");
        Assert.Single(await FindAsync("friday"));

        await database.Opened.WriteAsync(scope => { MemorySearch.Remove(scope, Mesh, "one"); return 0; }, CancellationToken.None);

        Assert.Empty(await FindAsync("friday"));
        Assert.Equal(0, await database.NumberAsync("SELECT COUNT(*) FROM memory_word"));
    }

    [Theory]
    [InlineData("AUTH", true)]
    [InlineData("working on", true)]
    [InlineData("100%", true)]
    [InlineData("1%0", false)]
    [InlineData("w_rking", false)]
    [InlineData("deep tag", true)]
    [InlineData("deep", false)]
    [InlineData("'", false)]
    public async Task A_context_is_found_by_a_part_of_its_summary_or_a_whole_tag(string query, bool found)
    {
        ContextStore contexts = new(database.Opened);
        string first = await contexts.ShareAsync(Mesh, new MemberNo(1), "id1", "alice", new ContextContent("old", [], [], []), CancellationToken.None);
        string second = await contexts.ShareAsync(
            Mesh, new MemberNo(1), "id2", "alice", new ContextContent("Working on auth, 100% done", ["a.ts"], ["expiry"], ["deep tag"]), CancellationToken.None);

        List<SharedContext> results = await contexts.FindAsync(Mesh, query, CancellationToken.None);

        Assert.Equal(first, second);
        Assert.Equal(found ? 1 : 0, results.Count);
        Assert.Empty(await contexts.FindAsync(Mesh, new string('x', 1_000_000), CancellationToken.None));
        Assert.Equal("Working on auth, 100% done", Assert.Single(await contexts.ListAsync(Mesh, CancellationToken.None)).Summary);
    }

    private Task<int> AddAsync(string name, string content) => database.Opened.WriteAsync(
        scope =>
        {
            ObjectStore store = new(database.Opened, new ObjectBounds { CountMax = 1000, BytesMax = 1_000_000 });
            byte[] body = JsonSerializer.SerializeToUtf8Bytes(new MemoryText(content, []), ProtocolJson.Default.MemoryText);
            store.PutPlain(scope, new ObjectKey(Mesh, ObjectKind.Memory, Plain: true, name), body, new MemberNo(1), "alice");
            MemorySearch.Add(scope, Mesh, name, content);
            return 0;
        },
        CancellationToken.None);

    private async Task<RecalledMemory[]> FindAsync(string query) => await new MemorySearch(database.Opened).FindAsync(Mesh, query, CancellationToken.None);
}

public sealed class MemorySearchOnSqliteTests() : MemorySearchTests(Backend.Sqlite);

public sealed class MemorySearchOnPostgresTests() : MemorySearchTests(Backend.Postgres);
