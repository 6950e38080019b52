using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Tests.Storage;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace Claudemesh.Broker.Tests.Topics;

public sealed class TopicStoreTests
{
    private static readonly MeshId Mesh = MeshId.Parse(new string('m', 32));

    [Theory]
    [InlineData(Backend.Sqlite)]
    [InlineData(Backend.Postgres)]
    public async Task A_workspace_and_its_general_are_made_in_one_write(Backend backend)
    {
        using TestDatabase database = new(backend);
        MeshNo mesh = await CreateAsync(database);

        Topic general = Assert.Single(await new TopicStore(database.Opened).ListAsync(mesh, CancellationToken.None));

        Assert.Equal(("general", TopicVisibility.Public), (general.Name.Value, general.Visibility));
        Assert.True(WireId.IsMadeByUs(general.Id));
        Assert.Equal(TopicRole.Lead, Assert.Single(general.Seats.Seats).Role);
    }

    /// <summary>Puts a workspace back to what it was before there were topics, and its owner out of it, and runs the migration again.</summary>
    [Theory]
    [InlineData(Backend.Sqlite)]
    [InlineData(Backend.Postgres)]
    public async Task An_older_workspace_gets_its_general_and_its_owner(Backend backend)
    {
        using TestDatabase database = new(backend);
        MeshNo mesh = await CreateAsync(database);
        MemberNo member = await AddAsync(database, mesh, "bob");
        MemberNo removed = await AddAsync(database, mesh, "gone");
        await database.ExecuteAsync($"UPDATE member SET removed_at = 5 WHERE no = {removed.Value}");
        await database.ExecuteAsync("DELETE FROM mailbox WHERE owner_no = (SELECT m.no FROM member m JOIN mesh h ON h.owner_pubkey = m.pubkey) OR kind IN (3, 5)");
        await database.ExecuteAsync("DELETE FROM member WHERE pubkey = (SELECT owner_pubkey FROM mesh)");
        await database.ExecuteAsync("DROP TABLE topic_member");
        await database.ExecuteAsync("DROP TABLE topic");
        foreach (string later in new[] { "object", "object_change", "object_use", "memory_word", "shared_context" })
            await database.ExecuteAsync($"DROP TABLE {later}");
        await database.ExecuteAsync("DELETE FROM schema_migration WHERE file_name > '0005'");

        database.Reopen();

        Topic general = Assert.Single(await new TopicStore(database.Opened).ListAsync(mesh, CancellationToken.None));
        Assert.Equal("general", general.Name.Value);
        Assert.True(WireId.IsMadeByUs(general.Id));
        Assert.Equal(2, general.Seats.Seats.Length);
        Assert.Equal(TopicRole.Member, general.RoleOf(member));
        Assert.Null(general.RoleOf(removed));
        List<MeshMember> members = await new MemberStore(database.Opened).ListAsync(mesh, CancellationToken.None);
        MeshMember owner = Assert.Single(members, row => row.Role is MemberRole.Owner);
        Assert.Equal(TopicRole.Lead, general.RoleOf(owner.No));
        MailboxRow? mailbox = await new MailboxStore(database.Opened).FindMailboxAsync(mesh, MailboxKind.Topic, general.Id, CancellationToken.None);
        Assert.Equal(general.Mailbox, mailbox!.No);
    }

