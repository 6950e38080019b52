using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Messaging;

/// <summary>What the core asks of the store, each answered by reads along a primary key.</summary>
internal static class DeliveryReads
{
    /// <summary>Counting stops here: past it a mailbox is full anyway.</summary>
    public const int WaitingMax = 10_000;

    public const string MessageColumns =
        """
        m.id, m.sender_no, m.sender_key, m.target, m.lane, m.body_version, m.header, m.nonce, m.body,
        m.client_id, m.fingerprint, m.reply_to, m.recipients, m.created_at, m.expires_at
        """;

    private const string PageSql =
        $"""
        SELECT {MessageColumns}, e.position FROM entry e JOIN message m ON m.id = e.message_id
        WHERE e.mailbox_no = ?1 AND e.lane = ?2 AND e.position > ?3 AND e.position <= ?4
        ORDER BY e.position LIMIT ?5
        """;

    private const int PositionColumn = 15;

    /// <summary>Two range reads, each in order, merged as they go: no row is read that is not returned, but one.</summary>
    public static ImmutableArray<Stored> Page(
        ISqlSession session, Source source, Lane lane, long after, long asOf, int limit)
    {
        ImmutableArray<Stored>.Builder page = ImmutableArray.CreateBuilder<Stored>();
        ISqlStatement own = session.Prepared(PageSql);
        ISqlStatement shared = session.Prepared(PageSql + " -- shared");
        try
        {
            bool hasOwn = Begin(own, source.Mailbox);
            bool hasShared = source.Shared is { } other && Begin(shared, other);
            while (page.Count < limit && (hasOwn || hasShared))
            {
                if (!hasShared || (hasOwn && own.Int64(PositionColumn) < shared.Int64(PositionColumn)))
                {
                    page.Add(ReadEntry(own, source.Mailbox, lane));
                    hasOwn = own.Read();
                }
                else
                {
                    page.Add(ReadEntry(shared, source.Shared!.Value, lane));
                    hasShared = shared.Read();
                }
            }
        }
        finally
        {
            own.Reset();
            shared.Reset();
        }

        return page.DrainToImmutable();

        bool Begin(ISqlStatement rows, MailboxNo mailbox) =>
            rows.Bind(1, mailbox.Value).Bind(2, (long)lane).Bind(3, after).Bind(4, asOf).Bind(5, limit).Read();
    }

    /// <summary>
    /// Of everyone's mailbox and of topics only the newest position means anything: nobody empties them alone, so nothing
    /// is counted as waiting in them.
    /// </summary>
    public static LaneFacts Facts(ISqlSession session, MailboxNo mailbox, CursorMoves moves)
    {
        ImmutableArray<long>.Builder last = ImmutableArray.CreateBuilder<long>(3);
        ImmutableArray<long>.Builder delivered = ImmutableArray.CreateBuilder<long>(3);
        Dictionary<MemberNo, int> waiting = [];
        ImmutableArray<MessageRef>.Builder ahead = ImmutableArray.CreateBuilder<MessageRef>();
        long bytes = 0;
        bool counted = IsEmptiedByOne(session, mailbox);
        int left = WaitingMax;
        for (Lane lane = Lane.Now; lane <= Lane.Low; lane++)
        {
            last.Add(NewestIn(session, "SELECT max(position) FROM entry WHERE mailbox_no = ?1 AND lane = ?2", mailbox, lane));
            // In this order: what moves between the two looks is in the file by the second.
            delivered.Add(Math.Max(
                moves.Furthest(mailbox, lane).Through,
                NewestIn(session, "SELECT max(through) FROM cursor_mark WHERE mailbox_no = ?1 AND lane = ?2", mailbox, lane)));
            if (!counted)
                continue;
            AddSpokenOf(session, mailbox, lane, delivered[(int)lane], ahead);
            Count(session, mailbox, lane, delivered[(int)lane], waiting, ref left, ref bytes);
        }

        return new LaneFacts(
            last.DrainToImmutable(), delivered.DrainToImmutable(),
            [.. waiting.OrderBy(static one => one.Key.Value).Select(static one => (one.Key, one.Value))], bytes)
        {
            Ahead = ahead.DrainToImmutable(),
            Aside = counted ? ReadAside(session, mailbox) : [],
        };
    }

