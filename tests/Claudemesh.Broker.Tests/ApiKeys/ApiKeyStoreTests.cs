using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Tests.Storage;
using Claudemesh.Broker.Tests.Workspaces;
using Claudemesh.Broker.Topics;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Tests.ApiKeys;

public abstract class ApiKeyStoreTests : IDisposable
{
    private static readonly MemberNo Bob = new(7);

    private readonly TestDatabase database;
    private readonly ApiKeyStore keys;

    protected ApiKeyStoreTests(Backend backend)
    {
        database = new TestDatabase(backend);
        keys = new ApiKeyStore(database.Opened);
    }

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task A_key_is_found_by_its_secret_with_all_that_was_said_of_it()
    {
        MeshNo mesh = await TestRows.CreateAsync(database.Opened, "acme");
        ApiKeySecret secret = ApiKeySecret.Generate();
        DateTimeOffset end = database.Clock.GetUtcNow().AddDays(3);
        NewApiKey wish = New(mesh, "a") with { Topics = [new TopicNo(3), new TopicNo(9)], Capabilities = KeyCapabilities.Send | KeyCapabilities.Admin, ExpiresAt = end };

        (ApiKey? made, _) = await keys.CreateAsync(wish, secret, CancellationToken.None);
        ApiKey? found = await keys.FindAsync(secret.Hash(), CancellationToken.None);

        Assert.Equal(("a", Bob, "label a", secret.Prefix), (found!.Id, found.Issuer, found.Label, found.Prefix));
        Assert.Equal((KeyCapabilities.Send | KeyCapabilities.Admin, end, database.Clock.GetUtcNow()), (found.Capabilities, found.ExpiresAt, found.CreatedAt));
        Assert.Equal([3L, 9L], found.Topics!.Select(topic => topic.Value).Order());
        Assert.Equal((made!.No, null, null), (found.No, found.RevokedAt, found.LastUsedAt));
        Assert.Null(await keys.FindAsync(ApiKeySecret.Generate().Hash(), CancellationToken.None));
    }

    [Fact]
    public async Task A_key_without_topics_and_one_of_no_topic_are_told_apart()
    {
        MeshNo mesh = await TestRows.CreateAsync(database.Opened, "acme");
        await MakeAsync(New(mesh, "all"));
        await MakeAsync(New(mesh, "none") with { Topics = [] });

        List<ApiKey> listed = await keys.ListAsync(new KeyFilter(mesh), 10, CancellationToken.None);

        Assert.Equal(["none", "all"], listed.Select(key => key.Id));
        Assert.Empty(listed[0].Topics!);
        Assert.Null(listed[1].Topics);
    }

    [Fact]
    public async Task A_list_is_of_one_workspace_of_one_member_and_of_ids_that_begin_so()
    {
        MeshNo mesh = await TestRows.CreateAsync(database.Opened, "acme");
        MeshNo other = await TestRows.CreateAsync(database.Opened, "other");
        await MakeAsync(New(mesh, "ab1") with { Topics = [new TopicNo(1)] });
        await MakeAsync(New(mesh, "ab2") with { Issuer = new MemberNo(8), Topics = [new TopicNo(2)] });
        await MakeAsync(New(mesh, "a_3"));
        await MakeAsync(New(other, "ab4"));

        Assert.Equal(["a_3", "ab2", "ab1"], await IdsAsync(new KeyFilter(mesh)));
        Assert.Equal(["a_3", "ab1"], await IdsAsync(new KeyFilter(mesh, Bob)));
        Assert.Equal(["a_3"], await IdsAsync(new KeyFilter(mesh, IdBegins: "a_")));
        Assert.Equal(["ab2", "ab1"], await IdsAsync(new KeyFilter(mesh, IdBegins: "ab")));
        Assert.Equal(2, Assert.Single((await keys.ListAsync(new KeyFilter(mesh, new MemberNo(8)), 10, CancellationToken.None))[0].Topics!).Value);
        Assert.Equal("a_3", Assert.Single(await keys.ListAsync(new KeyFilter(mesh), 1, CancellationToken.None)).Id);
    }

