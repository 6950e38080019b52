using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Messaging;

/// <summary>
/// Pieces of retention in one lane of a mailbox, each inside the writer's transaction and short: together with what hangs
/// on them they touch at most about a thousand rows.
/// </summary>
internal static class LaneSlices
{
    public const int EntriesMax = 300;

    private const int RowsMax = 1_000;

    /// <summary>
    /// Takes out entries that nobody took in time, or whose recipient was removed, and records it for each recipient.
    /// </summary>
    /// <returns>What was taken out; fewer than the bound when there is no more.</returns>
    public static ImmutableArray<Lapsed> Expire(WriteScope scope, LaneTask task, CursorMoves moves)
    {
        long delivered = Math.Max(
            moves.Furthest(task.Mailbox, task.Lane).Through, RetentionReads.NewestMark(scope.Session, task.Mailbox, task.Lane));
        ImmutableArray<Lapsed> lapsed = Lapsed(scope, task, delivered);
        int receipts = 0;
        int taken = 0;
        while (taken < lapsed.Length && receipts < RowsMax)
            receipts += Record(scope, task, lapsed[taken++], moves);

        lapsed = lapsed[..taken];
        if (lapsed.Length > 0)
            DeleteEntries(scope.Sql, task, delivered, lapsed[^1].Entry.Position);

        return lapsed;
    }

    /// <summary>
    /// Takes out entries that were delivered long ago, with those of their messages that nobody else has, then the marks
    /// that told when. The newest mark stays: it tells how far the mailbox was delivered.
    /// </summary>
    /// <returns>False when there is no more.</returns>
    public static bool Forget(WriteScope scope, LaneTask task, Instant before)
    {
        long through = scope.Sql.FindNumber(
            """
            SELECT max(through) FROM (SELECT through, at FROM cursor_mark WHERE mailbox_no = @mailbox AND lane = @lane
              ORDER BY through LIMIT @limit) marks WHERE at <= @before
            """,
            ("@mailbox", task.Mailbox.Value), ("@lane", (long)task.Lane), ("@limit", RowsMax), ("@before", before.Micros)) ?? 0;
        List<(long Position, long Message, bool Alone)> entries = scope.Sql.List(
            """
            SELECT e.position, e.message_id, COALESCE(m.recipients, 0) FROM entry e LEFT JOIN message m ON m.id = e.message_id
            WHERE e.mailbox_no = @mailbox AND e.lane = @lane AND e.position <= @through ORDER BY e.position LIMIT @limit
            """,
            static row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2) == 1),
            ("@mailbox", task.Mailbox.Value), ("@lane", (long)task.Lane), ("@through", through), ("@limit", EntriesMax));
        if (entries.Count == 0)
            return DeleteMarks(scope, task, through) == RowsMax;

        if (task.Kind is MailboxKind.Member or MailboxKind.Session)
        {
            foreach ((_, long message, bool alone) in entries)
            {
                if (alone)
                    MessageSlices.Delete(scope.Sql, message, message);
            }
        }

        DeleteEntries(scope.Sql, task, 0, entries[^1].Position);
        return true;
    }

    /// <summary>What is recorded, and told to the sender, of entries that are taken out.</summary>
    public static (OutcomeState State, string? Reason) OutcomeOf(LaneWork work) => work is LaneWork.Withdraw
        ? (OutcomeState.Refused, MeshError.RecipientRemoved.Code)
        : (OutcomeState.Expired, null);

    private static ImmutableArray<Lapsed> Lapsed(WriteScope scope, LaneTask task, long delivered) =>
    [
        .. scope.Sql.List(
            """
            SELECT e.position, e.message_id, COALESCE(m.sender_no, 0), COALESCE(m.recipients, 0),
              COALESCE(octet_length(m.body) + octet_length(m.nonce) + COALESCE(octet_length(m.header), 0), 0),
              COALESCE(m.expires_at, 0)
            FROM entry e LEFT JOIN message m ON m.id = e.message_id
            WHERE e.mailbox_no = @mailbox AND e.lane = @lane AND e.position > @delivered ORDER BY e.position LIMIT @limit
            """,
            row => (ExpiresAt: new Instant(row.GetInt64(5)), Lapsed: new Lapsed(
                new Entry(task.Mailbox, task.Lane, row.GetInt64(0)), new MessageRef(row.GetInt64(1)),
                new MemberNo(row.GetInt64(2)), (int)row.GetInt64(3), (int)row.GetInt64(4))),
            ("@mailbox", task.Mailbox.Value), ("@lane", (long)task.Lane), ("@delivered", delivered), ("@limit", EntriesMax))
            .TakeWhile(one => task.Work is LaneWork.Withdraw || one.ExpiresAt <= scope.Now).Select(static one => one.Lapsed),
    ];

    /// <summary>Of a broadcast those are told who have not passed it; of anything else the one whose mailbox this is.</summary>
    private static int Record(WriteScope scope, LaneTask task, in Lapsed lapsed, CursorMoves moves)
    {
        MessageRef message = lapsed.Message;
        if (task.Kind is not MailboxKind.Everyone)
        {
            // A copy that came from elsewhere takes nothing back from a mailbox that has the message already.
            bool isSecond = lapsed.Entry.Position != message.Position
                && OutcomeReads.Of(scope.Session, message, moves).Any(one => one.Mailbox == task.Mailbox && one.Outcome is { State: not OutcomeState.SetAside });
            return isSecond ? 0 : Record(scope, task, message, task.Mailbox);
        }

        return OutcomeReads.Of(scope.Session, message, moves).Where(static one => one.Outcome is null)
            .Sum(one => Record(scope, task, message, one.Mailbox));
    }

    private static int Record(WriteScope scope, LaneTask task, MessageRef message, MailboxNo mailbox) => scope.Sql.Execute(
        """
        INSERT INTO receipt (message_id, mailbox_no, state, at, reason) VALUES (@message, @mailbox, @state, @now, @reason)
          ON CONFLICT (message_id, mailbox_no) DO UPDATE SET state = excluded.state, at = excluded.at,
          reason = excluded.reason WHERE receipt.state = @aside
        """,
        ("@message", message.Value), ("@mailbox", mailbox.Value), ("@state", (long)OutcomeOf(task.Work).State), ("@reason", OutcomeOf(task.Work).Reason),
        ("@aside", (long)OutcomeState.SetAside), ("@now", scope.Now.Micros));

    private static int DeleteMarks(WriteScope scope, LaneTask task, long through) => scope.Sql.Execute(
        """
        DELETE FROM cursor_mark WHERE mailbox_no = @mailbox AND lane = @lane AND through <= @through
          AND through < (SELECT max(through) FROM cursor_mark WHERE mailbox_no = @mailbox AND lane = @lane)
        """,
        ("@mailbox", task.Mailbox.Value), ("@lane", (long)task.Lane), ("@through", through));

    private static void DeleteEntries(Sql sql, LaneTask task, long after, long through) => sql.Execute(
        "DELETE FROM entry WHERE mailbox_no = @mailbox AND lane = @lane AND position > @after AND position <= @through",
        ("@mailbox", task.Mailbox.Value), ("@lane", (long)task.Lane), ("@after", after), ("@through", through));
}
