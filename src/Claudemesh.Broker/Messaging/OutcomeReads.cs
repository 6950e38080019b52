using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Messaging;

/// <summary>
/// What became of a message at each of its recipients. No row says who they were: a direct message names its mailbox, one
/// to everybody was for all who were members then, and for the rest each mailbox of the workspace is asked by key.
/// </summary>
internal static class OutcomeReads
{
    public static ImmutableArray<(MailboxNo Mailbox, Outcome? Outcome)> Of(
        ISqlSession session, MessageRef id, CursorMoves moves)
    {
        if (DeliveryReads.FindMessage(session, id) is not { } message)
            return [];

        Dictionary<MailboxNo, Outcome> recorded = Recorded(session, id);
        SortedSet<long> addressed =
        [
            .. message.Envelope.Target switch
            {
                "*" or "@all" => Members(session, message),
                ['#', ..] => Seated(session, message),
                _ => Addressed(session, message),
            },
        ];
        SortedSet<long> recipients = [.. recorded.Keys.Select(static mailbox => mailbox.Value), .. addressed];

        // What an heir did with a copy that came to it says nothing of a copy of its own, but for one it was refused at once.
        recipients.ExceptWith(HeirsOf(recorded).Select(static one => one.Heir.Mailbox.Value).Where(heir => !addressed.Contains(heir)
            && !WasRefusedAtOnce(recorded.GetValueOrDefault(new MailboxNo(heir)))));

        ImmutableArray<(MailboxNo, Outcome?)>.Builder outcomes =
            ImmutableArray.CreateBuilder<(MailboxNo, Outcome?)>(recipients.Count);
        foreach (long no in recipients)
        {
            MailboxNo mailbox = new(no);
            Outcome? known = recorded.GetValueOrDefault(mailbox);
            outcomes.Add((mailbox, known?.State == OutcomeState.Refiled
                ? OfHeir(session, message, Heir.Parse(known.Reason!), recorded, addressed, moves)
                : OfOwn(session, message, mailbox, message.Id.Position, known, moves)));
        }

        return outcomes.DrainToImmutable();
    }

    public static ImmutableArray<(MailboxNo Recipient, MailboxNo Heir)> Heirs(ISqlSession session, MessageRef id) =>
        [.. HeirsOf(Recorded(session, id)).Select(static one => (one.Recipient, one.Heir.Mailbox))];

    /// <summary>Whether a mailbox's reader said itself what became of a message, acknowledged or not.</summary>
    public static bool HasSpoken(ISqlSession session, MessageRef id, MailboxNo mailbox) =>
        Recorded(session, id).GetValueOrDefault(mailbox) is { State: OutcomeState.Surfaced or OutcomeState.Read or OutcomeState.Refused };

    private static IEnumerable<(MailboxNo Recipient, Heir Heir)> HeirsOf(Dictionary<MailboxNo, Outcome> recorded) =>
        recorded.Where(static row => row.Value.State == OutcomeState.Refiled)
            .Select(static row => (row.Key, Heir.Parse(row.Value.Reason!)));

    private static bool WasRefusedAtOnce(Outcome? outcome) =>
        outcome is { State: OutcomeState.Refused, Proof: null, Reason: { } reason } && reason != MeshError.RecipientRemoved.Code;

    private static Outcome? OfOwn(
        ISqlSession session, Message message, MailboxNo mailbox, long position, Outcome? known, CursorMoves moves) =>
        known is { State: not OutcomeState.SetAside } ? known : Delivered(session, mailbox, message, position, moves) ?? known;

    /// <summary>Whichever copy the heir has had first.</summary>
    private static Outcome? OfHeir(
        ISqlSession session, Message message, Heir heir, Dictionary<MailboxNo, Outcome> recorded, SortedSet<long> addressed, CursorMoves moves)
    {
        Outcome? known = recorded.GetValueOrDefault(heir.Mailbox);
        Outcome? ofOwnCopy = addressed.Contains(heir.Mailbox.Value)
            ? OfOwn(session, message, heir.Mailbox, message.Id.Position, known, moves)
            : null;
        return ofOwnCopy is { State: not OutcomeState.SetAside }
            ? ofOwnCopy
            : OfOwn(session, message, heir.Mailbox, heir.Position, known, moves);
    }

    private static Dictionary<MailboxNo, Outcome> Recorded(ISqlSession session, MessageRef id)
    {
        ISqlStatement rows = session.Prepared("SELECT mailbox_no, state, at, reason, proof FROM receipt WHERE message_id = ?1");
        Dictionary<MailboxNo, Outcome> recorded = [];
        rows.Bind(1, id.Value);
        while (rows.Read())
        {
            recorded.Add(
                new MailboxNo(rows.Int64(0)),
                new Outcome((OutcomeState)rows.Int64(1), new Instant(rows.Int64(2)), rows.TextOrNull(3), rows.BytesOrNull(4)));
        }

        return recorded;
    }

