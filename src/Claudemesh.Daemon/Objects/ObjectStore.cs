using System.Text.Json;
using Claudemesh.Daemon.Storage;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Microsoft.Data.Sqlite;

namespace Claudemesh.Daemon.Objects;

/// <summary>How far the objects of a workspace have been taken.</summary>
/// <param name="Incarnation">Of the broker's database that counted: another one counts anew.</param>
internal sealed record ObjectPosition(string Incarnation, long Change);

/// <summary>The objects of all workspaces, opened, with the words of the memories.</summary>
internal sealed class ObjectStore(DaemonDatabase database)
{
    private const string Columns =
        "o.kind, o.plain, o.name, o.revision, o.nonce, o.has_value, o.text, o.tags, o.author, o.written_by, o.written_at, o.trouble, o.waiting";

    /// <summary>Matches that are compared with each other: a word that is in half of all memories says little, and to weigh each would take a tenth of a second.</summary>
    private const int RankedMax = 10_000;

    public KeptObject? Find(long workspaceNo, ObjectId id) => database.Read(sql => sql.Find(
        $"SELECT {Columns} FROM object o WHERE o.workspace_no = $1 AND o.kind = $2 AND o.plain = $3 AND o.name = $4",
        Read, workspaceNo, ObjectHeader.WordOf(id.Kind), id.Plain ? 1L : 0L, id.Name));

    /// <summary>What is kept under these names, of every kind.</summary>
    public List<KeptObject> ListNamed(long workspaceNo, IEnumerable<string> names) => database.Read(sql => sql.Query(
        $"SELECT {Columns} FROM object o WHERE o.workspace_no = $1 AND o.name IN (SELECT value FROM json_each($2))",
        Read, workspaceNo, MemoryBody.WriteTags([.. names])));

    /// <summary>Of a kind, those that have a value or will have one when it can be read, by name.</summary>
    public List<KeptObject> List(long workspaceNo, ObjectKind kind, int limit) => database.Read(sql => sql.Query(
        $"""
        SELECT {Columns} FROM object o WHERE o.workspace_no = $1 AND o.kind = $2 AND (o.has_value = 1 OR o.waiting IS NOT NULL)
        ORDER BY o.name, o.plain LIMIT $3
        """,
        Read, workspaceNo, ObjectHeader.WordOf(kind), limit));

    /// <summary>Memories of these workspaces with a tag, or all (null); the newest first.</summary>
    public List<(long WorkspaceNo, KeptObject Memory)> ListMemories(IEnumerable<long> workspaces, string? tag, int limit) => database.Read(sql => sql.Query(
        $"""
        SELECT {Columns}, o.workspace_no FROM object o
        WHERE o.workspace_no IN (SELECT value FROM json_each($1)) AND o.kind = 'memory' AND o.has_value = 1
          AND ($2 IS NULL OR EXISTS (SELECT 1 FROM json_each(o.tags) WHERE value = $2)) ORDER BY o.written_at DESC, o.no DESC LIMIT $3
        """,
        ReadPlaced, ListOf(workspaces), tag, limit));

    /// <summary>Memories that match, the best first. Where very many do, of those that came last.</summary>
    /// <param name="match">A query of FTS5 that <see cref="MemoryQuery"/> has made: nothing else goes in there.</param>
    public List<(long WorkspaceNo, KeptObject Memory)> Search(IEnumerable<long> workspaces, string match, string? tag, int limit) => database.Read(sql =>
    {
        long first = sql.Number("SELECT rowid FROM memory_index WHERE memory_index MATCH $1 ORDER BY rowid DESC LIMIT 1 OFFSET $2", match, (long)RankedMax);
        return sql.Query(
            $"""
            SELECT {Columns}, o.workspace_no FROM memory_index i JOIN object o ON o.no = i.rowid
            WHERE memory_index MATCH $1 AND i.rowid > $2 AND o.workspace_no IN (SELECT value FROM json_each($3))
              AND ($4 IS NULL OR EXISTS (SELECT 1 FROM json_each(o.tags) WHERE value = $4)) ORDER BY i.rank LIMIT $5
            """,
            ReadPlaced, match, first, ListOf(workspaces), tag, limit);
    });