    [Fact]
    public async Task A_key_is_revoked_once_and_stays_listed_as_that()
    {
        MeshNo mesh = await TestRows.CreateAsync(database.Opened, "acme");
        ApiKeySecret secret = ApiKeySecret.Generate();
        ApiKey key = (await keys.CreateAsync(New(mesh, "a"), secret, CancellationToken.None)).Made!;
        DateTimeOffset then = database.Clock.GetUtcNow();

        Assert.Equal([key.No], await keys.RevokeAsync(key, mesh, CancellationToken.None));
        database.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Empty(await keys.RevokeAsync(key, mesh, CancellationToken.None));

        Assert.Equal(then, (await keys.FindAsync(secret.Hash(), CancellationToken.None))!.RevokedAt);
        Assert.Null(await keys.RotateAsync(key, mesh, ApiKeySecret.Generate(), CancellationToken.None));
    }

    [Fact]
    public async Task A_rotated_key_is_found_by_its_new_secret_alone()
    {
        MeshNo mesh = await TestRows.CreateAsync(database.Opened, "acme");
        (ApiKeySecret old, ApiKeySecret fresh) = (ApiKeySecret.Generate(), ApiKeySecret.Generate());
        ApiKey key = (await keys.CreateAsync(New(mesh, "a") with { Topics = [new TopicNo(3)] }, old, CancellationToken.None)).Made!;

        Assert.Empty((await keys.RotateAsync(key, mesh, fresh, CancellationToken.None))!);

        Assert.Null(await keys.FindAsync(old.Hash(), CancellationToken.None));
        ApiKey found = (await keys.FindAsync(fresh.Hash(), CancellationToken.None))!;
        Assert.Equal((key.No, fresh.Prefix, 3L), (found.No, found.Prefix, Assert.Single(found.Topics!).Value));
    }

    [Fact]
    [Trait("rest", "7.2 C16")]
    public async Task Only_the_newest_hundred_keys_that_are_over_are_kept_of_a_member()
    {
        MeshNo mesh = await TestRows.CreateAsync(database.Opened, "acme");
        for (int i = 0; i < ApiKeyStore.PerMemberMax + 30; i++)
        {
            ApiKey key = (await MakeAsync(New(mesh, $"k{i:000}") with { Topics = [new TopicNo(i)] }))!;
            await keys.RevokeAsync(key, mesh, CancellationToken.None);
        }

        await MakeAsync(New(mesh, "live"));
        List<string> ids = await IdsAsync(new KeyFilter(mesh));

        Assert.Equal(["live", "k129", "k128"], ids.Take(3));
        Assert.Equal((ApiKeyStore.PerMemberMax + 1, "k030"), (ids.Count, ids[^1]));
        Assert.Equal(ApiKeyStore.PerMemberMax, await database.NumberAsync("SELECT count(*) FROM api_key_topic"));
    }

