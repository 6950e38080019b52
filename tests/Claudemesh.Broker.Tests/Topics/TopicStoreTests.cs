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

    /// <summary>A workspace from before there were topics, whose owner has no row of his own.</summary>
    [Theory]
    [InlineData(Backend.Sqlite)]
    [InlineData(Backend.Postgres)]
    public async Task An_older_workspace_gets_its_general_and_its_owner(Backend backend)
    {
        string owns = SigningKey.Generate().Public.ToString(), stays = SigningKey.Generate().Public.ToString(), gone = SigningKey.Generate().Public.ToString();
        using TestDatabase database = new(backend, (Last: 4, $"""
            INSERT INTO mesh (id, slug, name, owner_pubkey, created_at, settings) VALUES ('{RandomBytes.NextId()}', 'old', 'Old', '{owns}', 1, '{"{}"}');
            INSERT INTO member (id, mesh_no, pubkey, display_name, role, kind, joined_at, removed_at, banned, default_groups) VALUES
              ('{RandomBytes.NextId()}', 1, '{stays}', 'bob', 0, 0, 2, NULL, 0, '[]'),
              ('{RandomBytes.NextId()}', 1, '{gone}', 'gone', 0, 0, 2, 5, 0, '[]');
            INSERT INTO mailbox (mesh_no, kind, owner_no, key) VALUES (1, 1, 1, '1/1/{stays}'), (1, 1, 2, '1/1/{gone}')
            """));
        (MeshNo mesh, MemberNo member, MemberNo removed) = (new MeshNo(1), new MemberNo(1), new MemberNo(2));

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

    /// <summary>As a program that knew nothing of senders left them.</summary>
    [Theory]
    [InlineData(Backend.Sqlite)]
    [InlineData(Backend.Postgres)]
    public async Task Posts_of_an_older_history_are_counted_as_their_senders_are_known(Backend backend)
    {
        (MemberNo owner, MemberNo bob, MeshNo mesh) = (new(1), new(2), new(1));
        using TestDatabase database = new(backend, (Last: 7, $"""
            INSERT INTO mesh (id, slug, name, owner_pubkey, created_at, settings) VALUES ('{RandomBytes.NextId()}', 'old', 'Old', 'x', 1, '{"{}"}');
            INSERT INTO mailbox (mesh_no, kind, owner_no, key) VALUES (1, 3, 0, '1/3/t');
            INSERT INTO topic (id, mesh_no, mailbox_no, name, visibility, created_at) VALUES ('t', 1, 1, 'general', 0, 1);
            INSERT INTO topic_member (seat_no, topic_no, member_no, role, joined_at, last_read_position) VALUES (9, 1, {bob.Value}, 1, 1, 1);
            {Post(1, owner)}; {Post(2, owner)}; {Post(3, bob)};
            INSERT INTO entry (mailbox_no, lane, position, message_id) SELECT 1, 1, id - {new MessageRef(mesh, 0).Value}, id FROM message;
            INSERT INTO entry (mailbox_no, lane, position, message_id) VALUES (1, 1, 4, 99), (7, 1, 2, {new MessageRef(mesh, 2).Value})
            """));

        TopicFigures figures = await new TopicStore(database.Opened).ReadFiguresAsync(new TopicNo(1), bob, CancellationToken.None);

        Assert.Equal(new TopicFigures(LastPosition: 4, LastReadPosition: 1, Unread: 2), figures);

        string Post(long position, MemberNo sender) =>
            $"""
            INSERT INTO message (id, sender_no, sender_key, target, lane, body_version, nonce, body, recipients, created_at, expires_at)
            SELECT {new MessageRef(mesh, position).Value}, {sender.Value}, record, '#t', 1, 1, record, record, 1, 1, 2 FROM (SELECT CAST('x' AS {(backend is Backend.Sqlite ? "BLOB" : "BYTEA")}) AS record) AS one
            """;
    }

    [Theory]
    [InlineData(Backend.Sqlite)]
    [InlineData(Backend.Postgres)]
    public async Task Unread_posts_are_counted_up_to_a_thousand_over_all_lanes(Backend backend)
    {
        using TestDatabase database = new(backend);
        MeshNo mesh = await CreateAsync(database);
        MemberNo bob = await AddAsync(database, mesh, "bob");
        TopicStore store = new(database.Opened);
        Topic general = Assert.Single(await store.ListAsync(mesh, CancellationToken.None));
        await FillAsync(database, general, lane: 0, from: 1, count: 450, sender: 77);
        await FillAsync(database, general, lane: 1, from: 501, count: 449, sender: 77);
        await FillAsync(database, general, lane: 2, from: 1_001, count: 100, sender: 77);
        await FillAsync(database, general, lane: 1, from: 2_001, count: 3_000, sender: bob.Value);
        Assert.Equal(999, (await store.ListFiguresAsync(mesh, bob, CancellationToken.None))[general.No].Unread);

        await FillAsync(database, general, lane: 1, from: 6_001, count: 5, sender: 77);
        TopicFigures figures = (await store.ListFiguresAsync(mesh, bob, CancellationToken.None))[general.No];

        Assert.Equal((TopicFigures.UnreadMax, 6_005), (figures.Unread, figures.LastPosition));
        TopicFigures? read = await store.MarkReadAsync(general, bob, through: 5_999, CancellationToken.None);
        Assert.Equal((5_999, 5), (read!.Value.LastReadPosition, read.Value.Unread));
    }

    [Theory]
    [InlineData(Backend.Sqlite)]
    [InlineData(Backend.Postgres)]
    public async Task The_time_of_a_read_mark_does_not_go_back_with_the_clock(Backend backend)
    {
        using TestDatabase database = new(backend);
        MeshNo mesh = await CreateAsync(database);
        MemberNo bob = await AddAsync(database, mesh, "bob");
        TopicStore store = new(database.Opened);
        Topic general = Assert.Single(await store.ListAsync(mesh, CancellationToken.None));
        await database.ExecuteAsync($"UPDATE topic_member SET last_read_at = {long.MaxValue} WHERE member_no = {bob.Value}");

        await store.MarkReadAsync(general, bob, through: 4, CancellationToken.None);

        TopicStay stay = (await store.ListStaysAsync(general.No, CancellationToken.None)).Single(one => one.Member == bob);
        Assert.Equal(new Instant(long.MaxValue), stay.LastReadAt);
    }

    private static Task<int> FillAsync(TestDatabase database, Topic topic, int lane, int from, int count, long sender) => database.ExecuteAsync(
        $"""
        WITH RECURSIVE n (i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {from + count - 1})
        INSERT INTO entry (mailbox_no, lane, position, message_id, sender_no) SELECT {topic.Mailbox.Value}, {lane}, i, i, {sender} FROM n
        """);

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