    /// <summary>Memories whose id begins so; two are enough to know that it is not the only one.</summary>
    public List<KeptObject> FindMemories(long workspaceNo, string beginning) => database.Read(sql => sql.Query(
        $"""
        SELECT {Columns} FROM object o
        WHERE o.workspace_no = $1 AND o.kind = 'memory' AND o.has_value = 1 AND substr(o.name, 1, $3) = $2 ORDER BY o.plain, o.name LIMIT 2
        """,
        Read, workspaceNo, beginning, (long)beginning.Length));

    public List<KeptObject> ListWaiting(long workspaceNo, int limit) => database.Read(sql => sql.Query(
        $"SELECT {Columns} FROM object o WHERE o.workspace_no = $1 AND o.waiting IS NOT NULL ORDER BY o.no LIMIT $2", Read, workspaceNo, limit));

    public ObjectPosition? FindPosition(long workspaceNo) => database.Read(sql => sql.Find(
        "SELECT incarnation, change_no FROM object_position WHERE workspace_no = $1",
        row => new ObjectPosition(row.GetString(0), row.GetInt64(1)), workspaceNo));

    /// <summary>Writes what was taken together with how far that is; at most a page of it. What was deleted is in no file any more then.</summary>
    /// <param name="through">Null: it came from somewhere else.</param>
    public async Task SaveAsync(long workspaceNo, IReadOnlyList<KeptObject> kept, ObjectPosition? through, CancellationToken cancellationToken)
    {
        await database.WriteAsync(sql => Save(sql, workspaceNo, kept, through), cancellationToken);
        if (kept.Any(one => one is { HasValue: false, Revision: > 0 }))
            database.Scrub();
    }

    private static void Save(Sql sql, long workspaceNo, IReadOnlyList<KeptObject> kept, ObjectPosition? through)
    {
        foreach (KeptObject one in kept)
            Save(sql, workspaceNo, one);
        if (through is not null)
        {
            sql.Execute(
                "INSERT OR REPLACE INTO object_position (workspace_no, incarnation, change_no) VALUES ($1, $2, $3)",
                workspaceNo, through.Incarnation, through.Change);
        }
    }

    private static void Save(Sql sql, long workspaceNo, KeptObject one) => sql.Execute(
        """
        INSERT INTO object (workspace_no, kind, plain, name, revision, nonce, has_value, text, tags, author, written_by, written_at, trouble, waiting)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        ON CONFLICT (workspace_no, kind, plain, name) DO UPDATE SET revision = $5, nonce = $6, has_value = $7, text = $8, tags = $9, author = $10,
          written_by = $11, written_at = $12, trouble = $13, waiting = $14
        """,
        workspaceNo,
        ObjectHeader.WordOf(one.Id.Kind),
        one.Id.Plain ? 1L : 0L,
        one.Id.Name,
        one.Revision,
        one.Nonce,
        one.HasValue ? 1L : 0L,
        one.Text,
        MemoryBody.WriteTags(one.Tags),
        one.Author,
        one.WrittenBy,
        one.WrittenAt,
        one.Trouble,
        one.Waiting is { } waiting ? JsonSerializer.SerializeToUtf8Bytes(waiting, ProtocolJson.Default.SealedObject) : null);

    private static string ListOf(IEnumerable<long> numbers) => $"[{string.Join(',', numbers)}]";

    private static (long WorkspaceNo, KeptObject Memory) ReadPlaced(SqliteDataReader row) => (row.GetInt64(13), Read(row));

    private static KeptObject Read(SqliteDataReader row) => new(
        new ObjectId(Enum.Parse<ObjectKind>(row.GetString(0), ignoreCase: true), row.GetInt64(1) != 0, row.GetString(2)),
        row.GetInt64(3),
        row.GetFieldValue<byte[]>(4),
        row.GetInt64(5) != 0,
        row.GetString(6),
        MemoryBody.ReadTags(row.GetString(7)),
        row.GetString(8),
        row.GetString(9),
        row.GetInt64(10),
        row.IsDBNull(11) ? null : row.GetString(11),
        row.IsDBNull(12) ? null : JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(12), ProtocolJson.Default.SealedObject));
}
