using Claudemesh.Crypto;
using Claudemesh.Daemon.Storage;
using Claudemesh.Daemon.Topics;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Microsoft.Data.Sqlite;

namespace Claudemesh.Daemon.Inbox;

/// <summary>A message as opened, about to be stored.</summary>
/// <param name="Dedupe">What makes it the same message: it is stored once for each.</param>
/// <param name="Source">Whose position it moves: the empty string is the member, else a session's id.</param>
/// <param name="Position">Null from a broker of 1.x.</param>
/// <param name="Sealed">The frame, where it cannot be decided yet what it is.</param>
/// <param name="Mentions">Names in lower case, joined by <c>,</c>.</param>
/// <param name="Scope">Of the root it was written under; null for a direct message and where it was not opened.</param>
internal sealed record Arrival(
    string Dedupe,
    string MessageId,
    string? ClientMessageId,
    string SenderName,
    string SenderKey,
    string? SenderSessionKey,
    string AddressedTo,
    string? SessionId,
    string? Text,
    string Encryption,
    bool Verified,
    string? Unreadable,
    string Priority,
    string? ReplyTo,
    long SentAt,
    string Source,
    long? Position,
    byte[]? Sealed = null,
    string Mentions = "",
    string? Scope = null);

/// <summary>Something that was pushed, as it is stored: in the inbox, or as a post, or as both where it mentions this person.</summary>
internal sealed record Incoming(Arrival? ToInbox, NewPost? Post = null)
{
    /// <summary>It could not be decided yet: its root, or the log, is not here.</summary>
    public bool Waits => (Post?.Arrival ?? ToInbox)?.Sealed is not null;

    public static Incoming Of(NewPost post) => new(post.MentionsMe ? post.Arrival : null, post);
}

/// <summary>How many messages and posts of a batch were new.</summary>
/// <param name="Waits">Some of it could not be decided yet.</param>
internal readonly record struct Stored(int Messages, int Posts, bool Waits = false);

/// <summary>A message that was read here and whose sender may be told.</summary>
internal sealed record Seen(long Seq, string MessageId, string ClientMessageId, string SenderKey, string? SessionId, long SeenAt);

/// <summary>What arrived. Exactly one row per message and recipient, however often it is pushed.</summary>
internal sealed class InboxStore(DaemonDatabase database, TimeProvider clock)
{
    /// <summary>Longer than the 45 days in which a direct message is accepted: a replay meets either its row or its age.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(90);

    private const string Columns =
        "i.seq, w.slug, i.message_id, i.client_message_id, i.sender_name, i.sender_key, i.sender_session_key, i.addressed_to, i.session_id, i.body, "
        + "i.encryption, i.verified, i.unreadable, i.priority, i.reply_to, i.sent_at, i.received_at, i.seen_at";

    private const string From = "FROM inbox i JOIN workspace w ON w.no = i.workspace_no";

    // A null lets everything through.
    public const string Filter =
        "($1 IS NULL OR i.workspace_no = $1) AND ($2 IS NULL OR i.sender_name = $2 COLLATE NAME "
        + "OR (length($2) >= 4 AND (substr(i.sender_key, 1, length($2)) = lower($2) OR substr(i.sender_session_key, 1, length($2)) = lower($2))))";

    /// <summary>Stores a batch in one transaction; its repeats change nothing but positions.</summary>
    public Task<Stored> StoreAsync(long workspaceNo, IReadOnlyList<Incoming> batch, CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(
            sql =>
            {
                (int messages, int posts) = (0, 0);
                foreach (Incoming incoming in batch)
                {
                    if (incoming.Post is { } post)
                        posts += PostStore.Arrive(sql, workspaceNo, post);
                    if (incoming.ToInbox is not { } arrival)
                        continue;

                    messages += Insert(sql, workspaceNo, arrival, now);
                    if (incoming.Post is null && arrival.Position is { } position)
                        MovePosition(sql, workspaceNo, arrival, position);
                }

                return new Stored(messages, posts);
            },
            cancellationToken);
    }

