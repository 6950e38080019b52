using System.Collections.Immutable;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Tests.Storage;
using Claudemesh.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Claudemesh.Broker.Tests.Messaging;

public abstract class RetentionLogTests : IDisposable, IRetentionListener
{
    private static readonly MeshNo Mesh = new(1);
    private static readonly string Key = new('a', 64);
    private static readonly string SessionKey = new('b', 64);
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    private readonly TestDatabase database;
    private readonly TestMeters meters = new();
    private readonly MailboxStore mailboxes;
    private readonly Retention retention;
    private readonly List<Expired> expired = [];
    private readonly List<Refile> refiles = [];

    protected RetentionLogTests(Backend backend)
    {
        database = new TestDatabase(backend);
        mailboxes = new MailboxStore(database.Opened);
        retention = New(this);
    }

    private Retention New(IRetentionListener listener) =>
        new(database.Opened, new RetentionTimes(), listener, new RetentionMetrics(meters), database.Clock, NullLogger<Retention>.Instance);

    void IRetentionListener.OnExpired(MeshNo mesh, Expired expired) => this.expired.Add(expired);

    void IRetentionListener.OnRefile(MeshNo mesh, Refile refile) => refiles.Add(refile);

    public void Dispose()
    {
        database.Dispose();
        meters.Dispose();
    }

    [Fact]
    public async Task What_nobody_took_in_time_expires_and_its_sender_can_ask()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync(Key);
        Message old = await loop.SendAsync(bob, at: Now, sender: 9);
        database.Clock.Advance(TimeSpan.FromDays(1));
        Message young = await loop.SendAsync(bob, at: Now);
        database.Clock.Advance(Month - TimeSpan.FromDays(1));
        await RunAsync();

        Expired lapsed = Assert.Single(expired);
        Assert.Equal(bob, lapsed.Mailbox);
        Assert.Equal(
            new Lapsed(new Entry(bob, Lane.Next, old.Id.Position), old.Id, new MemberNo(9), 1, old.Envelope.Size),
            Assert.Single(lapsed.Entries));
        Assert.Equal(young.Id, Assert.Single(await loop.ReadAsync(new Source(bob, null))).Message.Id);
        Assert.Equal([(bob, new Outcome(OutcomeState.Expired, Now, null, null))], await OutcomesAsync(loop, old));

