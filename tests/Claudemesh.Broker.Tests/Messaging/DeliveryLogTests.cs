using System.Collections.Immutable;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Tests.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Tests.Messaging;

public abstract class DeliveryLogTests(Backend backend) : IDisposable
{
    private protected static readonly MailboxNo Alice = new(101);
    private static readonly MailboxNo Bob = new(102);
    private protected static readonly MailboxNo Everyone = new(103);

    private protected readonly TestDatabase database = new(backend);

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task A_message_is_read_back_as_it_was_sent()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        Message sent = loop.Message(clientId: [1, 2, 3], fingerprint: new byte[32], target: "ää@€", lane: Lane.Low, header: [9, 8]) with
        {
            ReplyTo = new MessageRef(new MeshNo(1), 77),
            Recipients = 3,
        };
        await loop.PostAsync(TestLoop.Into(sent, Alice));

        Message? found = await loop.Log.FindMessageAsync(sent.Id, CancellationToken.None);
        Stored stored = Assert.Single(await loop.ReadAsync(new Source(Alice, null), lane: Lane.Low));

        foreach (Message? read in (Message?[])[found, stored.Message])
        {
            Assert.NotNull(read);
            Assert.Equal((sent.Id, sent.Sender, sent.Lane, sent.ReplyTo, 3), (read.Id, read.Sender, read.Lane, read.ReplyTo, read.Recipients));
            Assert.Equal((sent.CreatedAt, sent.ExpiresAt), (read.CreatedAt, read.ExpiresAt));
            Assert.Equal(sent.Envelope.Target, read.Envelope.Target);
            Assert.Equal(sent.Envelope.Header, read.Envelope.Header);
            Assert.Equal(sent.Envelope.Nonce, read.Envelope.Nonce);
            Assert.Equal(sent.Envelope.Body, read.Envelope.Body);
            Assert.Equal(sent.Key!.Id, read.Key!.Id);
            Assert.Equal(sent.Key.Fingerprint, read.Key.Fingerprint);
        }

