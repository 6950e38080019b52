using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Messaging;

/// <summary>
/// Turns delivery steps into rows, on the writer's thread and inside its transaction. This is the hottest SQL there is:
/// three inserts per message, bound from spans.
/// </summary>
internal sealed class DeliveryRows(SqliteSession session)
{
    private readonly SqliteStatement owner = session.Prepared(
        "SELECT 1 FROM mesh_owner WHERE mesh_no = ?1 AND epoch = ?2");

    private readonly SqliteStatement message = session.Prepared(
        """
        INSERT INTO message (id, sender_no, sender_key, target, lane, body_version, header, nonce, body,
                             client_id, fingerprint, reply_to, recipients, created_at, expires_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
        """);

    private readonly SqliteStatement submission = session.Prepared(
        "INSERT INTO submission (sender_no, client_id, message_id, fingerprint) VALUES (?1, ?2, ?3, ?4)");

    private readonly SqliteStatement entry = session.Prepared(
        "INSERT INTO entry (mailbox_no, lane, position, message_id, sender_no) VALUES (?1, ?2, ?3, ?4, ?5)");

    private readonly SqliteStatement notification = session.Prepared(
        """
        INSERT INTO notification (recipient_no, message_id, mesh_no, mailbox_no, sender_no, kind, created_at) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)
        """);

    // States only rise, and the last ones stay: a signed word is not taken back by a later one.
    private readonly SqliteStatement receipt = session.Prepared(
        """
        INSERT INTO receipt (message_id, mailbox_no, state, at, reason, proof) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
          ON CONFLICT (message_id, mailbox_no) DO UPDATE
            SET state = excluded.state, at = excluded.at, reason = excluded.reason, proof = excluded.proof
            WHERE receipt.state IN (1, 6) OR (receipt.state = 2 AND excluded.state IN (3, 4))
        """);

    private readonly SqliteStatement cursor = session.Prepared(
        """
        INSERT INTO cursor (reader_no, source_no, lane, through, at) VALUES (?1, ?2, ?3, ?4, ?5)
          ON CONFLICT (reader_no, source_no, lane) DO UPDATE
            SET through = excluded.through, at = excluded.at WHERE excluded.through > cursor.through
        """);

    // Only the first reader to pass a position makes it delivered.
    private readonly SqliteStatement mark = session.Prepared(
        """
        INSERT INTO cursor_mark (mailbox_no, lane, through, at) SELECT ?1, ?2, ?3, ?4
          WHERE NOT EXISTS (SELECT 1 FROM cursor_mark WHERE mailbox_no = ?1 AND lane = ?2 AND through >= ?3)
        """);

    // A seat in a topic has one mark: there are as many seats as members, and each moves with each post.
    private readonly SqliteStatement earlierMarks = session.Prepared(
        "DELETE FROM cursor_mark WHERE mailbox_no = ?1 AND lane = ?2 AND through < ?3");

    private readonly SqliteStatement removal = session.Prepared(
        "DELETE FROM entry WHERE mailbox_no = ?1 AND lane = ?2 AND position = ?3");

    private readonly SqliteStatement aside = session.Prepared(
        """
        INSERT INTO set_aside (reader_no, message_id, mailbox_no, lane, position) VALUES (?1, ?2, ?3, ?4, ?5)
          ON CONFLICT (reader_no, message_id) DO NOTHING
        """);

    private readonly SqliteStatement clearing = session.Prepared(
        "DELETE FROM set_aside WHERE reader_no = ?1 AND message_id = ?2");

    /// <summary>Cursor moves of the steps written in this transaction: they may be written only with them, or later.</summary>
    public List<MoveCursor> StepMoves { get; } = [];