    /// <summary>In this process a query costs no round trip, so each key is its own; on a server it is one for all.</summary>
    public static Known?[] Submissions(ISqlSession session, IReadOnlyList<(MemberNo Sender, byte[] ClientId)> keys)
    {
        if (session is PostgresSession server)
            return PostgresReads.Submissions(server, keys);

        ISqlStatement find = session.Prepared(
            """
            SELECT s.message_id, s.fingerprint, m.recipients FROM submission s LEFT JOIN message m ON m.id = s.message_id
            WHERE s.sender_no = ?1 AND s.client_id = ?2
            """);
        Known?[] found = new Known?[keys.Count];
        for (int i = 0; i < found.Length; i++)
        {
            if (find.Bind(1, keys[i].Sender.Value).Bind(2, keys[i].ClientId).Read())
                found[i] = new Known(new MessageRef(find.Int64(0)), find.BytesOrNull(1), (int)find.Int64(2));

            find.Reset();
        }

        return found;
    }

    public static ImmutableArray<CursorAt> Cursors(ISqlSession session, ReaderNo reader, CursorMoves moves)
    {
        ISqlStatement rows = session.Prepared("SELECT source_no, lane, through FROM cursor WHERE reader_no = ?1");
        // What moves between the two looks is in the file by the second.
        Dictionary<(MailboxNo Source, Lane Lane), long> cursors = moves.Of(reader);
        rows.Bind(1, reader.Value);
        while (rows.Read())
        {
            (MailboxNo, Lane) key = (new MailboxNo(rows.Int64(0)), (Lane)rows.Int64(1));
            cursors[key] = Math.Max(rows.Int64(2), cursors.GetValueOrDefault(key));
        }

        return
        [
            .. cursors.Select(static one => new CursorAt(one.Key.Source, one.Key.Lane, one.Value))
                .OrderBy(static one => one.Source.Value).ThenBy(static one => one.Lane),
        ];
    }

    /// <summary>An entry that has left its mailbox since is not given back.</summary>
    public static ImmutableArray<Stored> SetAside(ISqlSession session, ReaderNo reader, int limit)
    {
        ISqlStatement rows = session.Prepared(
            $"""
            SELECT {MessageColumns}, a.position, a.mailbox_no, a.lane FROM set_aside a
            JOIN entry e ON e.mailbox_no = a.mailbox_no AND e.lane = a.lane AND e.position = a.position
            JOIN message m ON m.id = a.message_id
            WHERE a.reader_no = ?1 ORDER BY a.message_id LIMIT ?2
            """);
        ImmutableArray<Stored>.Builder aside = ImmutableArray.CreateBuilder<Stored>();
        rows.Bind(1, reader.Value).Bind(2, limit);
        while (rows.Read())
            aside.Add(ReadEntry(rows, new MailboxNo(rows.Int64(PositionColumn + 1)), (Lane)rows.Int64(PositionColumn + 2)));

        return aside.DrainToImmutable();
    }

    public static Message? FindMessage(ISqlSession session, MessageRef message)
    {
        ISqlStatement row = session.Prepared($"SELECT {MessageColumns} FROM message m WHERE m.id = ?1");
        Message? found = row.Bind(1, message.Value).Read() ? ReadMessage(row) : null;
        row.Reset();
        return found;
    }

    /// <summary>A number that an aggregate over one lane of a mailbox gives, 0 where it has no rows.</summary>
    private static long NewestIn(ISqlSession session, string sql, MailboxNo mailbox, Lane lane)
    {
        ISqlStatement newest = session.Prepared(sql);
        newest.Bind(1, mailbox.Value).Bind(2, (long)lane).Read();
        long position = newest.Int64(0);
        newest.Reset();
        return position;
    }

    private static bool IsEmptiedByOne(ISqlSession session, MailboxNo mailbox)
    {
        ISqlStatement kind = session.Prepared("SELECT kind FROM mailbox WHERE no = ?1");
        bool known = kind.Bind(1, mailbox.Value).Read();
        bool one = known && (MailboxKind)kind.Int64(0) is MailboxKind.Member or MailboxKind.Session or MailboxKind.Seat;
        kind.Reset();
        return one;
    }