    [Theory]
    [InlineData(Backend.Sqlite)]
    [InlineData(Backend.Postgres)]
    public async Task Ten_thousand_topics_are_the_bound_and_so_are_a_thousand_for_one_member(Backend backend)
    {
        using TestDatabase database = new(backend);
        MeshNo mesh = await CreateAsync(database);
        MemberNo member = await AddAsync(database, mesh, "bob");
        TopicStore store = new(database.Opened);
        for (int i = 1; i < Topic.PerMemberMax; i++)
            Assert.Null(await store.CreateAsync(Named(mesh, $"t{i}"), member, CancellationToken.None));

        Assert.Equal(MeshError.JoinedTopicLimit, await store.CreateAsync(Named(mesh, "one-more"), member, CancellationToken.None));

        await database.ExecuteAsync(
            $"""
            INSERT INTO topic (id, mesh_no, mailbox_no, name, visibility, created_at)
            SELECT 'x' || CAST(a.no AS TEXT) || '-' || CAST(b.no AS TEXT), {mesh.Value}, 0, 'x' || CAST(a.no AS TEXT) || '-' || CAST(b.no AS TEXT), 0, 0
            FROM topic a CROSS JOIN topic b ORDER BY a.no, b.no LIMIT {Topic.PerWorkspaceMax - Topic.PerMemberMax - 1}
            """);
        MemberNo other = await AddAsync(database, mesh, "carol");
        Assert.Null(await store.CreateAsync(Named(mesh, "the-last"), other, CancellationToken.None));
        MeshError? refused = await store.CreateAsync(Named(mesh, "too-many"), other, CancellationToken.None);

        Assert.Equal(MeshError.TopicLimit, refused);
        Assert.Contains("10,000", refused!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Backend.Sqlite)]
    [InlineData(Backend.Postgres)]
    public async Task Posts_go_when_their_topic_keeps_them_no_longer_and_hold_up_nothing_else(Backend backend)
    {
        using TestDatabase database = new(backend);
        MeshNo mesh = await CreateAsync(database);
        TopicStore store = new(database.Opened);
        Topic general = Assert.Single(await store.ListAsync(mesh, CancellationToken.None));
        await store.UpdateAsync(mesh, general with { RetentionDays = 7 }, CancellationToken.None);
        await store.CreateAsync(Named(mesh, "for-ever"), general.Seats.Seats[0].Owner, CancellationToken.None);
        Topic kept = (await store.ListAsync(mesh, CancellationToken.None))[1];
        long old = database.Clock.GetUtcNow().AddDays(-90).ToUnixTimeMilliseconds() * 1000;
        long young = database.Clock.GetUtcNow().AddDays(-1).ToUnixTimeMilliseconds() * 1000;
        await PostAsync(database, mesh, 1, kept, old);
        await PostAsync(database, mesh, 2, general, old);
        await MessageAsync(database, mesh, 3, "@group", old, expiresAt: old + 1);
        await PostAsync(database, mesh, 4, general, young);
        await MessageAsync(database, mesh, 5, "@group", old, expiresAt: old + 1);

        Heard heard = new();
        using TestMeters meters = new();
        Retention retention = new(database.Opened, new RetentionTimes(), heard, new RetentionMetrics(meters), database.Clock, NullLogger<Retention>.Instance);
        await retention.RunOnceAsync(CancellationToken.None);
        await retention.RunOnceAsync(CancellationToken.None);

        long[] left = await PositionsAsync(database, "SELECT id FROM message ORDER BY id");
        long[] listed = await PositionsAsync(database, $"SELECT position FROM entry WHERE mailbox_no = {general.Mailbox.Value}");
        Assert.Equal([1L, 4L], left);
        Assert.Equal([4L], listed);
        Assert.Equal((general.Mailbox, 2L), (Assert.Single(heard.Expired).Mailbox, Assert.Single(heard.Expired[0].Entries).Entry.Position));
    }

    private static NewTopic Named(MeshNo mesh, string name) => new(mesh, RandomBytes.NextId(), TopicName.Parse(name), null, TopicVisibility.Public);

    private static async Task<MeshNo> CreateAsync(TestDatabase database)
    {
        using MemberSecretKey owner = MemberSecretKey.Generate();
        WorkspaceStore store = new(database.Opened);
        await store.CreateAsync(
            new NewWorkspace(Mesh, Slug.Parse("mesh"), "Mesh", owner.Public, MemberId.Parse(RandomBytes.NextId()), "owner"), CancellationToken.None);
        return (await store.FindAsync(Mesh, CancellationToken.None))!.No;
    }

    private static async Task<MemberNo> AddAsync(TestDatabase database, MeshNo mesh, string name)
    {
        using MemberSecretKey key = MemberSecretKey.Generate();
        MeshMember member = await database.Opened.WriteAsync(
            scope => MemberStore.Add(scope, new NewMember(mesh, MemberId.Parse(RandomBytes.NextId()), key.Public, name, MemberRole.Member, MemberKind.Person)),
            CancellationToken.None);
        return member.No;
    }

    private static async Task PostAsync(TestDatabase database, MeshNo mesh, long position, Topic topic, long at)
    {
        await MessageAsync(database, mesh, position, topic.Target, at, long.MaxValue);
        await database.ExecuteAsync(
            $"INSERT INTO entry (mailbox_no, lane, position, message_id) VALUES ({topic.Mailbox.Value}, 1, {position}, {new MessageRef(mesh, position).Value})");
    }

    private static Task<int> MessageAsync(TestDatabase database, MeshNo mesh, long position, string target, long at, long expiresAt) =>
        database.Opened.WriteAsync(
            scope => scope.Sql.Execute(
                """
                INSERT INTO message (id, sender_no, sender_key, target, lane, body_version, nonce, body, recipients, created_at, expires_at)
                VALUES (@id, 1, @key, @target, 1, 1, @nonce, @body, 2, @at, @expires)
                """,
                ("@id", new MessageRef(mesh, position).Value), ("@key", new byte[32]), ("@target", target), ("@nonce", new byte[24]),
                ("@body", new byte[4]), ("@at", at), ("@expires", expiresAt)),
            CancellationToken.None);

    private static async Task<long[]> PositionsAsync(TestDatabase database, string sql) =>
        [.. (await database.Opened.ReadAsync((Sql read) => read.List(sql, static row => row.GetInt64(0)), CancellationToken.None)).Select(id => new MessageRef(id).Position)];

    private sealed class Heard : IRetentionListener
    {
        public List<Expired> Expired { get; } = [];

        public void OnExpired(MeshNo mesh, Expired expired) => Expired.Add(expired);

        public void OnRefile(MeshNo mesh, Refile refile) => Assert.Fail("nothing is to be moved");
    }
}
