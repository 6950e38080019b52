using Claudemesh.Daemon.Storage;

namespace Claudemesh.Daemon.Topics;

/// <summary>What was posted lately, over topics.</summary>
internal sealed class RecentPosts(DaemonDatabase database)
{
    /// <summary>The newest posts of others in the topics that this person is in, oldest first.</summary>
    /// <param name="workspaceNo">Null: of all workspaces.</param>
    /// <param name="since">Ms since 1970.</param>
    /// <param name="limit">One more than asked for tells whether there are older ones.</param>
    public List<StoredPost> Read(long? workspaceNo, long since, int limit)
    {
        List<StoredPost> newest = database.Read(sql => sql.Query(
            $"""
            SELECT {PostStore.Columns} {PostStore.From}
            WHERE p.sent_at >= $2 AND p.own = 0 AND t.role IS NOT NULL AND ($1 IS NULL OR p.workspace_no = $1) ORDER BY p.sent_at DESC, p.seq DESC LIMIT $3
            """,
            PostStore.Read,
            workspaceNo,
            since,
            limit));
        newest.Reverse();
        return newest;
    }

    /// <summary>Of each topic the newest post that is here: when it was written, and by whom.</summary>
    public Dictionary<string, LastPost> ReadLast(long workspaceNo) => database.Read(sql => sql.Query(
        """
        SELECT t.id, p.sent_at, p.sender_name FROM topic t
        JOIN post p ON p.seq = (SELECT n.seq FROM post n WHERE n.workspace_no = t.workspace_no AND n.topic_id = t.id ORDER BY n.position DESC LIMIT 1)
        WHERE t.workspace_no = $1
        """,
        row => KeyValuePair.Create(row.GetString(0), new LastPost(DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)), row.GetString(2))),
        workspaceNo)).ToDictionary(StringComparer.Ordinal);
}

internal sealed record LastPost(DateTimeOffset At, string By);
