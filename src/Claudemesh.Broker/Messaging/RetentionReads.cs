using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Messaging;

internal enum LaneWork : byte
{
    /// <summary>Entries that nobody took in time.</summary>
    Expire,

    /// <summary>Entries that wait for a member that was removed.</summary>
    Withdraw,

    /// <summary>Entries and marks that were delivered long ago.</summary>
    Forget,

    /// <summary>Entries that wait for a session that is gone.</summary>
    Refile,
}

/// <summary>Something to do in one lane of a mailbox.</summary>
internal readonly record struct LaneTask(LaneWork Work, MeshNo Mesh, MailboxNo Mailbox, MailboxKind Kind, Lane Lane);

/// <summary>Finds out what retention has to do, without holding up the writer: three reads by key for each lane of a mailbox.</summary>
internal static class RetentionReads
{
    public static List<(MailboxNo No, MeshNo Mesh, MailboxKind Kind)> Mailboxes(ISqlSession session, MailboxNo after, int limit)
    {
        ISqlStatement rows = session.Prepared(
            // What lies in topics goes by their own setting; nothing ever lies in a seat.
            "SELECT no, mesh_no, kind FROM mailbox WHERE no > ?1 AND kind NOT IN (3, 5) ORDER BY no LIMIT ?2");
        List<(MailboxNo, MeshNo, MailboxKind)> page = [];
        rows.Bind(1, after.Value).Bind(2, limit);
        while (rows.Read())
            page.Add((new MailboxNo(rows.Int64(0)), new MeshNo(rows.Int64(1)), (MailboxKind)rows.Int64(2)));

        return page;
    }

    public static void FindWork(
        ISqlSession session, (MailboxNo No, MeshNo Mesh, MailboxKind Kind) mailbox,
        Instant now, RetentionTimes times, CursorMoves moves, List<LaneTask> tasks)
    {
        Instant forgetBefore = now + -times.AfterDelivery;
        for (Lane lane = Lane.Now; lane <= Lane.Low; lane++)
        {
            long delivered = Math.Max(moves.Furthest(mailbox.No, lane).Through, NewestMark(session, mailbox.No, lane));
            (long Position, Instant ExpiresAt)? waiting = OldestAfter(session, mailbox.No, lane, delivered);
            if (waiting is { } oldest && oldest.ExpiresAt <= now)
                tasks.Add(new LaneTask(LaneWork.Expire, mailbox.Mesh, mailbox.No, mailbox.Kind, lane));
            else if (waiting is not null && IsOfRemoved(session, mailbox.No))
                tasks.Add(new LaneTask(LaneWork.Withdraw, mailbox.Mesh, mailbox.No, mailbox.Kind, lane));
            else if (waiting is not null && mailbox.Kind is MailboxKind.Session
                && FindHeir(session, mailbox.No, now + -times.ClosedSession) is not null)
                tasks.Add(new LaneTask(LaneWork.Refile, mailbox.Mesh, mailbox.No, mailbox.Kind, lane));

            if (OldestMark(session, mailbox.No, lane) is { } mark && mark.At <= forgetBefore
                && (mark.Through < delivered || (OldestAfter(session, mailbox.No, lane, 0) is { } first && first.Position <= mark.Through)))
            {
                tasks.Add(new LaneTask(LaneWork.Forget, mailbox.Mesh, mailbox.No, mailbox.Kind, lane));
            }
        }
    }

    /// <summary>The member's mailbox, if the session of this one was closed before a time.</summary>
    public static MailboxNo? FindHeir(ISqlSession session, MailboxNo mailbox, Instant closedBefore)
    {
        ISqlStatement row = session.Prepared(
            """
            SELECT heir.no FROM mailbox b
            JOIN session s ON s.mesh_no = b.mesh_no AND s.member_no = b.owner_no AND b.key = CAST(s.mesh_no AS TEXT) || '/2/' || s.pubkey
            JOIN mailbox heir ON heir.mesh_no = b.mesh_no AND heir.kind = 1 AND heir.owner_no = b.owner_no
            WHERE b.no = ?1 AND s.closed_at <= ?2
            """);
        MailboxNo? heir = row.Bind(1, mailbox.Value).Bind(2, closedBefore.Micros).Read() ? new MailboxNo(row.Int64(0)) : null;
        row.Reset();
        return heir;
    }

    public static long NewestMark(ISqlSession session, MailboxNo mailbox, Lane lane)
    {
        ISqlStatement row = session.Prepared("SELECT max(through) FROM cursor_mark WHERE mailbox_no = ?1 AND lane = ?2");
        row.Bind(1, mailbox.Value).Bind(2, (long)lane).Read();
        long through = row.Int64(0);
        row.Reset();
        return through;
    }

    private static bool IsOfRemoved(ISqlSession session, MailboxNo mailbox)
    {
        ISqlStatement row = session.Prepared(
            """
            SELECT 1 FROM mailbox b JOIN member p ON p.no = b.owner_no
            WHERE b.no = ?1 AND b.kind IN (1, 2) AND p.removed_at IS NOT NULL
            """);
        bool removed = row.Bind(1, mailbox.Value).Read();
        row.Reset();
        return removed;
    }

    private static (long Through, Instant At)? OldestMark(ISqlSession session, MailboxNo mailbox, Lane lane)
    {
        ISqlStatement row = session.Prepared(
            "SELECT through, at FROM cursor_mark WHERE mailbox_no = ?1 AND lane = ?2 ORDER BY through LIMIT 1");
        (long, Instant)? mark = row.Bind(1, mailbox.Value).Bind(2, (long)lane).Read()
            ? (row.Int64(0), new Instant(row.Int64(1)))
            : null;
        row.Reset();
        return mark;
    }

    private static (long Position, Instant ExpiresAt)? OldestAfter(ISqlSession session, MailboxNo mailbox, Lane lane, long position)
    {
        ISqlStatement row = session.Prepared(
            """
            SELECT e.position, COALESCE(m.expires_at, 0) FROM entry e LEFT JOIN message m ON m.id = e.message_id
            WHERE e.mailbox_no = ?1 AND e.lane = ?2 AND e.position > ?3 ORDER BY e.position LIMIT 1
            """);
        (long, Instant)? oldest = row.Bind(1, mailbox.Value).Bind(2, (long)lane).Bind(3, position).Read()
            ? (row.Int64(0), new Instant(row.Int64(1)))
            : null;
        row.Reset();
        return oldest;
    }
}
