using Claudemesh.Daemon.Inbox;
using Claudemesh.Daemon.Storage;
using Claudemesh.Local;
using Microsoft.Data.Sqlite;

namespace Claudemesh.Daemon.Topics;

/// <summary>A post about to be stored.</summary>
/// <param name="Arrival">As it was opened.</param>
/// <param name="Own">This person wrote it, here or on another of his devices.</param>
/// <param name="MentionsMe">Him, or an open session of his.</param>
internal sealed record NewPost(string TopicId, Arrival Arrival, bool Own, bool MentionsMe);

/// <summary>What was posted in this person's topics, each once, in the broker's order.</summary>
internal sealed class PostStore(DaemonDatabase database, TimeProvider clock)
{
    private const int ExcerptCharsMax = 60;
    private const int SliceMax = 500;

    /// <summary>What <see cref="Read(SqliteDataReader)"/> reads, of <see cref="From"/>.</summary>
    public const string Columns =
        "p.seq, p.live, p.topic_id, p.message_id, p.client_message_id, p.sender_name, p.sender_key, p.sender_session_key, p.own, p.body, p.encryption, p.verified, "
        + "p.unreadable, p.mentions, p.mentions_me, p.priority, p.reply_to, p.sent_at, t.name, r.sender_name, r.body, p.position, w.slug";

    public const string From =
        "FROM post p JOIN workspace w ON w.no = p.workspace_no LEFT JOIN topic t ON t.workspace_no = p.workspace_no AND t.id = p.topic_id "
        + "LEFT JOIN post r ON r.workspace_no = p.workspace_no AND r.topic_id = p.topic_id AND r.message_id = p.reply_to";

    /// <summary>Stores what was pushed, inside the transaction of its batch. One that was read back before becomes an arrival.</summary>
    /// <returns>How many arrived: were not here, or only read back.</returns>
    public static int Arrive(Sql sql, long workspaceNo, NewPost post)
    {
        int added = Insert(sql, workspaceNo, post, live: true);
        return added > 0
            ? added
            : sql.Execute(
                "UPDATE post SET live = 1, seq = (SELECT MAX(seq) + 1 FROM post) WHERE workspace_no = $1 AND topic_id = $2 AND message_id = $3 AND live = 0",
                workspaceNo,
                post.TopicId,
                post.Arrival.MessageId);
    }

    /// <summary>Stores a page of history, oldest first. What is newer than all that has arrived has arrived with it.</summary>
    /// <returns>How many have.</returns>
    public Task<int> KeepAsync(long workspaceNo, string topicId, IReadOnlyList<NewPost> page, CancellationToken cancellationToken) => database.WriteAsync(
        sql =>
        {
            long newest = sql.Number("SELECT MAX(position) FROM post WHERE workspace_no = $1 AND topic_id = $2 AND live = 1", workspaceNo, topicId);
            int arrived = 0;
            foreach (NewPost post in page)
            {
                bool isNews = newest > 0 && post.Arrival.Position > newest;
                int added = Insert(sql, workspaceNo, post, isNews);
                arrived += isNews ? added : 0;
            }

            return arrived;
        },
        cancellationToken);

    /// <summary>The posts before a place, oldest first, and the sequence behind which nothing has arrived yet.</summary>
    /// <param name="limit">One more than asked for tells whether there are older ones.</param>
    public (List<StoredPost> Posts, long After) ReadBefore(long workspaceNo, string topicId, long before, int limit) => database.Read(sql =>
    {
        long after = sql.Number("SELECT MAX(seq) FROM post");
        List<StoredPost> page = sql.Query(
            $"SELECT {Columns} {From} WHERE p.workspace_no = $1 AND p.topic_id = $2 AND p.position < $3 ORDER BY p.position DESC LIMIT $4", Read, workspaceNo, topicId, before, limit);
        page.Reverse();
        return (page, after);
    });

    /// <summary>What has arrived in a part of all topics after a sequence, oldest first.</summary>
    public List<StoredPost> ReadAfter(PostPart part, long after, int limit) => database.Read(sql => sql.Query(
        $"""
        SELECT {Columns} {From}
        WHERE p.seq > $3 AND p.live = 1 AND ($1 IS NULL OR p.workspace_no = $1)
          AND ($2 IS NULL OR p.workspace_no || '/' || p.topic_id IN (SELECT value FROM json_each($2)))
        ORDER BY p.seq LIMIT $4
        """,
        Read,
        part.WorkspaceNo,
        part.TopicList,
        after,
        limit));

    /// <summary>The sequence that who has a post goes on behind: its own, or where it was only read back, the one before what arrived later in its topic.</summary>
    /// <param name="id">Whole or a beginning.</param>
    /// <returns>One for each post that is meant; at most two.</returns>
    public List<long> FindPlaces(PostPart part, string id) => database.Read(sql => sql.Query(
        """
        SELECT CASE p.live WHEN 1 THEN p.seq ELSE COALESCE(
          (SELECT MIN(n.seq) - 1 FROM post n WHERE n.workspace_no = p.workspace_no AND n.topic_id = p.topic_id AND n.position > p.position AND n.live = 1),
          (SELECT MAX(seq) FROM post)) END
        FROM post p WHERE substr(p.message_id, 1, length($3)) = $3 AND ($1 IS NULL OR p.workspace_no = $1)
          AND ($2 IS NULL OR p.workspace_no || '/' || p.topic_id IN (SELECT value FROM json_each($2))) LIMIT 2
        """,
        row => row.GetInt64(0),
        part.WorkspaceNo,
        part.TopicList,
        id));

    public long LastSequence() => database.Read(sql => sql.Number("SELECT MAX(seq) FROM post"));