    /// <param name="from">A key or the beginning of one, or a sender's name in any case.</param>
    public InboxPage Read(long? workspaceNo, string? from, bool unread, int limit, long? after) => database.Read(sql =>
    {
        string unseen = unread ? "AND i.seen_at IS NULL" : "";
        string page = after is null
            ? $"SELECT * FROM (SELECT {Columns} {From} WHERE {Filter} {unseen} AND i.seq > $3 ORDER BY i.seq DESC LIMIT $4) ORDER BY 1"
            : $"SELECT {Columns} {From} WHERE {Filter} {unseen} AND i.seq > $3 ORDER BY i.seq LIMIT $4";
        List<InboxItem> items = sql.Query(page, ReadItem, workspaceNo, from, after ?? 0, limit + 1L);
        bool more = items.Count > limit;
        if (more)
            items.RemoveAt(after is null ? 0 : items.Count - 1);
        long count = sql.Number($"SELECT COUNT(*) {From} WHERE {Filter} AND i.seen_at IS NULL", workspaceNo, from);
        return new InboxPage(items, count, more && after is not null);
    });

    /// <summary>Stored after a sequence, oldest first: what an event stream that reconnects has missed.</summary>
    public List<InboxItem> ReadAfter(long? workspaceNo, long after, int limit) => database.Read(sql => sql.Query(
        $"SELECT {Columns} {From} WHERE ($1 IS NULL OR i.workspace_no = $1) AND i.seq > $2 ORDER BY i.seq LIMIT $3", ReadItem, workspaceNo, after, limit));

    /// <summary>
    /// As <see cref="ReadAfter"/>, but only what is to be put before one session: see <see cref="Sessions.SessionMail"/>. A 1.x message to a group comes once
    /// for the member and once for each session in it; the first of these counts.
    /// </summary>
    public List<InboxItem> ReadForSession(long? workspaceNo, string sessionId, long after, int limit) => database.Read(sql => sql.Query(
        $"""
        SELECT {Columns} {From}
        WHERE ($1 IS NULL OR i.workspace_no = $1) AND i.seq > $2 AND (i.session_id IS NULL OR i.session_id = $4) AND i.priority <> 'low' AND i.body IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM inbox e WHERE e.message_id = i.message_id AND e.workspace_no = i.workspace_no AND e.seq < i.seq
            AND (e.session_id IS NULL OR e.session_id = $4))
        ORDER BY i.seq LIMIT $3
        """,
        ReadItem,
        workspaceNo,
        after,
        limit,
        sessionId));

    /// <summary>The member who wrote from a session, as he has signed it; null when nothing came from it.</summary>
    public string? FindMemberOfSession(long workspaceNo, string sessionKey) => database.Read(sql => sql.Query(
        "SELECT sender_key FROM inbox WHERE workspace_no = $1 AND sender_session_key = $2 AND verified = 1 ORDER BY seq DESC LIMIT 1",
        row => row.GetString(0),
        workspaceNo,
        sessionKey)).FirstOrDefault();

    public long LastSequence() => database.Read(sql => sql.Number("SELECT MAX(seq) FROM inbox"));

    public long CountUnread(long? workspaceNo) => database.Read(sql => sql.Number(
        "SELECT COUNT(*) FROM inbox WHERE seen_at IS NULL AND ($1 IS NULL OR workspace_no = $1)", workspaceNo));

    /// <summary>Marks as read. Where <paramref name="tell"/> is set, what was readable and signed waits for <see cref="ReadUntold"/>.</summary>
    /// <returns>How many were unread until now.</returns>
    public Task<int> MarkSeenAsync(IReadOnlyList<long> sequences, bool tell, CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(
            sql =>
            {
                int seen = 0;
                foreach (long seq in sequences)
                {
                    seen += sql.Execute(
                        """
                        UPDATE inbox SET seen_at = $2, tell_read = CASE WHEN $3 = 1 AND verified = 1 AND unreadable IS NULL THEN 1 ELSE 0 END
                        WHERE seq = $1 AND seen_at IS NULL
                        """,
                        seq,
                        now,
                        tell ? 1L : 0L);
                }

                return seen;
            },
            cancellationToken);
    }