    /// <returns>False when another activation owns the workspace by now; nothing was written then.</returns>
    public bool TryWrite(PostedStep posted, ref int messages)
    {
        bool owned = owner.Bind(1, posted.Activation.Mesh.Value).Bind(2, posted.Activation.Epoch).Read();
        owner.Reset();
        if (!owned)
            return false;

        foreach (Output output in posted.Step.Writes)
        {
            switch (output)
            {
                case Append append:
                    Write(append);
                    messages++;
                    break;
                case RecordOutcome record:
                    Write(record);
                    break;
                case MoveCursor move:
                    StepMoves.Add(move);
                    break;
                case MoveEntry move:
                    Write(move);
                    break;
                case SetAside set:
                    aside.Bind(1, set.Reader.Value).Bind(2, set.Message.Value).Bind(3, set.Entry.Mailbox.Value)
                        .Bind(4, (long)set.Entry.Lane).Bind(5, set.Entry.Position).Execute();
                    break;
                case ClearAside clear:
                    clearing.Bind(1, clear.Reader.Value).Bind(2, clear.Message.Value).Execute();
                    break;
                default:
                    throw new InvalidOperationException($"A {output.GetType().Name} is not something to write.");
            }
        }

        return true;
    }

    /// <returns>The number of cursors written.</returns>
    public int WriteMoves(IReadOnlyDictionary<CursorKey, CursorMove> moves)
    {
        foreach ((CursorKey key, CursorMove move) in moves)
        {
            cursor.Bind(1, key.Reader.Value).Bind(2, key.Source.Value).Bind(3, (long)key.Lane)
                .Bind(4, move.Through).Bind(5, move.At.Micros).Execute();
            mark.Bind(1, key.Source.Value).Bind(2, (long)key.Lane).Bind(3, move.Through).Bind(4, move.At.Micros).Execute();
            if (move.OfTopic)
                earlierMarks.Bind(1, key.Source.Value).Bind(2, (long)key.Lane).Bind(3, move.Through).Execute();
        }

        return moves.Count;
    }

    private void Write(Append append)
    {
        Message row = append.Message;
        Envelope envelope = row.Envelope;
        message.Bind(1, row.Id.Value).Bind(2, row.Sender.Value).Bind(3, envelope.SenderKey.Span).Bind(4, envelope.Target)
            .Bind(5, (long)row.Lane).Bind(6, envelope.BodyVersion).BindOrNull(7, envelope.Header)
            .Bind(8, envelope.Nonce).Bind(9, envelope.Body).BindOrNull(10, row.Key?.Id).BindOrNull(11, row.Key?.Fingerprint)
            .Bind(12, row.ReplyTo?.Value).Bind(13, row.Recipients)
            .Bind(14, row.CreatedAt.Micros).Bind(15, row.ExpiresAt.Micros).Execute();

        if (row.Key is { } key)
        {
            submission.Bind(1, row.Sender.Value).Bind(2, key.Id).Bind(3, row.Id.Value).BindOrNull(4, key.Fingerprint).Execute();
        }

        foreach (Entry place in append.Entries)
            Write(row.Id, row.Sender, place);

        foreach (MemberNo recipient in append.Mentioned)
        {
            notification.Bind(1, recipient.Value).Bind(2, row.Id.Value).Bind(3, row.Id.Mesh.Value).Bind(4, append.Entries[0].Mailbox.Value)
                .Bind(5, row.Sender.Value).Bind(6, row.CreatedAt.Micros).Execute();
        }
    }

    private void Write(MessageRef id, MemberNo sender, Entry place) =>
        entry.Bind(1, place.Mailbox.Value).Bind(2, (long)place.Lane).Bind(3, place.Position).Bind(4, id.Value).Bind(5, sender.Value).Execute();

    private void Write(MoveEntry move)
    {
        removal.Bind(1, move.From.Mailbox.Value).Bind(2, (long)move.From.Lane).Bind(3, move.From.Position).Execute();
        Write(move.Message, move.Sender, move.To);
    }

    private void Write(RecordOutcome record)
    {
        Outcome outcome = record.Outcome;
        receipt.Bind(1, record.Message.Value).Bind(2, record.Mailbox.Value).Bind(3, (long)outcome.State)
            .Bind(4, outcome.At.Micros).Bind(5, outcome.Reason).BindOrNull(6, outcome.Proof).Execute();
    }
}