    /// <summary>Whole ids and places of posts in a topic that begin with this; at most two.</summary>
    public List<(string Id, long Position)> FindByPrefix(long workspaceNo, string topicId, string prefix) => database.Read(sql => sql.Query(
        "SELECT message_id, position FROM post WHERE workspace_no = $1 AND topic_id = $2 AND substr(message_id, 1, length($3)) = $3 LIMIT 2",
        row => (row.GetString(0), row.GetInt64(1)),
        workspaceNo,
        topicId,
        prefix));

    /// <summary>For each topic how many posts of others are newer than the read mark.</summary>
    public Dictionary<string, long> CountUnread(long workspaceNo) => database.Read(sql => sql.Query(
        """
        SELECT t.id, (SELECT COUNT(*) FROM post p WHERE p.workspace_no = t.workspace_no AND p.topic_id = t.id AND p.position > t.read_through AND p.own = 0)
        FROM topic t WHERE t.workspace_no = $1
        """,
        row => KeyValuePair.Create(row.GetString(0), row.GetInt64(1)),
        workspaceNo)).ToDictionary(StringComparer.Ordinal);

    public long LastPosition(long workspaceNo, string topicId) => database.Read(sql =>
        sql.Number("SELECT MAX(position) FROM post WHERE workspace_no = $1 AND topic_id = $2", workspaceNo, topicId));

    /// <summary>What waits for a root or for the log, oldest first.</summary>
    public List<(long Seq, byte[] Frame)> ReadSealed(long workspaceNo, long after, int limit) => database.Read(sql => sql.Query(
        "SELECT seq, sealed FROM post WHERE workspace_no = $1 AND seq > $2 AND sealed IS NOT NULL ORDER BY seq LIMIT $3",
        row => (row.GetInt64(0), (byte[])row[1]),
        workspaceNo,
        after,
        limit));

    /// <summary>Puts what a post turned out to be in the place of the one that waited: it arrives anew for whoever follows, and where it mentions him, in the inbox.</summary>
    public Task ReplaceSealedAsync(long workspaceNo, long seq, NewPost post, CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(
            sql =>
            {
                long live = sql.Number("SELECT live FROM post WHERE seq = $1", seq);
                if (sql.Execute("DELETE FROM post WHERE seq = $1 AND workspace_no = $2 AND sealed IS NOT NULL", seq, workspaceNo) == 0)
                    return;

                Insert(sql, workspaceNo, post, live != 0);
                if (post.MentionsMe && live != 0)
                    InboxStore.Insert(sql, workspaceNo, post.Arrival, now);
            },
            cancellationToken);
    }

    /// <summary>Deletes what is older than its topic keeps, in a slice.</summary>
    public Task<int> PruneAsync(CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(
            sql => sql.Execute(
                """
                DELETE FROM post WHERE seq IN (SELECT p.seq FROM topic t JOIN post p ON p.workspace_no = t.workspace_no AND p.topic_id = t.id
                  WHERE t.retention_days IS NOT NULL AND p.sent_at < $1 - t.retention_days * 86400000 LIMIT $2)
                """,
                now,
                SliceMax),
            cancellationToken);
    }

    private static int Insert(Sql sql, long workspaceNo, NewPost post, bool live)
    {
        Arrival arrival = post.Arrival;
        return sql.Execute(
            """
            INSERT INTO post (workspace_no, topic_id, message_id, position, dedupe, client_message_id, sender_name, sender_key, sender_session_key, own, body,
              encryption, verified, unreadable, mentions, mentions_me, priority, reply_to, sent_at, live, sealed)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) ON CONFLICT DO NOTHING
            """,
            workspaceNo,
            post.TopicId,
            arrival.MessageId,
            arrival.Position ?? 0,
            arrival.Dedupe,
            arrival.ClientMessageId,
            arrival.SenderName,
            arrival.SenderKey,
            arrival.SenderSessionKey,
            post.Own ? 1L : 0L,
            arrival.Text,
            arrival.Encryption,
            arrival.Verified ? 1L : 0L,
            arrival.Unreadable,
            arrival.Mentions,
            post.MentionsMe ? 1L : 0L,
            arrival.Priority,
            arrival.ReplyTo,
            arrival.SentAt,
            live ? 1L : 0L,
            arrival.Sealed);
    }

    public static StoredPost Read(SqliteDataReader row)
    {
        bool live = row.GetInt64(1) != 0;
        string encryption = row.GetString(10);
        string mentions = row.GetString(13);
        string? parent = Text(row, 19);
        var post = new Post(
            live ? row.GetInt64(0) : 0,
            row.GetString(22),
            Text(row, 18) ?? row.GetString(2),
            row.GetString(2),
            row.GetString(3),
            Text(row, 4),
            row.GetString(5),
            row.GetString(6),
            Text(row, 7),
            row.GetInt64(8) != 0,
            Text(row, 9),
            encryption,
            encryption is not Encryptions.None,
            row.GetInt64(11) != 0,
            Text(row, 12),
            mentions.Length == 0 ? [] : mentions.Split(','),
            row.GetInt64(14) != 0,
            row.GetString(15),
            Text(row, 16),
            parent is null ? null : new ReplyExcerpt(parent, Excerpt(Text(row, 20))),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(17)));
        return new StoredPost(post, row.GetInt64(21));
    }

    private static string? Excerpt(string? text)
    {
        if (text is null)
            return null;

        string line = PlainText.Line(text.ReplaceLineEndings(" ").Trim());
        return line.Length <= ExcerptCharsMax ? line : line[..(char.IsHighSurrogate(line[ExcerptCharsMax - 1]) ? ExcerptCharsMax - 1 : ExcerptCharsMax)] + "…";
    }

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}

/// <param name="Position">Its place in the broker's order.</param>
internal sealed record StoredPost(Post Post, long Position);
