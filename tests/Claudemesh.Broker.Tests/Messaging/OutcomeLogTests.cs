using System.Collections.Immutable;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Tests.Storage;

namespace Claudemesh.Broker.Tests.Messaging;

public abstract class OutcomeLogTests : IDisposable
{
    private static readonly MeshNo Mesh = new(1);
    private static readonly string Key = new('a', 64);
    private static readonly string SessionKey = new('b', 64);

    private readonly TestDatabase database;
    private readonly MailboxStore mailboxes;

    protected OutcomeLogTests(Backend backend)
    {
        database = new TestDatabase(backend);
        mailboxes = new MailboxStore(database.Opened);
    }

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task A_message_that_is_not_there_has_no_outcomes()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);

        Assert.Empty(await OfAsync(loop, loop.Message()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_direct_message_waits_until_a_cursor_passes_it(bool flushed)
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync(1, Key);
        Message sent = await SendAsync(loop, Key, bob);
        Assert.Equal([(bob, null)], await OfAsync(loop, sent));

        database.Clock.Advance(TimeSpan.FromSeconds(3));
        long delivered = database.Clock.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        await loop.PostAsync(new MoveCursor(new ReaderNo(1), bob, Lane.Next, sent.Id.Position + 5));
        if (flushed)
            await FlushAsync();

        Assert.Equal([(bob, new Outcome(OutcomeState.Delivered, new Instant(delivered), null, null))], await OfAsync(loop, sent));
    }

    [Fact]
    public async Task A_message_to_a_session_is_found_in_the_sessions_mailbox_by_the_last_key_of_its_target()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        await AddAsync(1, Key);
        MailboxNo session = await mailboxes.GetOrAddMailboxAsync(Mesh, MailboxKind.Session, new MemberNo(1), SessionKey, CancellationToken.None);

        Assert.Equal([(session, null)], await OfAsync(loop, await SendAsync(loop, Key + SessionKey, session)));
        Assert.Equal([(session, null)], await OfAsync(loop, await SendAsync(loop, SessionKey, session)));
    }

    [Fact]
    public async Task A_group_message_tells_of_each_recipient()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo alice = await AddAsync(1, "alice");
        MailboxNo bob = await AddAsync(2, "bob");
        await AddAsync(3, "carol");
        Message sent = await SendAsync(loop, "@backend", alice, bob);
        await loop.PostAsync(new RecordOutcome(sent.Id, bob, new Outcome(OutcomeState.Refused, new Instant(9), "busy", [1, 2])));

        ImmutableArray<(MailboxNo Mailbox, Outcome? Outcome)> outcomes = await OfAsync(loop, sent);

        Assert.Equal([alice, bob], outcomes.Select(static one => one.Mailbox));
        Assert.Null(outcomes[0].Outcome);
        Outcome refused = outcomes[1].Outcome!;
        Assert.Equal((OutcomeState.Refused, new Instant(9), "busy"), (refused.State, refused.At, refused.Reason));
        Assert.Equal([1, 2], refused.Proof!);
    }

    [Fact]
    public async Task A_broadcast_is_for_all_who_were_members_then_but_its_sender()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo[] all = [await AddAsync(1, "alice"), await AddAsync(2, "bob"), await AddAsync(3, "carol"), await AddAsync(4, "dora")];
        await JoinAsync(1, joinedAt: 10);
        await JoinAsync(2, joinedAt: 10);
        await JoinAsync(3, joinedAt: 2_000_000);
        await JoinAsync(4, joinedAt: 10, removedAt: 20);
        Message sent = loop.Message(sender: 1, target: "*", recipients: 1, at: new Instant(1_000_000));
        await loop.PostAsync(TestLoop.Into(sent, loop.Activation.Everyone));

        Assert.Equal([(all[1], null)], await OfAsync(loop, sent));
    }

    [Fact]
    public async Task States_only_rise_and_the_last_ones_stay()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync(1, Key);
        (OutcomeState Then, OutcomeState Expected)[] reports =
        [
            (OutcomeState.Surfaced, OutcomeState.Surfaced),
            (OutcomeState.Expired, OutcomeState.Surfaced),
            (OutcomeState.Read, OutcomeState.Read),
            (OutcomeState.Surfaced, OutcomeState.Read),
            (OutcomeState.Refused, OutcomeState.Read),
        ];
        Message sent = await SendAsync(loop, Key, bob);

        foreach ((OutcomeState then, OutcomeState expected) in reports)
        {
            await loop.PostAsync(new RecordOutcome(sent.Id, bob, new Outcome(then, new Instant((long)then), null, null)));
            Assert.Equal([(bob, new Outcome(expected, new Instant((long)expected), null, null))], await OfAsync(loop, sent));
        }
    }

    [Fact]
    public async Task A_cursor_that_passed_because_its_reader_set_the_entry_aside_is_no_delivery()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync(1, Key);
        ReaderNo laptop = await mailboxes.GetOrAddReaderAsync(bob, "laptop", CancellationToken.None);
        ReaderNo phone = await mailboxes.GetOrAddReaderAsync(bob, "phone", CancellationToken.None);
        Message sent = await SendAsync(loop, Key, bob);
        await loop.PostAsync(
            new SetAside(laptop, sent.Id, new Entry(bob, Lane.Next, sent.Id.Position)),
            new MoveCursor(laptop, bob, Lane.Next, sent.Id.Position));
        await FlushAsync();
        Assert.Equal([(bob, null)], await OfAsync(loop, sent));

        await loop.PostAsync(new MoveCursor(phone, bob, Lane.Next, sent.Id.Position));
        await FlushAsync();
        Assert.Equal(OutcomeState.Delivered, Assert.Single(await OfAsync(loop, sent)).Outcome!.State);
    }

    [Fact]
    public async Task A_copy_that_moved_counts_for_where_it_was_sent_to_once_its_heir_has_it()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        MailboxNo bob = await AddAsync(1, Key);
        MailboxNo carol = await AddAsync(2, "carol");
        MailboxNo session = await mailboxes.GetOrAddMailboxAsync(Mesh, MailboxKind.Session, new MemberNo(1), SessionKey, CancellationToken.None);
        Message sent = await SendAsync(loop, "@backend", carol, session);
        Heir heir = new(bob, sent.Id.Position + 3);
        await loop.PostAsync(
            new MoveEntry(sent.Id, sent.Sender, new Entry(session, Lane.Next, sent.Id.Position), new Entry(bob, Lane.Next, heir.Position)),
            new RecordOutcome(sent.Id, session, new Outcome(OutcomeState.Refiled, new Instant(5), heir.ToString(), null)));

        // What bob has read before says nothing of what has moved to him since.
        await loop.PostAsync(new MoveCursor(new ReaderNo(1), bob, Lane.Next, sent.Id.Position + 2));
        Assert.Equal([(carol, null), (session, null)], await OfAsync(loop, sent));
        Assert.Equal([(session, bob)], await loop.Log.ReadHeirsAsync(sent.Id, CancellationToken.None));

        await loop.PostAsync(new MoveCursor(new ReaderNo(1), bob, Lane.Next, heir.Position));
        Assert.Equal([null, OutcomeState.Delivered], (await OfAsync(loop, sent)).Select(static one => one.Outcome?.State));

        await loop.PostAsync(new RecordOutcome(sent.Id, bob, new Outcome(OutcomeState.Read, new Instant(9), null, [1])));
        Assert.Equal(
            [(carol, null), (session, OutcomeState.Read)],
            (await OfAsync(loop, sent)).Select(static one => (one.Mailbox, one.Outcome?.State)));
    }

    private static ValueTask<ImmutableArray<(MailboxNo Mailbox, Outcome? Outcome)>> OfAsync(TestLoop loop, Message message) =>
        loop.Log.ReadOutcomesAsync(message.Id, CancellationToken.None);

    private static async Task<Message> SendAsync(TestLoop loop, string target, params MailboxNo[] mailboxes)
    {
        Message message = loop.Message(target: target, recipients: mailboxes.Length);
        Assert.Null(await loop.PostAsync(TestLoop.Into(message, mailboxes)));
        return message;
    }

    private Task<MailboxNo> AddAsync(long member, string key) =>
        mailboxes.GetOrAddMailboxAsync(Mesh, MailboxKind.Member, new MemberNo(member), key, CancellationToken.None).AsTask();

    private Task<int> JoinAsync(long no, long joinedAt, long? removedAt = null) => database.Opened.WriteAsync(
        scope => scope.Sql.Execute(
            """
            INSERT INTO member (no, id, mesh_no, pubkey, display_name, role, kind, joined_at, removed_at, banned, default_groups)
            VALUES (@no, @id, 1, @id, 'm', 0, 0, @joined, @removed, 0, '[]')
            """,
            ("@no", no), ("@id", $"m{no}"), ("@joined", joinedAt), ("@removed", removedAt)),
        CancellationToken.None);

    private Task FlushAsync()
    {
        database.Clock.Advance(CursorMoves.FlushAfter);
        return database.SettleAsync();
    }
}

public sealed class OutcomeLogOnSqliteTests() : OutcomeLogTests(Backend.Sqlite);

public sealed class OutcomeLogOnPostgresTests() : OutcomeLogTests(Backend.Postgres);
