using Claudemesh.Daemon.Storage;
using Claudemesh.Local;
using Microsoft.Data.Sqlite;

namespace Claudemesh.Daemon.Search;

/// <summary>
/// Finds messages by their words. The index is kept by the statements that store and delete messages themselves, in the same transactions; what was here
/// before there was an index is put into it in slices, the newest first.
/// </summary>
internal sealed class MessageIndex(DaemonDatabase database)
{
    private const int SliceMax = 200;

    /// <summary>Matches that are put in order of time. Where there are more, it is those that arrived here last.</summary>
    private const int OrderedMax = 10_000;

    private static readonly (string Table, int Kind)[] Sources = [("inbox", 0), ("post", 1), ("outbox", 2)];

    // One that mentions this person is a post too, and a 1.x message to a group came once for each of his sessions.
    private const string InboxMatches =
        """
        SELECT 'inbox', m.workspace_no, NULL, m.message_id, m.client_message_id, m.sender_name, m.sender_key, lower(hex(w.member_key)) = m.sender_key,
          m.addressed_to, m.body, m.encryption, m.verified, m.sent_at AS sent_at
        FROM message_index x CROSS JOIN inbox m ON m.seq = x.rowid / 4 JOIN workspace w ON w.no = m.workspace_no
        WHERE message_index MATCH $1 AND x.rowid % 4 = 0 AND ($2 IS NULL OR m.workspace_no = $2) AND $3 IS NULL
          AND ($4 IS NULL OR m.sender_name = $4 COLLATE NAME OR (length($4) >= 4 AND substr(m.sender_key, 1, length($4)) = lower($4)))
          AND NOT EXISTS (SELECT 1 FROM post p WHERE p.workspace_no = m.workspace_no AND p.dedupe = m.dedupe)
          AND NOT EXISTS (SELECT 1 FROM inbox e WHERE e.message_id = m.message_id AND e.workspace_no = m.workspace_no AND e.seq < m.seq)
        """;

    private const string PostMatches =
        """
        SELECT 'post', m.workspace_no, m.topic_id, m.message_id, m.client_message_id, m.sender_name, m.sender_key, m.own, '#' || COALESCE(t.name, m.topic_id),
          m.body, m.encryption, m.verified, m.sent_at AS sent_at
        FROM message_index x CROSS JOIN post m ON m.seq = x.rowid / 4 LEFT JOIN topic t ON t.workspace_no = m.workspace_no AND t.id = m.topic_id
        WHERE message_index MATCH $1 AND x.rowid % 4 = 1 AND ($2 IS NULL OR m.workspace_no = $2) AND ($3 IS NULL OR m.topic_id = $3)
          AND ($4 IS NULL OR m.sender_name = $4 COLLATE NAME OR (length($4) >= 4 AND substr(m.sender_key, 1, length($4)) = lower($4)))
        """;

    // What was posted comes back as a post, and what he wrote to himself as a message; a send to one who is there several times is one message.
    private const string OutboxMatches =
        """
        SELECT 'sent', m.workspace_no, CASE WHEN substr(m.target, 1, 1) = '#' THEN substr(m.target, 2) END, m.message_id, m.client_message_id, w.display_name,
          lower(hex(w.member_key)), 1, m.addressed_to, m.body, m.encryption, 1, m.created_at AS sent_at
        FROM message_index x CROSS JOIN outbox m ON m.seq = x.rowid / 4 JOIN workspace w ON w.no = m.workspace_no
        WHERE message_index MATCH $1 AND x.rowid % 4 = 2 AND ($2 IS NULL OR m.workspace_no = $2) AND ($3 IS NULL OR m.target = '#' || $3)
          AND ($4 IS NULL OR w.display_name = $4 COLLATE NAME OR (length($4) >= 4 AND substr(lower(hex(w.member_key)), 1, length($4)) = lower($4)))
          AND NOT EXISTS (SELECT 1 FROM post p WHERE p.workspace_no = m.workspace_no AND p.topic_id = substr(m.target, 2) AND p.message_id = m.message_id)
          AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.message_id = m.message_id AND i.workspace_no = m.workspace_no)
          AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.batch = m.batch AND e.seq < m.seq)
        """;

    /// <summary>Whether all that can be read here is in the index.</summary>
    public bool IsComplete => database.Read(sql => sql.Number("SELECT COUNT(*) FROM message_backlog WHERE first > 0")) == 0;

    /// <summary>The newest that match, the newest first; one more than asked for tells that there are more.</summary>
    public List<IndexedMessage> Search(MessageQuery query) => database.Read(sql =>
    {
        var found = new List<IndexedMessage>();
        foreach (string matches in new[] { InboxMatches, PostMatches, OutboxMatches })
        {
            found.AddRange(sql.Query(
                $"SELECT * FROM ({matches} ORDER BY x.rowid DESC LIMIT {OrderedMax}) ORDER BY sent_at DESC LIMIT $5",
                Read,
                query.Match,
                query.WorkspaceNo,
                query.Topic?.Id,
                query.From,
                query.Limit + 1L));
        }

        return found.OrderByDescending(one => one.SentAt).Take(query.Limit + 1).ToList();
    });

    /// <summary>Puts into the index what was here before it, until all of it is there. Each slice is a transaction, so that nobody waits for it long.</summary>
    public async Task FillAsync(CancellationToken cancellationToken)
    {
        foreach ((string table, int kind) in Sources)
        {
            while (!cancellationToken.IsCancellationRequested && await database.WriteAsync(sql => FillSlice(sql, table, kind), cancellationToken))
                await Task.Yield();
        }
    }

    /// <returns>Whether there was anything left.</returns>
    private static bool FillSlice(Sql sql, string table, int kind)
    {
        long first = sql.Number("SELECT first FROM message_backlog WHERE source = $1", table);
        if (first == 0)
            return false;

        long next = sql.Number($"SELECT MIN(seq) FROM (SELECT seq FROM {table} WHERE seq < $1 ORDER BY seq DESC LIMIT {SliceMax})", first);
        sql.Execute(
            $"INSERT INTO message_index (rowid, body) SELECT seq * 4 + {kind}, body FROM {table} WHERE seq >= $1 AND seq < $2 AND body IS NOT NULL ORDER BY seq", next, first);
        sql.Execute("UPDATE message_backlog SET first = $2 WHERE source = $1", table, next);
        return true;
    }

    private static IndexedMessage Read(SqliteDataReader row) => new(
        row.GetString(0),
        row.GetInt64(1),
        Text(row, 2),
        Text(row, 3),
        Text(row, 4),
        row.GetString(5),
        row.GetString(6),
        row.GetInt64(7) != 0,
        row.GetString(8),
        row.GetString(9),
        row.GetString(10),
        row.GetInt64(11) != 0,
        row.GetInt64(12));

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}

/// <summary>A message that was found.</summary>
/// <param name="Kind">One of <see cref="FoundKinds"/>.</param>
/// <param name="TopicId">Null: it was not posted.</param>
/// <param name="MessageId">Null: no broker has accepted it yet.</param>
/// <param name="SentAt">Ms since 1970.</param>
internal sealed record IndexedMessage(
    string Kind,
    long WorkspaceNo,
    string? TopicId,
    string? MessageId,
    string? ClientMessageId,
    string SenderName,
    string SenderKey,
    bool Own,
    string To,
    string Text,
    string Encryption,
    bool Verified,
    long SentAt);
