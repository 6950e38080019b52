using System.Collections.Immutable;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Tests.Storage;

namespace Claudemesh.Broker.Tests.Messaging;

public abstract class FactsLogTests : IDisposable
{
    private static readonly MeshNo Mesh = new(1);

    private readonly TestDatabase database;
    private readonly MailboxStore mailboxes;

    protected FactsLogTests(Backend backend)
    {
        database = new TestDatabase(backend);
        mailboxes = new MailboxStore(database.Opened);
    }

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task An_unknown_mailbox_has_nothing()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);

        LaneFacts facts = await loop.Log.ReadFactsAsync(new MailboxNo(999), CancellationToken.None);

        Assert.Equal([0, 0, 0], facts.Last);
        Assert.Equal([0, 0, 0], facts.DeliveredThrough);
        Assert.Empty(facts.Waiting);
        Assert.Equal(0, facts.WaitingBytes);
    }

    [Fact]
    public async Task What_waits_is_counted_per_sender_over_all_lanes()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync("bob");
        Message first = await loop.SendAsync(bob, sender: 7);
        Message urgent = await loop.SendAsync(bob, Lane.Now, sender: 7);
        Message last = await loop.SendAsync(bob, sender: 8);

        LaneFacts facts = await loop.Log.ReadFactsAsync(bob, CancellationToken.None);

        Assert.Equal([urgent.Id.Position, last.Id.Position, 0], facts.Last);
        Assert.Equal([(new MemberNo(7), 2), (new MemberNo(8), 1)], facts.Waiting);
        Assert.Equal(first.Envelope.Size + urgent.Envelope.Size + last.Envelope.Size, facts.WaitingBytes);
    }

    [Fact]
    public async Task What_the_furthest_reader_has_passed_does_not_wait()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync("bob");
        Message first = await loop.SendAsync(bob);
        Message second = await loop.SendAsync(bob);
        await loop.SendAsync(bob);

        // Not in the file yet, and known all the same.
        await loop.PostAsync(new MoveCursor(new ReaderNo(1), bob, Lane.Next, first.Id.Position));
        await loop.PostAsync(new MoveCursor(new ReaderNo(2), bob, Lane.Next, second.Id.Position));
        LaneFacts pending = await loop.Log.ReadFactsAsync(bob, CancellationToken.None);
        database.Clock.Advance(CursorMoves.FlushAfter);
        await database.SettleAsync();
        LaneFacts written = await loop.Log.ReadFactsAsync(bob, CancellationToken.None);

        foreach (LaneFacts facts in (LaneFacts[])[pending, written])
        {
            Assert.Equal([0, second.Id.Position, 0], facts.DeliveredThrough);
            Assert.Equal([(new MemberNo(7), 1)], facts.Waiting);
        }
    }

    [Fact]
    public async Task What_waits_and_was_spoken_of_already_is_named()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync("bob");
        MailboxNo carol = await AddAsync("carol");
        Message delivered = await loop.SendAsync(bob);
        Message read = await loop.SendAsync(bob);
        Message refused = await loop.SendAsync(bob, Lane.Low);
        Message aside = await loop.SendAsync(bob);
        Message elsewhere = await loop.SendAsync(bob);
        await loop.PostAsync(
            Record(delivered, bob, OutcomeState.Surfaced), Record(read, bob, OutcomeState.Read), Record(refused, bob, OutcomeState.Refused),
            Record(aside, bob, OutcomeState.SetAside), Record(elsewhere, carol, OutcomeState.Read),
            new MoveCursor(new ReaderNo(1), bob, Lane.Next, delivered.Id.Position));

        LaneFacts facts = await loop.Log.ReadFactsAsync(bob, CancellationToken.None);

        Assert.Equal([read.Id, refused.Id], facts.Ahead.OrderBy(static message => message.Position));

        static RecordOutcome Record(Message message, MailboxNo mailbox, OutcomeState state) =>
            new(message.Id, mailbox, new Outcome(state, new Instant(9), Reason: null, Proof: [1]));
    }

    [Fact]
    public async Task What_was_set_aside_and_nobody_has_is_named()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync("bob");
        ReaderNo laptop = await mailboxes.GetOrAddReaderAsync(bob, "laptop", CancellationToken.None);
        ReaderNo phone = await mailboxes.GetOrAddReaderAsync(bob, "phone", CancellationToken.None);
        Message taken = await loop.SendAsync(bob);
        Message first = await loop.SendAsync(bob);
        Message second = await loop.SendAsync(bob, Lane.Low);
        await loop.PostAsync(
            Aside(laptop, taken), Aside(laptop, first), Aside(phone, first), Aside(phone, second),
            Record(taken, OutcomeState.Delivered), Record(first, OutcomeState.SetAside), Record(second, OutcomeState.SetAside));

        LaneFacts facts = await loop.Log.ReadFactsAsync(bob, CancellationToken.None);

        Assert.Equal([first.Id.Position, second.Id.Position], facts.Aside);

        SetAside Aside(ReaderNo reader, Message message) => new(reader, message.Id, new Entry(bob, message.Lane, message.Id.Position));
        RecordOutcome Record(Message message, OutcomeState state) => new(message.Id, bob, new Outcome(state, new Instant(9), Reason: null, Proof: null));
    }

    [Fact]
    public async Task Counting_stops_at_its_bound()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync("bob");
        for (int step = 0; step < 21; step++)
        {
            Output[] writes = [.. Enumerable.Range(0, 500).Select(i => TestLoop.Into(
                loop.Message(sender: i % 2, size: 1, lane: i % 3 == 0 ? Lane.Now : Lane.Next), bob))];
            Assert.Null(await loop.PostAsync(writes));
        }

        LaneFacts facts = await loop.Log.ReadFactsAsync(bob, CancellationToken.None);

        Assert.Equal(DeliveryReads.WaitingMax, facts.Waiting.Sum(static one => one.Count));
    }

    [Fact]
    public async Task In_everyones_mailbox_nothing_is_counted()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        Message last = await loop.SendAsync(loop.Activation.Everyone);

        LaneFacts facts = await loop.Log.ReadFactsAsync(loop.Activation.Everyone, CancellationToken.None);

        Assert.Equal([0, last.Id.Position, 0], facts.Last);
        Assert.Empty(facts.Waiting);
    }

    [Fact]
    public async Task A_mailbox_has_one_number_for_good()
    {
        await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync("bob");
        MailboxNo[] again = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AddAsync("bob")));
        MailboxNo session = await mailboxes.GetOrAddMailboxAsync(Mesh, MailboxKind.Session, new MemberNo(1), "bob", CancellationToken.None);
        MailboxNo elsewhere = await mailboxes.GetOrAddMailboxAsync(new MeshNo(2), MailboxKind.Member, new MemberNo(1), "bob", CancellationToken.None);

        Assert.All(again, one => Assert.Equal(bob, one));
        Assert.Equal(3, new HashSet<MailboxNo> { bob, session, elsewhere }.Count);
        Assert.Equal(
            new MailboxRow(bob, Mesh, MailboxKind.Member, new MemberNo(1)),
            await mailboxes.FindMailboxAsync(Mesh, MailboxKind.Member, "bob", CancellationToken.None));
        Assert.Null(await mailboxes.FindMailboxAsync(Mesh, MailboxKind.Member, "eve", CancellationToken.None));
        Assert.Equal([bob], (await mailboxes.ListAsync(Mesh, MailboxKind.Member, CancellationToken.None)).Select(static one => one.No));
    }

    [Fact]
    public async Task What_was_said_before_a_member_came_is_not_for_it()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        Message before = await loop.SendAsync(loop.Activation.Everyone);
        MailboxNo bob = await AddAsync("bob");
        Message after = await loop.SendAsync(loop.Activation.Everyone);

        ReaderNo laptop = await mailboxes.GetOrAddReaderAsync(bob, "laptop", CancellationToken.None);
        ImmutableArray<CursorAt> cursors = await loop.Log.ReadCursorsAsync(laptop, CancellationToken.None);

        Assert.Equal(3, cursors.Length);
        Assert.All(cursors, cursor => Assert.Equal((bob, before.Id.Position), (cursor.Source, cursor.Through)));
        Assert.Equal(after.Id, Assert.Single(await loop.ReadAsync(new Source(bob, loop.Activation.Everyone), after: cursors[1].Through)).Message.Id);
    }

    [Fact]
    public async Task A_new_device_starts_where_the_slowest_other_one_is()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync("bob");
        ReaderNo laptop = await mailboxes.GetOrAddReaderAsync(bob, "laptop", CancellationToken.None);
        ReaderNo phone = await mailboxes.GetOrAddReaderAsync(bob, "phone", CancellationToken.None);
        await loop.PostAsync(new MoveCursor(laptop, bob, Lane.Next, 9), new MoveCursor(phone, bob, Lane.Next, 4));
        database.Clock.Advance(CursorMoves.FlushAfter);
        await database.SettleAsync();

        ReaderNo tablet = await mailboxes.GetOrAddReaderAsync(bob, "tablet", CancellationToken.None);

        Assert.Equal([0, 4, 0], (await loop.Log.ReadCursorsAsync(tablet, CancellationToken.None)).Select(static one => one.Through));
        Assert.Equal(laptop, await mailboxes.GetOrAddReaderAsync(bob, "laptop", CancellationToken.None));
    }

    [Fact]
    public async Task Readers_that_are_seen_are_noted()
    {
        MailboxNo bob = await AddAsync("bob");
        ReaderNo laptop = await mailboxes.GetOrAddReaderAsync(bob, "laptop", CancellationToken.None);
        long? before = await database.NumberAsync("SELECT seen_at FROM reader");
        database.Clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(1, await mailboxes.SeeReadersAsync([laptop, new ReaderNo(999)], CancellationToken.None));
        Assert.Equal(before + 5_000_000, await database.NumberAsync("SELECT seen_at FROM reader"));
    }

    [Fact]
    public async Task A_reader_that_comes_again_at_once_costs_no_write_and_later_is_noted()
    {
        MailboxNo bob = await AddAsync("bob");
        ReaderNo laptop = await mailboxes.GetOrAddReaderAsync(bob, "laptop", CancellationToken.None);
        long? before = await database.NumberAsync("SELECT seen_at FROM reader");

        database.Clock.Advance(MailboxStore.SeenEvery - TimeSpan.FromSeconds(1));
        Assert.Equal(laptop, await mailboxes.GetOrAddReaderAsync(bob, "laptop", CancellationToken.None));
        Assert.Equal(before, await database.NumberAsync("SELECT seen_at FROM reader"));

        database.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(laptop, await mailboxes.GetOrAddReaderAsync(bob, "laptop", CancellationToken.None));
        Assert.Equal(before + 3_600_000_000, await database.NumberAsync("SELECT seen_at FROM reader"));
    }

    private Task<MailboxNo> AddAsync(string key) =>
        mailboxes.GetOrAddMailboxAsync(Mesh, MailboxKind.Member, new MemberNo(1), key, CancellationToken.None).AsTask();
}

public sealed class FactsLogOnSqliteTests() : FactsLogTests(Backend.Sqlite);

public sealed class FactsLogOnPostgresTests() : FactsLogTests(Backend.Postgres);