    [Fact]
    public async Task An_expired_key_makes_room_for_another()
    {
        MeshNo mesh = await TestRows.CreateAsync(database.Opened, "acme");
        DateTimeOffset end = database.Clock.GetUtcNow().AddMinutes(1);
        for (int i = 0; i < ApiKeyStore.PerMemberMax; i++)
            Assert.NotNull(await MakeAsync(New(mesh, $"k{i}") with { ExpiresAt = end }));

        Assert.Null(await MakeAsync(New(mesh, "more")));
        database.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull(await MakeAsync(New(mesh, "more")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(73)]
    public async Task Uses_of_many_keys_are_written_each_with_its_time(int count)
    {
        MeshNo mesh = await TestRows.CreateAsync(database.Opened, "acme");
        List<ApiKey> made = [];
        for (int i = 0; i < count; i++)
            made.Add((await MakeAsync(New(mesh, $"k{i:000}")))!);
        ApiKey unused = (await MakeAsync(New(mesh, "unused")))!;

        await keys.NoteUsesAsync([.. made.Select((key, i) => KeyValuePair.Create(key.No, new Instant(1_000_000L * (i + 1))))], CancellationToken.None);

        List<ApiKey> listed = await keys.ListAsync(new KeyFilter(mesh), 1_000, CancellationToken.None);
        Assert.Null(listed.Single(key => key.No == unused.No).LastUsedAt);
        Assert.Equal(
            Enumerable.Range(1, count).Select(i => DateTimeOffset.UnixEpoch.AddSeconds(i)),
            listed.Where(key => key.No != unused.No).Reverse().Select(key => key.LastUsedAt!.Value));
    }

    [Fact]
    public async Task Only_the_keys_of_one_issuer_end_with_him()
    {
        MeshNo mesh = await TestRows.CreateAsync(database.Opened, "acme");
        long owner = (await database.NumberAsync("SELECT no FROM member"))!.Value;
        await MakeAsync(New(mesh, "his") with { Issuer = new MemberNo(owner) });
        await MakeAsync(New(mesh, "hers") with { Issuer = new MemberNo(owner + 1) });

        await database.Opened.WriteAsync(scope => { ApiKeyStore.RevokeAll(scope, new MemberNo(owner)); return true; }, CancellationToken.None);

        List<ApiKey> listed = await keys.ListAsync(new KeyFilter(mesh), 10, CancellationToken.None);
        Assert.Equal(["his"], listed.Where(key => key.RevokedAt == database.Clock.GetUtcNow()).Select(key => key.Id));
    }

    [Fact]
    public async Task A_key_takes_those_with_it_that_it_made_and_those_that_these_made()
    {
        MeshNo mesh = await TestRows.CreateAsync(database.Opened, "acme");
        ApiKey first = (await MakeAsync(New(mesh, "first")))!;
        ApiKey second = (await MakeAsync(New(mesh, "second") with { MadeBy = first }))!;
        ApiKey third = (await MakeAsync(New(mesh, "third") with { MadeBy = second }))!;
        ApiKey other = (await MakeAsync(New(mesh, "other")))!;
        await keys.RevokeAsync(third, mesh, CancellationToken.None);

        Assert.Equal([first.No, second.No], (await keys.RevokeAsync(first, mesh, CancellationToken.None)).Order());

        Assert.Equal(["other"], (await keys.ListAsync(new KeyFilter(mesh), 10, CancellationToken.None)).Where(key => key.RevokedAt is null).Select(key => key.Id));
        Assert.True(await keys.IsLiveAsync(other, CancellationToken.None));
    }

    [Fact]
    public async Task A_key_that_gets_another_secret_stays_and_those_that_it_made_end()
    {
        MeshNo mesh = await TestRows.CreateAsync(database.Opened, "acme");
        ApiKey first = (await MakeAsync(New(mesh, "first")))!;
        ApiKey second = (await MakeAsync(New(mesh, "second") with { MadeBy = first }))!;
        ApiKey third = (await MakeAsync(New(mesh, "third") with { MadeBy = second }))!;

        Assert.Equal([second.No, third.No], (await keys.RotateAsync(first, mesh, ApiKeySecret.Generate(), CancellationToken.None))!.Order());

        Assert.Equal(["first"], (await keys.ListAsync(new KeyFilter(mesh), 10, CancellationToken.None)).Where(key => key.RevokedAt is null).Select(key => key.Id));
    }

    /// <summary>The door let it in a moment ago; what it asks for is written after its end.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_key_that_has_ended_or_was_rotated_meanwhile_makes_none(bool isRevoked)
    {
        MeshNo mesh = await TestRows.CreateAsync(database.Opened, "acme");
        ApiKey first = (await MakeAsync(New(mesh, "first")))!;
        if (isRevoked)
            await keys.RevokeAsync(first, mesh, CancellationToken.None);
        else
            await keys.RotateAsync(first, mesh, ApiKeySecret.Generate(), CancellationToken.None);

        (ApiKey? made, MeshError? refusal) = await keys.CreateAsync(New(mesh, "second") with { MadeBy = first }, ApiKeySecret.Generate(), CancellationToken.None);

        Assert.Null(made);
        Assert.Equal(MeshError.ApiKeyInvalid, refusal);
        Assert.Equal(1, await database.NumberAsync("SELECT count(*) FROM api_key"));
    }

    private static NewApiKey New(MeshNo mesh, string id) => new(id, mesh, Bob, "label " + id, KeyCapabilities.Read, Topics: null, ExpiresAt: null);

    private async Task<ApiKey?> MakeAsync(NewApiKey key) => (await keys.CreateAsync(key, ApiKeySecret.Generate(), CancellationToken.None)).Made;

    private async Task<List<string>> IdsAsync(KeyFilter filter) =>
        [.. (await keys.ListAsync(filter, 1_000, CancellationToken.None)).Select(key => key.Id)];
}

public sealed class ApiKeyStoreOnSqliteTests() : ApiKeyStoreTests(Backend.Sqlite);

public sealed class ApiKeyStoreOnPostgresTests() : ApiKeyStoreTests(Backend.Postgres);