        Assert.Equal(new Entry(Alice, Lane.Low, sent.Id.Position), stored.Entry);
    }

    [Fact]
    public async Task Absent_parts_and_empty_parts_stay_apart()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        Message absent = loop.Message(size: 0);
        Message empty = loop.Message(size: 0, header: [], clientId: [1]);
        await loop.PostAsync(TestLoop.Into(absent, Alice), TestLoop.Into(empty, Alice));

        ImmutableArray<Stored> page = await loop.ReadAsync(new Source(Alice, null));

        Assert.Null(page[0].Message.Envelope.Header);
        Assert.Null(page[0].Message.Key);
        Assert.Empty(page[0].Message.Envelope.Body);
        Assert.Equal([], page[1].Message.Envelope.Header!);
        Assert.Null(page[1].Message.Key!.Fingerprint);
    }

    [Fact]
    public async Task A_page_merges_the_own_mailbox_and_everyones_in_the_order_of_positions()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        List<long> mine = [];
        for (int i = 0; i < 30; i++)
        {
            MailboxNo mailbox = (i % 4) switch { 0 => Everyone, 1 => Bob, _ => Alice };
            Message message = await loop.SendAsync(mailbox);
            if (mailbox != Bob)
                mine.Add(message.Id.Position);
        }

        Source source = new(Alice, Everyone);
        Assert.Equal(mine, (await loop.ReadAsync(source)).Select(static one => one.Entry.Position));
        Assert.Equal(mine.Take(5), (await loop.ReadAsync(source, limit: 5)).Select(static one => one.Entry.Position));
        Assert.Equal(
            mine.Where(position => position > mine[4]).Take(5),
            (await loop.ReadAsync(source, after: mine[4], limit: 5)).Select(static one => one.Entry.Position));
    }

    [Fact]
    public async Task A_page_ends_where_it_was_asked_to_end()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        Message first = await loop.SendAsync(Alice);
        await loop.SendAsync(Alice);

        ImmutableArray<Stored> page = await loop.Log.ReadAfterAsync(
            new Source(Alice, null), Lane.Next, 0, first.Id.Position, 256, CancellationToken.None);

        Assert.Equal(first.Id, Assert.Single(page).Message.Id);
    }

    [Fact]
    public async Task An_opened_workspace_goes_on_after_its_last_position_with_the_same_incarnation()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        Message last = await loop.SendAsync(Alice);
        database.Reopen();

        TestLoop again = await TestLoop.OpenAsync(database);

        Assert.Equal(last.Id.Position + 1, again.Activation.NextPosition);
        Assert.Equal(loop.Activation.Epoch + 1, again.Activation.Epoch);
        Assert.Equal(loop.Activation.Everyone, again.Activation.Everyone);
        Assert.Equal(loop.Activation.Incarnation.ToArray(), again.Activation.Incarnation.ToArray());
        Assert.Equal(16, again.Activation.Incarnation.Length);
        Assert.Equal(loop.Activation.Ids.Of(last.Id), again.Activation.Ids.Of(last.Id));
    }

    [Fact]
    public async Task Workspaces_do_not_see_each_others_positions()
    {
        TestLoop first = await TestLoop.OpenAsync(database, mesh: 1);
        await first.SendAsync(Alice);
        await first.SendAsync(Alice);
        TestLoop second = await TestLoop.OpenAsync(database, mesh: 2);
        TestLoop early = await TestLoop.OpenAsync(database, mesh: 0);

        Assert.Equal(1, second.Activation.NextPosition);
        Assert.Equal(1, early.Activation.NextPosition);
        Assert.Equal(3, (await TestLoop.OpenAsync(database, mesh: 1)).Activation.NextPosition);
    }

    [Fact]
    public async Task An_older_activation_is_fenced_and_writes_nothing()
    {
        TestLoop old = await TestLoop.OpenAsync(database);
        TestLoop young = await TestLoop.OpenAsync(database);

        Assert.Equal(Failure.Fenced, await old.PostAsync(TestLoop.Into(old.Message(), Alice)));
        Assert.Equal(0, await database.NumberAsync("SELECT count(*) FROM message"));
        Assert.Null(await young.PostAsync(TestLoop.Into(young.Message(), Alice)));
    }

    [Fact]
    public async Task A_restore_draws_a_new_incarnation_and_skips_positions_while_older_ids_stay()
    {
        TestLoop before = await TestLoop.OpenAsync(database);
        Message kept = await before.SendAsync(Alice);
        MessageId keptId = before.Activation.Ids.Of(kept.Id);

        await before.Log.RenewIncarnationAsync(new MeshNo(1), CancellationToken.None);
        TestLoop after = await TestLoop.OpenAsync(database);
        Message next = await after.SendAsync(Alice);

        Assert.Equal(kept.Id.Position + 1 + DeliveryLog.RestoreSkip, next.Id.Position);
        Assert.NotEqual(before.Activation.Incarnation.ToArray(), after.Activation.Incarnation.ToArray());
        Assert.Equal(keptId, after.Activation.Ids.Of(kept.Id));
        Assert.False(before.Activation.Ids.TryFind(after.Activation.Ids.Of(next.Id), out _));
        Assert.Equal(Failure.Fenced, await before.PostAsync(TestLoop.Into(before.Message(), Alice)));
    }

    [Fact]
    public async Task Known_submissions_are_found_and_unknown_ones_are_not()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        byte[] fingerprint = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];
        Message sent = loop.Message(sender: 7, clientId: [1, 1], fingerprint: fingerprint, recipients: 5);
        await loop.PostAsync(TestLoop.Into(sent, Alice));

        Known?[] known = await loop.Log.FindSubmissionsAsync(
            [(new MemberNo(7), [1, 2]), (new MemberNo(7), [1, 1]), (new MemberNo(8), [1, 1])], CancellationToken.None);

        Assert.Null(known[0]);
        Assert.Equal((sent.Id, 5), (known[1]!.Message, known[1]!.Recipients));
        Assert.Equal(fingerprint, known[1]!.Fingerprint);
        Assert.Null(known[2]);
    }

    [Fact]
    public async Task An_entry_that_moves_leaves_one_mailbox_and_is_in_the_other()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        Message sent = await loop.SendAsync(Alice);
        Message later = await loop.SendAsync(Bob);
        Entry to = new(Bob, Lane.Next, later.Id.Position + 1);

        await loop.PostAsync(new MoveEntry(sent.Id, sent.Sender, new Entry(Alice, Lane.Next, sent.Id.Position), to));

        Assert.Empty(await loop.ReadAsync(new Source(Alice, null)));
        ImmutableArray<Stored> page = await loop.Log.ReadAfterAsync(
            new Source(Bob, null), Lane.Next, 0, to.Position, 256, CancellationToken.None);
        Assert.Equal([later.Id, sent.Id], page.Select(static one => one.Message.Id));
        Assert.Equal(to, page[1].Entry);
    }

    [Fact]
    public async Task What_was_set_aside_is_given_back_until_it_is_cleared()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        Message first = await loop.SendAsync(Alice);
        Message second = await loop.SendAsync(Alice);
        ReaderNo reader = new(5);
        await loop.PostAsync(
            new SetAside(reader, second.Id, new Entry(Alice, Lane.Next, second.Id.Position)),
            new SetAside(reader, first.Id, new Entry(Alice, Lane.Next, first.Id.Position)));

        ImmutableArray<Stored> aside = await loop.Log.ReadSetAsideAsync(reader, 256, CancellationToken.None);
        Assert.Equal([first.Id, second.Id], aside.Select(static one => one.Message.Id));
        Assert.Equal(new Entry(Alice, Lane.Next, first.Id.Position), aside[0].Entry);
        Assert.Equal(first.Id, Assert.Single(await loop.Log.ReadSetAsideAsync(reader, 1, CancellationToken.None)).Message.Id);
        Assert.Empty(await loop.Log.ReadSetAsideAsync(new ReaderNo(6), 256, CancellationToken.None));

        await loop.PostAsync(new ClearAside(reader, first.Id));
        Assert.Equal(second.Id, Assert.Single(await loop.Log.ReadSetAsideAsync(reader, 256, CancellationToken.None)).Message.Id);
    }
}

public sealed class DeliveryLogOnSqliteTests() : DeliveryLogTests(Backend.Sqlite)
{
    [Fact]
    public async Task A_page_left_half_read_does_not_pin_the_log()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        for (int i = 0; i < 10; i++)
            await loop.SendAsync(Alice);

        await loop.ReadAsync(new Source(Alice, Everyone), limit: 3);
        await loop.ReadAsync(new Source(Alice, Everyone), limit: 3);

        // busy = 0: no reader stood in the way of taking the whole log into the file.
        Assert.Equal(0, await database.Opened.ReadAsync(
            (Broker.Storage.Sql sql) => sql.FindNumber("PRAGMA wal_checkpoint(TRUNCATE)"), CancellationToken.None));
    }
}

public sealed class DeliveryLogOnPostgresTests() : DeliveryLogTests(Backend.Postgres);
