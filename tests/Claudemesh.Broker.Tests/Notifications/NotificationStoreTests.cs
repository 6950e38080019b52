using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Notifications;
using Claudemesh.Broker.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Claudemesh.Broker.Tests.Notifications;

public sealed class NotificationStoreTests
{
    private static readonly MailboxNo Deploys = new(41);
    private static readonly MailboxNo Plans = new(42);
    private static readonly MemberNo Alice = new(7);
    private static readonly MemberNo Bob = new(8);
    private static readonly MemberNo Carol = new(9);

    [Theory]
    [InlineData(Backend.Sqlite)]
    [InlineData(Backend.Postgres)]
    public async Task A_post_and_its_notifications_are_one_transaction(Backend backend)
    {
        using TestDatabase database = new(backend);
        TestLoop loop = await TestLoop.OpenAsync(database);
        Message post = await PostAsync(loop, Deploys, [Bob, Carol], at: 5);
        NotificationStore store = new(database.Opened);

        NotificationRow row = Assert.Single((await ListAsync(store, Bob)).Rows);
        Assert.Equal((post.Id, Deploys, null), (row.Post.Id, row.Topic, row.ReadAt));
        Assert.Equal(1, (await store.CountUnreadAsync(Carol, CancellationToken.None))[Deploys]);
        Assert.Empty((await ListAsync(store, Alice)).Rows);

        // Another activation has taken the workspace: neither is written.
        await loop.Log.OpenAsync(new MeshNo(1), CancellationToken.None);
        Message fenced = loop.Message(Alice.Value, lane: Lane.Next, at: new Instant(6));
        Assert.Equal(Failure.Fenced, await loop.PostAsync(TestLoop.Into(fenced, Deploys) with { Mentioned = [Bob] }));
        Assert.Single((await ListAsync(store, Bob)).Rows);
    }

    [Theory]
    [InlineData(Backend.Sqlite)]
    [InlineData(Backend.Postgres)]
    public async Task Pages_pass_over_what_may_not_be_seen_and_say_whether_there_is_more(Backend backend)
    {
        using TestDatabase database = new(backend);
        TestLoop loop = await TestLoop.OpenAsync(database);
        List<MessageRef> seen = [];
        for (int i = 0; i < 30; i++)
        {
            Message post = await PostAsync(loop, i % 10 == 0 ? Deploys : Plans, [Bob], at: i);
            if (i % 10 == 0)
                seen.Insert(0, post.Id);
        }

        NotificationStore store = new(database.Opened);
        (List<NotificationRow> rows, bool more) = await ListAsync(store, Bob, count: 2, isSeen: topic => topic == Deploys);
        Assert.Equal((seen.Take(2), true), (rows.Select(row => row.Post.Id), more), Comparing);
        (rows, more) = await ListAsync(store, Bob, count: 2, before: seen[1], isSeen: topic => topic == Deploys);
        Assert.Equal((seen.Skip(2), false), (rows.Select(row => row.Post.Id), more), Comparing);
        (rows, more) = await ListAsync(store, Bob, count: 50, since: new Instant(20));
        Assert.Equal((10, false), (rows.Count, more));
        (rows, more) = await ListAsync(store, Bob, count: 50, bytesMax: 3 * 1_300);
        Assert.Equal((3, true), (rows.Count, more));
    }

    [Theory]
    [InlineData(Backend.Sqlite)]
    [InlineData(Backend.Postgres)]
    public async Task Marks_count_what_they_change_and_leave_other_topics_and_members(Backend backend)
    {
        using TestDatabase database = new(backend);
        TestLoop loop = await TestLoop.OpenAsync(database);
        Message first = await PostAsync(loop, Deploys, [Bob, Carol], at: 1);
        Message second = await PostAsync(loop, Plans, [Bob], at: 2);
        await PostAsync(loop, Deploys, [Bob], at: 3);
        NotificationStore store = new(database.Opened);

        Assert.Equal(1, await store.MarkReadAsync(Bob, [first.Id, first.Id, second.Id], topic => topic == Deploys, CancellationToken.None));
        Assert.Equal(0, await store.MarkReadAsync(Bob, Deploys, through: new Instant(2), CancellationToken.None));
        Assert.Equal(1, await store.MarkReadAsync(Bob, Deploys, through: new Instant(3), CancellationToken.None));

        Assert.Equal([KeyValuePair.Create(Plans, 1)], await store.CountUnreadAsync(Bob, CancellationToken.None));
        Assert.Equal([KeyValuePair.Create(Deploys, 1)], await store.CountUnreadAsync(Carol, CancellationToken.None));
    }