    private static void Count(
        ISqlSession session, MailboxNo mailbox, Lane lane, long delivered,
        Dictionary<MemberNo, int> waiting, ref int left, ref long bytes)
    {
        ISqlStatement rows = session.Prepared(
            """
            SELECT m.sender_no, count(*), sum(octet_length(m.body) + octet_length(m.nonce) + COALESCE(octet_length(m.header), 0))
            FROM (SELECT message_id FROM entry WHERE mailbox_no = ?1 AND lane = ?2 AND position > ?3 ORDER BY position LIMIT ?4) e
            JOIN message m ON m.id = e.message_id GROUP BY m.sender_no
            """);
        rows.Bind(1, mailbox.Value).Bind(2, (long)lane).Bind(3, delivered).Bind(4, left);
        while (rows.Read())
        {
            MemberNo sender = new(rows.Int64(0));
            int count = (int)rows.Int64(1);
            waiting[sender] = waiting.GetValueOrDefault(sender) + count;
            bytes += rows.Int64(2);
            left -= count;
        }
    }

    /// <summary>What waits and its recipient has spoken of, ahead of any cursor: few, found by a look at each waiting entry's receipt.</summary>
    private static void AddSpokenOf(
        ISqlSession session, MailboxNo mailbox, Lane lane, long delivered, ImmutableArray<MessageRef>.Builder ahead)
    {
        ISqlStatement rows = session.Prepared(
            """
            SELECT e.message_id
            FROM (SELECT message_id FROM entry WHERE mailbox_no = ?1 AND lane = ?2 AND position > ?3 ORDER BY position LIMIT ?4) e
            JOIN receipt r ON r.message_id = e.message_id AND r.mailbox_no = ?1
            WHERE r.state IN (2, 3, 4)
            """);
        rows.Bind(1, mailbox.Value).Bind(2, (long)lane).Bind(3, delivered).Bind(4, WaitingMax);
        while (rows.Read())
            ahead.Add(new MessageRef(rows.Int64(0)));
    }

    /// <summary>What a reader of this mailbox was set aside and nobody has yet.</summary>
    private static ImmutableArray<long> ReadAside(ISqlSession session, MailboxNo mailbox)
    {
        ISqlStatement rows = session.Prepared(
            """
            SELECT DISTINCT a.position
            FROM reader d
            JOIN set_aside a ON a.reader_no = d.no
            JOIN receipt r ON r.message_id = a.message_id AND r.mailbox_no = ?1
            WHERE d.mailbox_no = ?1 AND r.state = 6
            ORDER BY a.position
            """);
        rows.Bind(1, mailbox.Value);
        ImmutableArray<long>.Builder positions = ImmutableArray.CreateBuilder<long>();
        while (rows.Read())
            positions.Add(rows.Int64(0));
        return positions.DrainToImmutable();
    }

    private static Stored ReadEntry(ISqlStatement row, MailboxNo mailbox, Lane lane) =>
        new(new Entry(mailbox, lane, row.Int64(PositionColumn)), ReadMessage(row));

    /// <summary>From <see cref="MessageColumns"/>.</summary>
    public static Message ReadMessage(ISqlStatement row) => new(
        new MessageRef(row.Int64(0)),
        new MemberNo(row.Int64(1)),
        new Envelope(
            SenderKey: row.Bytes(2), Target: row.Text(3), BodyVersion: (short)row.Int64(5),
            Header: row.BytesOrNull(6), Nonce: row.Bytes(7), Body: row.Bytes(8)),
        (Lane)row.Int64(4),
        row.BytesOrNull(9) is { } clientId ? new ClientKey(clientId, row.BytesOrNull(10)) : null,
        row.Int64OrNull(11) is { } replyTo ? new MessageRef(replyTo) : null,
        Recipients: (int)row.Int64(12),
        new Instant(row.Int64(13)),
        new Instant(row.Int64(14)));
}