    private static List<long> Members(ISqlSession session, Message message)
    {
        ISqlStatement rows = session.Prepared(
            """
            SELECT b.no FROM mailbox b JOIN member p ON p.no = b.owner_no
            WHERE b.mesh_no = ?1 AND b.kind = 1 AND p.no <> ?2 AND p.joined_at <= ?3
              AND (p.removed_at IS NULL OR p.removed_at > ?3)
            """);
        return Numbers(rows.Bind(1, message.Id.Mesh.Value).Bind(2, message.Sender.Value).Bind(3, message.CreatedAt.Micros));
    }

    /// <summary>Who was in the topic then, but for its author.</summary>
    private static List<long> Seated(ISqlSession session, Message message)
    {
        ISqlStatement rows = session.Prepared(
            """
            SELECT s.seat_no FROM topic t JOIN topic_member s ON s.topic_no = t.no
            WHERE t.mesh_no = ?1 AND t.id = ?2 AND s.member_no <> ?3 AND s.joined_at <= ?4 AND (s.left_at IS NULL OR s.left_at > ?4)
            """);
        return Numbers(rows.Bind(1, message.Id.Mesh.Value).Bind(2, message.Envelope.Target[1..]).Bind(3, message.Sender.Value)
            .Bind(4, message.CreatedAt.Micros));
    }

    private static List<long> Addressed(ISqlSession session, Message message)
    {
        if (message.Recipients == 1 && FindDirect(session, message) is { } direct)
            return [direct];

        ISqlStatement rows = session.Prepared(
            """
            SELECT b.no FROM mailbox b JOIN entry e ON e.mailbox_no = b.no AND e.lane = ?2 AND e.position = ?3
            WHERE b.mesh_no = ?1 LIMIT ?4
            """);
        return Numbers(rows.Bind(1, message.Id.Mesh.Value).Bind(2, (long)message.Lane).Bind(3, message.Id.Position)
            .Bind(4, message.Recipients));
    }

    /// <summary>The mailbox of the key that is the target, if the message lies there: a session's comes last in the target.</summary>
    private static long? FindDirect(ISqlSession session, Message message)
    {
        if (message.Envelope.Target is not { Length: PublicKey.HexLength or 2 * PublicKey.HexLength } target)
            return null;

        ISqlStatement row = session.Prepared(
            """
            SELECT b.no FROM mailbox b JOIN entry e ON e.mailbox_no = b.no AND e.lane = ?2 AND e.position = ?3 WHERE b.key = ?1
            """);
        row.Bind(2, (long)message.Lane).Bind(3, message.Id.Position);
        foreach (MailboxKind kind in (ReadOnlySpan<MailboxKind>)[MailboxKind.Session, MailboxKind.Member])
        {
            long? found = row.Bind(1, MailboxStore.UniqueKey(message.Id.Mesh, kind, target[^PublicKey.HexLength..])).Read()
                ? row.Int64(0)
                : null;
            row.Reset();
            if (found is not null)
                return found;
        }

        return null;
    }

    /// <summary>
    /// The first cursor that passed the entry tells when it was delivered, unless it passed because its reader had set the
    /// entry aside.
    /// </summary>
    private static Outcome? Delivered(ISqlSession session, MailboxNo mailbox, Message message, long position, CursorMoves moves)
    {
        CursorMove latest = moves.Furthest(mailbox, message.Lane);
        ISqlStatement row = session.Prepared(
            """
            SELECT at FROM cursor_mark WHERE mailbox_no = ?1 AND lane = ?2 AND through >= ?3 ORDER BY through LIMIT 1
            """);
        bool passed = row.Bind(1, mailbox.Value).Bind(2, (long)message.Lane).Bind(3, position).Read();
        Instant? at = passed ? new Instant(row.Int64(0)) : null;
        row.Reset();

        if (at is null && latest.Through >= position)
            at = latest.At;

        return at is { } then && !OnlyPassedAside(session, mailbox, message, position)
            ? new Outcome(OutcomeState.Delivered, then, Reason: null, Proof: null)
            : null;
    }

    private static bool OnlyPassedAside(ISqlSession session, MailboxNo mailbox, Message message, long position)
    {
        ISqlStatement row = session.Prepared(
            """
            SELECT count(a.reader_no), count(CASE WHEN a.reader_no IS NULL AND c.through >= ?4 THEN 1 END) FROM reader r
            LEFT JOIN set_aside a ON a.reader_no = r.no AND a.message_id = ?3
            LEFT JOIN cursor c ON c.reader_no = r.no AND c.source_no = ?1 AND c.lane = ?2
            WHERE r.mailbox_no = ?1
            """);
        row.Bind(1, mailbox.Value).Bind(2, (long)message.Lane).Bind(3, message.Id.Value).Bind(4, position).Read();
        bool aside = row.Int64(0) > 0 && row.Int64(1) == 0;
        row.Reset();
        return aside;
    }

    private static List<long> Numbers(ISqlStatement rows)
    {
        List<long> numbers = [];
        while (rows.Read())
            numbers.Add(rows.Int64(0));

        return numbers;
    }
}