    [Theory]
    [InlineData(Backend.Sqlite)]
    [InlineData(Backend.Postgres)]
    [Trait("rest", "7.2 C13")]
    public async Task What_was_read_goes_after_thirty_days_and_everything_after_ninety(Backend backend)
    {
        using TestDatabase database = new(backend);
        TestLoop loop = await TestLoop.OpenAsync(database);
        NotificationStore store = new(database.Opened);
        Message first = await PostAsync(loop, Deploys, [Bob], database.Clock);
        await PostAsync(loop, Deploys, [Bob], database.Clock);
        await store.MarkReadAsync(Bob, [first.Id], static _ => true, CancellationToken.None);
        using TestMeters meters = new();
        Retention retention = new(database.Opened, new RetentionTimes(), new Deaf(), new RetentionMetrics(meters), database.Clock, NullLogger<Retention>.Instance);

        Assert.Equal(2, await CountAfterAsync(TimeSpan.FromDays(29)));
        Assert.Equal(1, await CountAfterAsync(TimeSpan.FromDays(1)));
        Assert.Equal(1, await CountAfterAsync(TimeSpan.FromDays(59)));
        Assert.Equal(0, await CountAfterAsync(TimeSpan.FromDays(1)));

        async Task<long?> CountAfterAsync(TimeSpan time)
        {
            database.Clock.Advance(time);
            await retention.RunOnceAsync(CancellationToken.None);
            return await database.NumberAsync("SELECT count(*) FROM notification");
        }
    }

    [Theory]
    [InlineData(Backend.Sqlite)]
    [InlineData(Backend.Postgres)]
    public async Task Of_more_than_a_thousand_unread_the_oldest_give_way(Backend backend)
    {
        using TestDatabase database = new(backend);
        await database.OpenLogAsync();
        long now = database.Clock.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        await FillAsync(database, Bob, from: 1, count: 2_500, now);
        await FillAsync(database, Carol, from: 1, count: 1_000, now);
        await database.ExecuteAsync($"UPDATE notification SET read_at = {now} WHERE recipient_no = {Bob.Value} AND message_id <= 5");
        NotificationSweep sweep = new(database.Opened, new RetentionTimes());

        await sweep.RunAsync(new Instant(now), CancellationToken.None);
        Assert.Equal(1_005, await CountAsync(database, Bob));
        Assert.Equal(1_501, await database.NumberAsync($"SELECT min(message_id) FROM notification WHERE recipient_no = {Bob.Value} AND read_at IS NULL"));
        Assert.Equal(1_000, await CountAsync(database, Carol));

        await FillAsync(database, Carol, from: 1_001, count: 1, now);
        await sweep.RunAsync(new Instant(now), CancellationToken.None);
        Assert.Equal(1_000, await CountAsync(database, Carol));
    }

    private static IEqualityComparer<(IEnumerable<MessageRef> Ids, bool More)> Comparing { get; } =
        EqualityComparer<(IEnumerable<MessageRef> Ids, bool More)>.Create((one, other) => one.More == other.More && one.Ids.SequenceEqual(other.Ids));

    private static async Task<Message> PostAsync(TestLoop loop, MailboxNo topic, MemberNo[] mentioned, long at)
    {
        Message post = loop.Message(Alice.Value, target: "#topic", at: new Instant(at)) with { ExpiresAt = Instant.Never };
        Assert.Null(await loop.PostAsync(TestLoop.Into(post, topic) with { Mentioned = [.. mentioned] }));
        return post;
    }

    private static Task<Message> PostAsync(TestLoop loop, MailboxNo topic, MemberNo[] mentioned, TimeProvider clock) =>
        PostAsync(loop, topic, mentioned, clock.GetUtcNow().ToUnixTimeMilliseconds() * 1000);

    private static ValueTask<(List<NotificationRow> Rows, bool More)> ListAsync(
        NotificationStore store, MemberNo member, int count = 50, MessageRef? before = null, Instant? since = null, Func<MailboxNo, bool>? isSeen = null,
        int bytesMax = int.MaxValue) =>
        store.ListAsync(new NotificationQuery(member, Unread: false, since, before, count, isSeen ?? (static _ => true)), bytesMax, CancellationToken.None);

    private static Task<int> FillAsync(TestDatabase database, MemberNo member, int from, int count, long at) => database.ExecuteAsync(
        $"""
        WITH RECURSIVE n (i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {from + count - 1})
        INSERT INTO notification (recipient_no, message_id, mesh_no, mailbox_no, sender_no, kind, created_at) SELECT {member.Value}, i, 1, 41, 7, 0, {at} FROM n
        """);

    private static Task<long?> CountAsync(TestDatabase database, MemberNo member) =>
        database.NumberAsync($"SELECT count(*) FROM notification WHERE recipient_no = {member.Value}");

    private sealed class Deaf : IRetentionListener
    {
        public void OnExpired(MeshNo mesh, Expired expired)
        {
        }

        public void OnRefile(MeshNo mesh, Refile refile)
        {
        }
    }
}