        database.Clock.Advance(Month);
        await RunAsync();
        Assert.Null(await loop.Log.FindMessageAsync(old.Id, CancellationToken.None));
        Assert.NotNull(await loop.Log.FindMessageAsync(young.Id, CancellationToken.None));
    }

    [Fact]
    [Trait("rest", "7.2 C13")]
    public async Task What_was_delivered_stays_a_month_and_then_goes_with_its_message_and_mark()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync(Key);
        Message first = await loop.SendAsync(bob, at: Now);
        await PassAsync(loop, bob, first);
        database.Clock.Advance(TimeSpan.FromDays(10));
        Message second = await loop.SendAsync(bob, at: Now);
        await PassAsync(loop, bob, second);

        database.Clock.Advance(Month - TimeSpan.FromDays(10) - TimeSpan.FromSeconds(1));
        await RunAsync();
        Assert.Equal(2, (await loop.ReadAsync(new Source(bob, null))).Length);

        database.Clock.Advance(TimeSpan.FromSeconds(1));
        await RunAsync();
        Assert.Equal(second.Id, Assert.Single(await loop.ReadAsync(new Source(bob, null))).Message.Id);
        Assert.Null(await loop.Log.FindMessageAsync(first.Id, CancellationToken.None));
        Assert.Equal(second.Id.Position, await database.NumberAsync("SELECT min(through) FROM cursor_mark"));
        Assert.Empty(expired);
    }

    [Fact]
    public async Task The_newest_mark_stays_so_that_nothing_delivered_seems_to_wait_again()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync(Key);
        Message last = await loop.SendAsync(bob, at: Now);
        await PassAsync(loop, bob, last);
        database.Clock.Advance(Month * 4);
        await RunAsync();

        LaneFacts facts = await loop.Log.ReadFactsAsync(bob, CancellationToken.None);
        Assert.Equal(last.Id.Position, facts.DeliveredThrough[(int)Lane.Next]);
        Assert.Empty(expired);
    }

    [Fact]
    public async Task Positions_of_messages_that_are_gone_are_not_given_out_again()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync(Key);
        Message last = await loop.SendAsync(bob, at: Now);
        await PassAsync(loop, bob, last);
        await loop.SendAsync(loop.Activation.Everyone, at: Now);
        database.Clock.Advance(Month * 4);
        await RunAsync();

        Assert.Equal(0, await database.NumberAsync("SELECT count(*) FROM message"));
        Assert.Equal(last.Id.Position + 2, (await TestLoop.OpenAsync(database)).Activation.NextPosition);
    }

    [Fact]
    public async Task A_message_to_many_stays_while_one_mailbox_has_it()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync(Key);
        MailboxNo carol = await AddAsync(new string('c', 64));
        Message message = loop.Message(at: Now, recipients: 2, target: "@team");
        await loop.PostAsync(TestLoop.Into(message, bob, carol));
        await PassAsync(loop, bob, message);
        database.Clock.Advance(Month - TimeSpan.FromSeconds(1));
        await PassAsync(loop, carol, message);
        database.Clock.Advance(TimeSpan.FromSeconds(2));
        await RunAsync();

        Assert.Empty(await loop.ReadAsync(new Source(bob, null)));
        Assert.Equal(message.Id, Assert.Single(await loop.ReadAsync(new Source(carol, null))).Message.Id);
        Assert.Empty(expired);
    }

    [Fact]
    public async Task A_broadcast_expires_for_those_who_have_not_passed_it()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo sender = await JoinAsync(7, new string('7', 64));
        MailboxNo bob = await JoinAsync(8, new string('8', 64));
        MailboxNo carol = await JoinAsync(9, new string('9', 64));
        Message message = await loop.SendAsync(loop.Activation.Everyone, at: Now, sender: 7);
        await PassAsync(loop, bob, message);
        database.Clock.Advance(Month);
        await RunAsync();

        Assert.Equal(loop.Activation.Everyone, Assert.Single(expired).Mailbox);
        Assert.Equal(
            [(bob, OutcomeState.Delivered), (carol, OutcomeState.Expired)],
            (await OutcomesAsync(loop, message)).Select(static one => (one.Mailbox, one.Outcome!.State)));
        Assert.NotEqual(sender, bob);
    }

    [Fact]
    public async Task Thousands_go_in_slices_and_all_of_them_go()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync(Key);
        for (int i = 0; i < 3; i++)
            await loop.PostAsync([.. Enumerable.Range(0, 350).Select(_ => TestLoop.Into(loop.Message(size: 8, at: Now), bob))]);

        database.Clock.Advance(Month);
        await RunAsync();

        Assert.All(expired, static one => Assert.InRange(one.Entries.Length, 1, LaneSlices.EntriesMax));
        Assert.Equal(1_050, expired.Sum(static one => one.Entries.Length));
        Assert.Equal(0, await database.NumberAsync("SELECT count(*) FROM entry"));
        Assert.Equal(1_050, await database.NumberAsync("SELECT count(*) FROM receipt"));

        database.Clock.Advance(Month);
        await RunAsync();
        Assert.Equal(0, await database.NumberAsync("SELECT count(*) FROM receipt"));
        Assert.Equal(0, await database.NumberAsync("SELECT count(*) FROM message"));
    }

    [Fact]
    public async Task Legacy_client_ids_are_forgotten_after_a_day_and_ours_with_their_message()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync(Key);
        byte[] ours = new byte[16];
        byte[] legacy = "0b8cfe8a-6ba1-4a4e-9f34-0d8a27f8f3aa"u8.ToArray();
        await loop.SendAsync(bob, clientId: ours, at: Now);
        await loop.SendAsync(bob, clientId: legacy, at: Now);
        database.Clock.Advance(TimeSpan.FromHours(24));
        await RunAsync();

        Known?[] known = await loop.Log.FindSubmissionsAsync([(new MemberNo(7), ours), (new MemberNo(7), legacy)], CancellationToken.None);
        Assert.NotNull(known[0]);
        Assert.Null(known[1]);

        database.Clock.Advance(Month);
        await RunAsync();
        Assert.Equal(0, await database.NumberAsync("SELECT count(*) FROM submission"));
    }

    [Fact]
    public async Task A_sweep_of_many_submissions_goes_on_where_it_stopped()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync(Key);
        for (int i = 0; i < 5; i++)
        {
            await loop.PostAsync([.. Enumerable.Range(0, 500).Select(j =>
                TestLoop.Into(loop.Message(size: 1, at: Now, clientId: [(byte)i, (byte)(j >> 8), (byte)j]), bob))]);
        }

        database.Clock.Advance(TimeSpan.FromHours(24));
        await RunAsync();

        Assert.Equal(0, await database.NumberAsync("SELECT count(*) FROM submission"));
        Assert.Equal(2_500, await database.NumberAsync("SELECT count(*) FROM message"));
    }

    [Fact]
    public async Task A_reader_that_was_not_seen_for_a_month_goes_with_its_cursors()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync(Key);
        Message message = await loop.SendAsync(bob, at: Now);
        ReaderNo gone = await mailboxes.GetOrAddReaderAsync(bob, "gone", CancellationToken.None);
        ReaderNo here = await mailboxes.GetOrAddReaderAsync(bob, "here", CancellationToken.None);
        await loop.PostAsync(new SetAside(gone, message.Id, new Entry(bob, Lane.Next, message.Id.Position)));
        database.Clock.Advance(TimeSpan.FromDays(29));
        await mailboxes.SeeReadersAsync([here], CancellationToken.None);
        database.Clock.Advance(TimeSpan.FromDays(1));
        await RunAsync();

        Assert.Equal(here.Value, await database.NumberAsync("SELECT sum(no) FROM reader"));
        Assert.Equal(here.Value * 3, await database.NumberAsync("SELECT sum(reader_no) FROM cursor"));
        Assert.Equal(0, await database.NumberAsync("SELECT count(*) FROM set_aside"));
    }

    [Fact]
    public async Task What_waits_for_a_session_closed_for_a_day_is_offered_to_its_member()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await JoinAsync(8, Key);
        MailboxNo session = await mailboxes.GetOrAddMailboxAsync(Mesh, MailboxKind.Session, new MemberNo(8), SessionKey, CancellationToken.None);
        await database.Opened.WriteAsync(
            scope => scope.Sql.Execute(
                """
                INSERT INTO session (mesh_no, member_no, pubkey, session_id, first_seen_at, last_seen_at, closed_at)
                VALUES (1, 8, @key, 's', 0, 0, @closed)
                """,
                ("@key", SessionKey), ("@closed", Now.Micros)),
            CancellationToken.None);
        Message read = await loop.SendAsync(session, at: Now);
        await PassAsync(loop, session, read);
        Message waiting = await loop.SendAsync(session, at: Now);
        await RunAsync();
        Assert.Empty(refiles);

        database.Clock.Advance(TimeSpan.FromHours(24));
        await RunAsync();

        Refile refile = Assert.Single(refiles);
        Assert.Equal((session, bob), (refile.From, refile.To));
        Assert.Equal(waiting.Id, Assert.Single(refile.Entries).Message.Id);
    }

    [Fact]
    public async Task Rounds_come_each_minute_until_the_end()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync(Key);
        await loop.SendAsync(bob, at: new Instant(Now.Micros) + -Month);
        using CancellationTokenSource end = new();
        TaskCompletionSource heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Retention running = New(new Signal(heard));
        Task run = running.RunAsync(end.Token);
        database.Clock.Advance(Retention.Interval);

        await heard.Task.WaitAsync(TestSocket.Patience);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    private Instant Now => database.Clock.GetInstant();

    private Task RunAsync() => retention.RunOnceAsync(CancellationToken.None);

    private static async Task<(MailboxNo Mailbox, Outcome? Outcome)[]> OutcomesAsync(TestLoop loop, Message message) =>
        [.. await loop.Log.ReadOutcomesAsync(message.Id, CancellationToken.None)];

    private async Task PassAsync(TestLoop loop, MailboxNo mailbox, Message message)
    {
        await loop.PostAsync(new MoveCursor(new ReaderNo(mailbox.Value + 1_000), mailbox, message.Lane, message.Id.Position));
        database.Clock.Advance(CursorMoves.FlushAfter);
        await database.SettleAsync();
    }

    private Task<MailboxNo> AddAsync(string key) =>
        mailboxes.GetOrAddMailboxAsync(Mesh, MailboxKind.Member, new MemberNo(1), key, CancellationToken.None).AsTask();

    private async Task<MailboxNo> JoinAsync(long no, string key)
    {
        await database.Opened.WriteAsync(
            scope => scope.Sql.Execute(
                """
                INSERT INTO member (no, id, mesh_no, pubkey, display_name, role, kind, joined_at, banned, default_groups)
                VALUES (@no, @key, 1, @key, 'm', 0, 0, @now, 0, '[]')
                """,
                ("@no", no), ("@key", key), ("@now", scope.Now.Micros)),
            CancellationToken.None);
        return await mailboxes.GetOrAddMailboxAsync(Mesh, MailboxKind.Member, new MemberNo(no), key, CancellationToken.None);
    }

    private sealed class Signal(TaskCompletionSource heard) : IRetentionListener
    {
        public void OnExpired(MeshNo mesh, Expired expired) => heard.SetResult();

        public void OnRefile(MeshNo mesh, Refile refile) => throw new InvalidOperationException("Nothing is to be re-filed.");
    }
}

public sealed class RetentionLogOnSqliteTests() : RetentionLogTests(Backend.Sqlite);

public sealed class RetentionLogOnPostgresTests() : RetentionLogTests(Backend.Postgres);