    /// <summary>What was read here and whose senders have not been told.</summary>
    public List<Seen> ReadUntold(long workspaceNo, int limit) => database.Read(sql => sql.Query(
        """
        SELECT seq, message_id, client_message_id, sender_key, session_id, seen_at FROM inbox
        WHERE workspace_no = $1 AND tell_read = 1 AND client_message_id IS NOT NULL ORDER BY seq LIMIT $2
        """,
        row => new Seen(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), Text(row, 4), row.GetInt64(5)),
        workspaceNo,
        limit));

    public Task ToldAsync(IReadOnlyList<Seen> told, CancellationToken cancellationToken) => database.WriteAsync(
        sql =>
        {
            foreach (Seen one in told)
                sql.Execute("UPDATE inbox SET tell_read = 0 WHERE seq = $1", one.Seq);
        },
        cancellationToken);

    /// <summary>How far a source has been stored: a session, or with the empty string the member.</summary>
    public ResumePoint[] ReadResumePoints(long workspaceNo, string source) => [.. database.Read(sql => sql.Query(
        "SELECT lane, through FROM position WHERE workspace_no = $1 AND source = $2",
        row => new ResumePoint(Enum.Parse<Priority>(row.GetString(0), ignoreCase: true), row.GetInt64(1)),
        workspaceNo,
        source))];

    public Task<int> PruneAsync(CancellationToken cancellationToken)
    {
        long before = clock.GetUtcNow().Subtract(Retention).ToUnixTimeMilliseconds();
        return database.WriteAsync(
            sql => sql.Execute("DELETE FROM inbox WHERE seq IN (SELECT seq FROM inbox WHERE received_at < $1 ORDER BY seq LIMIT 1000)", before)
                + sql.Execute("DELETE FROM inbox_gone WHERE received_at < $1", before),
            cancellationToken);
    }

    /// <summary>What waits for a root or for the log, oldest first: its place and its frame.</summary>
    public List<(long Seq, byte[] Frame)> ReadSealed(long workspaceNo, long after, int limit) => database.Read(sql => sql.Query(
        "SELECT seq, sealed FROM inbox WHERE workspace_no = $1 AND seq > $2 AND sealed IS NOT NULL ORDER BY seq LIMIT $3",
        row => (row.GetInt64(0), (byte[])row[1]),
        workspaceNo,
        after,
        limit));

    /// <summary>Puts what a message turned out to be in the place of the one that waited: as a new row, which everybody who follows the inbox has before him.</summary>
    public Task ReplaceSealedAsync(long workspaceNo, long seq, Arrival arrival, CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(
            sql =>
            {
                if (sql.Execute("DELETE FROM inbox WHERE seq = $1 AND workspace_no = $2 AND sealed IS NOT NULL", seq, workspaceNo) > 0)
                    Insert(sql, workspaceNo, arrival, now);
            },
            cancellationToken);
    }

    /// <summary>How a message that was deleted is remembered.</summary>
    public static byte[] HashOf(string dedupe) => Sha256.Hash(dedupe).Span.ToArray();

    public static int Insert(Sql sql, long workspaceNo, Arrival arrival, long now) => sql.Execute(
        """
        INSERT INTO inbox (workspace_no, dedupe, message_id, client_message_id, sender_name, sender_key, sender_session_key, addressed_to, session_id,
          body, encryption, verified, unreadable, priority, reply_to, sent_at, received_at, sealed)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $19
        WHERE NOT EXISTS (SELECT 1 FROM inbox_gone WHERE workspace_no = $1 AND dedupe = $18)
        ON CONFLICT (workspace_no, dedupe) DO NOTHING
        """,
        workspaceNo,
        arrival.Dedupe,
        arrival.MessageId,
        arrival.ClientMessageId,
        arrival.SenderName,
        arrival.SenderKey,
        arrival.SenderSessionKey,
        arrival.AddressedTo,
        arrival.SessionId,
        arrival.Text,
        arrival.Encryption,
        arrival.Verified ? 1L : 0L,
        arrival.Unreadable,
        arrival.Priority,
        arrival.ReplyTo,
        arrival.SentAt,
        now,
        HashOf(arrival.Dedupe),
        arrival.Sealed);

    private static void MovePosition(Sql sql, long workspaceNo, Arrival arrival, long position) => sql.Execute(
        """
        INSERT INTO position (workspace_no, source, lane, through) VALUES ($1, $2, $3, $4)
        ON CONFLICT (workspace_no, source, lane) DO UPDATE SET through = MAX(through, excluded.through)
        """,
        workspaceNo,
        arrival.Source,
        arrival.Priority,
        position);

    private static InboxItem ReadItem(SqliteDataReader row)
    {
        string encryption = row.GetString(10);
        return new InboxItem(
            row.GetInt64(0),
            row.GetString(1),
            row.GetString(2),
            Text(row, 3),
            row.GetString(4),
            row.GetString(5),
            Text(row, 6),
            row.GetString(7),
            Text(row, 8),
            Text(row, 9),
            encryption,
            encryption is not Encryptions.None,
            row.GetInt64(11) != 0,
            Text(row, 12),
            row.GetString(13),
            Text(row, 14),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(15)),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(16)),
            row.IsDBNull(17) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(17)));
    }

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
