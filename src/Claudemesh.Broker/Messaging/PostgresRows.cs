using System.Runtime.InteropServices;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Npgsql;

namespace Claudemesh.Broker.Messaging;

/// <summary>
/// Turns delivery steps into rows on a server: one array for each column, one statement for each table, all of them sent
/// together and all or none of them done. The first holds the workspaces' owners, so that the steps of an activation that lost
/// its workspace are refused.
/// </summary>
internal sealed class PostgresRows(IReadOnlyList<PostedStep> steps)
{
    private const string OwnerSql = "SELECT hold_owners($1, $2)";

    private const string MessageSql =
        """
        INSERT INTO message (id, sender_no, sender_key, target, lane, body_version, header, nonce, body,
                             client_id, fingerprint, reply_to, recipients, created_at, expires_at)
        SELECT id, sender_no, sender_key, target, lane, body_version, header, nonce, body,
               client_id, fingerprint, NULLIF(reply_to, 0), recipients, created_at, expires_at
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) AS row
          (id, sender_no, sender_key, target, lane, body_version, header, nonce, body,
           client_id, fingerprint, reply_to, recipients, created_at, expires_at)
        """;

    private const string SubmissionSql =
        "INSERT INTO submission (sender_no, client_id, message_id, fingerprint) SELECT * FROM unnest($1, $2, $3, $4)";

    private const string EntrySql =
        "INSERT INTO entry (mailbox_no, lane, position, message_id, sender_no) SELECT * FROM unnest($1, $2, $3, $4, $5)";

    private const string NotificationSql =
        """
        INSERT INTO notification (recipient_no, message_id, mesh_no, mailbox_no, sender_no, kind, created_at)
        SELECT recipient_no, message_id, mesh_no, mailbox_no, sender_no, 0, created_at
        FROM unnest($1, $2, $3, $4, $5, $6) AS row (recipient_no, message_id, mesh_no, mailbox_no, sender_no, created_at)
        """;

    private const string RemovalSql =
        """
        DELETE FROM entry WHERE (mailbox_no, lane, position) IN (SELECT * FROM unnest($1, $2, $3))
        """;

    // States only rise, and the last ones stay: a signed word is not taken back by a later one.
    private const string ReceiptSql =
        """
        INSERT INTO receipt (message_id, mailbox_no, state, at, reason, proof) SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
          ON CONFLICT (message_id, mailbox_no) DO UPDATE
            SET state = excluded.state, at = excluded.at, reason = excluded.reason, proof = excluded.proof
            WHERE receipt.state IN (1, 6) OR (receipt.state = 2 AND excluded.state IN (3, 4))
        """;

    private const string AsideSql =
        """
        INSERT INTO set_aside (reader_no, message_id, mailbox_no, lane, position) SELECT * FROM unnest($1, $2, $3, $4, $5)
          ON CONFLICT (reader_no, message_id) DO NOTHING
        """;

    private const string ClearingSql =
        "DELETE FROM set_aside WHERE (reader_no, message_id) IN (SELECT * FROM unnest($1, $2))";

    private readonly List<Append> appends = [];
    private readonly List<(MessageRef Message, MemberNo Sender, Entry Place)> entries = [];
    private readonly List<Entry> removals = [];
    private readonly List<RecordOutcome> outcomes = [];
    // Which of setting aside and clearing came last is what counts.
    private readonly Dictionary<(ReaderNo Reader, MessageRef Message), SetAside?> asides = [];

    public int Messages => appends.Count;

    public void AddTo(NpgsqlBatch batch)
    {
        foreach (PostedStep posted in steps)
        {
            foreach (Output output in posted.Step.Writes)
                Sort(output);
        }

        // A workspace that is there twice is held once.
        PostedStep[] owners = [.. steps.DistinctBy(static posted => (posted.Activation.Mesh, posted.Activation.Epoch))];
        batch.Add(OwnerSql)
            .Numbers(owners, static posted => posted.Activation.Mesh.Value)
            .Numbers(owners, static posted => posted.Activation.Epoch);
        AddMessages(batch);
        AddEntries(batch);
        AddNotifications(batch);
        AddOutcomes(batch);
        AddAsides(batch);
    }

    private void Sort(Output output)
    {
        switch (output)
        {
            case Append append:
                appends.Add(append);
                foreach (Entry place in append.Entries)
                    entries.Add((append.Message.Id, append.Message.Sender, place));
                break;
            case RecordOutcome record:
                outcomes.Add(record);
                break;
            case MoveEntry move:
                removals.Add(move.From);
                entries.Add((move.Message, move.Sender, move.To));
                break;
            case SetAside set:
                asides[(set.Reader, set.Message)] = set;
                break;
            case ClearAside clear:
                asides[(clear.Reader, clear.Message)] = null;
                break;
            case MoveCursor:
                break;
            default:
                throw new InvalidOperationException($"A {output.GetType().Name} is not something to write.");
        }
    }

