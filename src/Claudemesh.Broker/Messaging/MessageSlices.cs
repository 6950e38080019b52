using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Messaging;

/// <summary>Pieces of retention over messages, submissions and readers, each inside the writer's transaction and short.</summary>
internal static class MessageSlices
{
    public const int RowsMax = 1_000;

    private const int MessagesMax = 300;

    /// <summary>
    /// Finds the oldest messages of a workspace that expired before a time: no entry can refer to them any more. Positions rise with time, so
    /// they lie at the left end, but for posts in topics, which stay as long as their topic keeps them and are passed over.
    /// </summary>
    /// <param name="after">Where the page before ended; where this one ended when it returns, before the first that is to stay.</param>
    /// <returns>Ranges of ids that follow each other, each at most <see cref="MessagesMax"/>; and whether to look further.</returns>
    public static (List<(long First, long Last)> Expired, bool More) FindMessages(Sql sql, MeshNo mesh, ref long after, Instant expiredBefore)
    {
        List<(long First, long Last)> expired = [];
        List<(long Id, Instant ExpiresAt)> page = sql.List(
            "SELECT id, expires_at FROM message WHERE id > @after AND id <= @to ORDER BY id LIMIT @limit",
            static row => (row.GetInt64(0), new Instant(row.GetInt64(1))),
            ("@after", Math.Max(after, new MessageRef(mesh, 0).Value)), ("@to", new MessageRef(mesh, MessageRef.PositionMax).Value), ("@limit", MessagesMax));
        bool follows = false;
        foreach ((long id, Instant expiresAt) in page)
        {
            bool isPost = expiresAt == Instant.Never;
            if (!isPost && expiresAt > expiredBefore)
                return (expired, false);

            if (!isPost && follows)
                expired[^1] = (expired[^1].First, id);
            else if (!isPost)
                expired.Add((id, id));
            follows = !isPost;
            after = id;
        }

        return (expired, page.Count == MessagesMax);
    }

    /// <summary>Deletes what <see cref="FindMessages"/> has found. A message to many has many receipts; they go first, a thousand at a time.</summary>
    /// <returns>False when there is more of them.</returns>
    public static bool DeleteMessages(WriteScope scope, long first, long last)
    {
        if (DeleteReceipts(scope.Sql, first, last) == RowsMax)
            return false;

        Delete(scope.Sql, first, last);
        return true;
    }

    /// <summary>Deletes messages and what hangs on them, and sees to it that their positions are never given out again.</summary>
    public static void Delete(Sql sql, long first, long last)
    {
        DeleteReceipts(sql, first, last);
        sql.Execute("DELETE FROM message WHERE id >= @first AND id <= @last", ("@first", first), ("@last", last));
        MessageRef newest = new(last);
        sql.Execute(
            "UPDATE mesh_owner SET next_position = @next WHERE mesh_no = @mesh AND next_position < @next",
            ("@next", newest.Position + 1), ("@mesh", newest.Mesh.Value));
    }

    /// <summary>Which of a page of submissions are of no use any more, read in the order of their key.</summary>
    /// <param name="after">The last key of the page before; the last of this one when it returns, null at the end.</param>
    public static List<(long Sender, byte[] ClientId)> FindSubmissions(
        Sql sql, ref (long Sender, byte[] ClientId)? after, Instant createdBefore, Instant legacyBefore)
    {
        List<(long Sender, byte[] ClientId, Instant CreatedAt)> page = sql.List(
            """
            SELECT s.sender_no, s.client_id, COALESCE(m.created_at, 0) FROM submission s LEFT JOIN message m ON m.id = s.message_id
            WHERE (s.sender_no, s.client_id) > (@sender, @client) ORDER BY s.sender_no, s.client_id LIMIT @limit
            """,
            static row => (row.GetInt64(0), row.GetFieldValue<byte[]>(1), new Instant(row.GetInt64(2))),
            ("@sender", after?.Sender ?? -1), ("@client", after?.ClientId ?? []), ("@limit", RowsMax));
        after = page.Count < RowsMax ? null : (page[^1].Sender, page[^1].ClientId);
        return
        [
            .. page.Where(one => one.CreatedAt <= (one.ClientId.Length == 16 ? createdBefore : legacyBefore))
                .Select(static one => (one.Sender, one.ClientId)),
        ];
    }

    public static int DeleteSubmissions(WriteScope scope, List<(long Sender, byte[] ClientId)> keys) => keys.Sum(key => scope.Sql.Execute(
        "DELETE FROM submission WHERE sender_no = @sender AND client_id = @client", ("@sender", key.Sender), ("@client", key.ClientId)));

    /// <summary>Readers that were not seen since a time, with their cursors and what they had set aside.</summary>
    /// <returns>The number of readers that went.</returns>
    public static int DropReaders(WriteScope scope, Instant unseenSince)
    {
        List<long> readers = scope.Sql.List(
            "SELECT no FROM reader WHERE seen_at <= @since LIMIT 100", static row => row.GetInt64(0), ("@since", unseenSince.Micros));
        foreach (long reader in readers)
        {
            scope.Sql.Execute("DELETE FROM cursor WHERE reader_no = @no", ("@no", reader));
            scope.Sql.Execute("DELETE FROM set_aside WHERE reader_no = @no", ("@no", reader));
            scope.Sql.Execute("DELETE FROM reader WHERE no = @no", ("@no", reader));
        }

        return readers.Count;
    }

    /// <summary>What was set aside and has left its mailbox since.</summary>
    public static int DropAside(WriteScope scope) => scope.Sql.Execute(
        """
        DELETE FROM set_aside WHERE (reader_no, message_id) IN (
          SELECT a.reader_no, a.message_id FROM set_aside a
          LEFT JOIN entry e ON e.mailbox_no = a.mailbox_no AND e.lane = a.lane AND e.position = a.position
          WHERE e.mailbox_no IS NULL LIMIT @limit)
        """,
        ("@limit", RowsMax));

    private static int DeleteReceipts(Sql sql, long first, long last) => sql.Execute(
        """
        DELETE FROM receipt WHERE (message_id, mailbox_no) IN (
          SELECT message_id, mailbox_no FROM receipt WHERE message_id >= @first AND message_id <= @last
          ORDER BY message_id, mailbox_no LIMIT @limit)
        """,
        ("@first", first), ("@last", last), ("@limit", RowsMax));
}
