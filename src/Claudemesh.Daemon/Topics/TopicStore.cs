using Claudemesh.Daemon.Storage;
using Microsoft.Data.Sqlite;

namespace Claudemesh.Daemon.Topics;

/// <summary>Topics on disk, so that they are known before there is a connection. The broker's word, replaced by its next.</summary>
internal sealed class TopicStore(DaemonDatabase database)
{
    private const int SliceMax = 500;

    private const string Columns = "id, name, description, visibility, members, role, created_at, archived_at, retention_days, plain, read_through";

    public List<TopicRow> List(long workspaceNo) => database.Read(sql => sql.Query($"SELECT {Columns} FROM topic WHERE workspace_no = $1 ORDER BY name, id", Read, workspaceNo));

    public async Task PutAsync(long workspaceNo, IReadOnlyList<TopicRow> topics, CancellationToken cancellationToken)
    {
        foreach (TopicRow[] slice in topics.Chunk(SliceMax))
        {
            await database.WriteAsync(
                sql =>
                {
                    foreach (TopicRow topic in slice)
                        Put(sql, workspaceNo, topic);
                },
                cancellationToken);
        }
    }

    /// <summary>A topic is not for this person any more: it is forgotten with all that was posted there.</summary>
    public async Task DeleteAsync(long workspaceNo, string id, CancellationToken cancellationToken)
    {
        await database.WriteAsync(sql => sql.Execute("DELETE FROM topic WHERE workspace_no = $1 AND id = $2", workspaceNo, id), cancellationToken);
        await DeletePostsAsync(workspaceNo, id, cancellationToken);
    }

    /// <summary>Deletes what was posted in a topic, for good, in slices.</summary>
    public async Task DeletePostsAsync(long workspaceNo, string id, CancellationToken cancellationToken)
    {
        int deleted;
        do
        {
            deleted = await database.WriteAsync(
                sql => sql.Execute(
                    "DELETE FROM post WHERE seq IN (SELECT seq FROM post WHERE workspace_no = $1 AND topic_id = $2 LIMIT $3)", workspaceNo, id, SliceMax),
                cancellationToken);
        }
        while (deleted == SliceMax);
    }

    /// <summary>This person was removed from the workspace: what was posted there is deleted.</summary>
    public async Task DeleteAllAsync(long workspaceNo, CancellationToken cancellationToken)
    {
        foreach (TopicRow topic in List(workspaceNo))
            await DeleteAsync(workspaceNo, topic.Id, cancellationToken);
    }

    private static void Put(Sql sql, long workspaceNo, TopicRow topic) => sql.Execute(
        $"""
        INSERT INTO topic (workspace_no, {Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        ON CONFLICT (workspace_no, id) DO UPDATE SET name = $3, description = $4, visibility = $5, members = $6, role = $7, created_at = $8,
          archived_at = $9, retention_days = $10, plain = $11, read_through = $12
        """,
        workspaceNo,
        topic.Id,
        topic.Name,
        topic.Description,
        topic.Visibility,
        (long)topic.Members,
        topic.Role,
        topic.CreatedAt,
        topic.ArchivedAt,
        (long?)topic.RetentionDays,
        topic.Plain ? 1L : 0L,
        topic.ReadThrough);

    private static TopicRow Read(SqliteDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        row.IsDBNull(2) ? null : row.GetString(2),
        row.GetString(3),
        row.GetInt32(4),
        row.IsDBNull(5) ? null : row.GetString(5),
        row.GetInt64(6),
        row.IsDBNull(7) ? null : row.GetInt64(7),
        row.IsDBNull(8) ? null : row.GetInt32(8),
        row.GetInt64(9) != 0,
        row.GetInt64(10));
}