    private void AddMessages(NpgsqlBatch batch)
    {
        if (appends.Count == 0)
            return;

        batch.Add(MessageSql)
            .Numbers(appends, static one => one.Message.Id.Value)
            .Numbers(appends, static one => one.Message.Sender.Value)
            .Bytes(appends, static one => ArrayOf(one.Message.Envelope.SenderKey))
            .Texts(appends, static one => one.Message.Envelope.Target)
            .Numbers(appends, static one => (long)one.Message.Lane)
            .Numbers(appends, static one => one.Message.Envelope.BodyVersion)
            .Bytes(appends, static one => one.Message.Envelope.Header)
            .Bytes(appends, static one => one.Message.Envelope.Nonce)
            .Bytes(appends, static one => one.Message.Envelope.Body)
            .Bytes(appends, static one => one.Message.Key?.Id)
            .Bytes(appends, static one => one.Message.Key?.Fingerprint)
            .Numbers(appends, static one => one.Message.ReplyTo?.Value ?? 0)
            .Numbers(appends, static one => one.Message.Recipients)
            .Numbers(appends, static one => one.Message.CreatedAt.Micros)
            .Numbers(appends, static one => one.Message.ExpiresAt.Micros);

        List<Message> keyed = [.. appends.Where(static one => one.Message.Key is not null).Select(static one => one.Message)];
        if (keyed.Count > 0)
        {
            batch.Add(SubmissionSql)
                .Numbers(keyed, static one => one.Sender.Value)
                .Bytes(keyed, static one => one.Key!.Id)
                .Numbers(keyed, static one => one.Id.Value)
                .Bytes(keyed, static one => one.Key!.Fingerprint);
        }
    }

    private void AddEntries(NpgsqlBatch batch)
    {
        if (removals.Count > 0)
        {
            batch.Add(RemovalSql)
                .Numbers(removals, static one => one.Mailbox.Value)
                .Numbers(removals, static one => (long)one.Lane)
                .Numbers(removals, static one => one.Position);
        }

        if (entries.Count > 0)
        {
            batch.Add(EntrySql)
                .Numbers(entries, static one => one.Place.Mailbox.Value)
                .Numbers(entries, static one => (long)one.Place.Lane)
                .Numbers(entries, static one => one.Place.Position)
                .Numbers(entries, static one => one.Message.Value)
                .Numbers(entries, static one => one.Sender.Value);
        }
    }

    private void AddNotifications(NpgsqlBatch batch)
    {
        List<(MemberNo Recipient, Append Post)> rows = [.. appends.SelectMany(static one => one.Mentioned, static (one, recipient) => (recipient, one))];
        if (rows.Count == 0)
            return;

        batch.Add(NotificationSql)
            .Numbers(rows, static one => one.Recipient.Value)
            .Numbers(rows, static one => one.Post.Message.Id.Value)
            .Numbers(rows, static one => one.Post.Message.Id.Mesh.Value)
            .Numbers(rows, static one => one.Post.Entries[0].Mailbox.Value)
            .Numbers(rows, static one => one.Post.Message.Sender.Value)
            .Numbers(rows, static one => one.Post.Message.CreatedAt.Micros);
    }

    /// <summary>One statement meets a row once only; what comes again for the same recipient goes into the next.</summary>
    private void AddOutcomes(NpgsqlBatch batch)
    {
        HashSet<(MessageRef, MailboxNo)> seen = [];
        List<RecordOutcome> once = [];
        foreach (RecordOutcome record in outcomes)
        {
            if (!seen.Add((record.Message, record.Mailbox)))
            {
                AddOnce(batch, once);
                once.Clear();
                seen.Clear();
                seen.Add((record.Message, record.Mailbox));
            }

            once.Add(record);
        }

        if (once.Count > 0)
            AddOnce(batch, once);
    }

    private static void AddOnce(NpgsqlBatch batch, List<RecordOutcome> once) => batch.Add(ReceiptSql)
        .Numbers(once, static one => one.Message.Value)
        .Numbers(once, static one => one.Mailbox.Value)
        .Numbers(once, static one => (long)one.Outcome.State)
        .Numbers(once, static one => one.Outcome.At.Micros)
        .Texts(once, static one => one.Outcome.Reason)
        .Bytes(once, static one => one.Outcome.Proof);

    private void AddAsides(NpgsqlBatch batch)
    {
        List<SetAside> set = [.. asides.Values.OfType<SetAside>()];
        if (set.Count > 0)
        {
            batch.Add(AsideSql)
                .Numbers(set, static one => one.Reader.Value)
                .Numbers(set, static one => one.Message.Value)
                .Numbers(set, static one => one.Entry.Mailbox.Value)
                .Numbers(set, static one => (long)one.Entry.Lane)
                .Numbers(set, static one => one.Entry.Position);
        }

        List<(ReaderNo Reader, MessageRef Message)> cleared = [.. asides.Where(static one => one.Value is null).Select(static one => one.Key)];
        if (cleared.Count > 0)
        {
            batch.Add(ClearingSql)
                .Numbers(cleared, static one => one.Reader.Value)
                .Numbers(cleared, static one => one.Message.Value);
        }
    }

    private static byte[] ArrayOf(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> segment) && segment.Array is { } array && array.Length == bytes.Length
            ? array
            : bytes.ToArray();
}
