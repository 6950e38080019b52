using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Objects;

/// <summary>
/// Objects, one row each: their newest revision, or that there is none any more. Every change has a number that rises in the workspace and is
/// given in the transaction that writes it; writes take turns, so who has read up to a number has missed nothing before it.
/// </summary>
internal sealed class ObjectStore(Database database, ObjectBounds bounds)
{
    private const string Columns =
        "kind, plain, name, revision, change_no, deleted, header, nonce, body, written_by, written_at FROM object";

    /// <summary>
    /// Writes an object if its revision is above the stored one and follows <paramref name="after"/> (0: there is none, null: whatever there is).
    /// Given again as it is stored, it succeeds and changes nothing.
    /// </summary>
    /// <param name="head">The newest record of the workspace's log by which the write was allowed. In the same transaction it is looked whether that is so
    /// still: whoever is removed at this moment must not get what is written after it.</param>
    public Task<PutOutcome> PutAsync(NewObject given, long? after, long head, CancellationToken cancellationToken) => database.WriteAsync(
        scope => FindHead(scope.Sql, given.Key.Mesh) == head ? Put(scope, given, after) : new PutOutcome(null, Refusal: null, LogMoved: true),
        cancellationToken);

    /// <summary>Part of another write.</summary>
    public PutOutcome Put(WriteScope scope, NewObject given, long? after)
    {
        Stored? stored = FindStored(scope.Sql, given.Key);
        if (stored is not null && IsSame(stored.Row, given))
            return new PutOutcome(stored.Row, Refusal: null, Repeated: true);

        long present = stored?.Row.Revision ?? 0;
        bool follows = after is null || after == present || (after == 0 && stored is { Row.Deleted: true });
        if (given.Revision <= present || !follows)
            return new PutOutcome(null, MeshError.RevisionConflict.With($"The revision is invalid: the object is at revision {present}. Read it, and write above that."));

        if (!TryUse(scope.Sql, given, stored))
            return new PutOutcome(null, MeshError.ObjectQuota);

        ObjectRow row = new(
            given.Key.Kind, given.Key.Plain, given.Key.Name, given.Revision, NextChange(scope.Sql, given.Key.Mesh), given.Deleted,
            given.Header, given.Nonce, given.Body, given.WrittenBy, scope.Now);
        Write(scope.Sql, given, row);
        return new PutOutcome(row, Refusal: null);
    }

    /// <summary>Writes a plain object over what there is of its name; its revision is counted here. Null where there is nothing to delete.</summary>
    public PutOutcome? PutPlain(WriteScope scope, ObjectKey key, byte[]? body, MemberNo author, string writtenBy)
    {
        ObjectRow? present = FindStored(scope.Sql, key)?.Row;
        if (body is null && present is null or { Deleted: true })
            return null;

        NewObject given = new(key, (present?.Revision ?? 0) + 1, body is null, Header: [], Nonce: [], body ?? [], author, writtenBy);
        return Put(scope, given, after: null);
    }

    /// <summary>The sealed object of a name, else the plain one.</summary>
    public ValueTask<ObjectRow?> FindAsync(MeshNo mesh, ObjectKind kind, string name, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.Find(
            $"SELECT {Columns} WHERE mesh_no = @mesh AND kind = @kind AND name = @name ORDER BY plain",
            Read,
            ("@mesh", mesh.Value), ("@kind", (long)kind), ("@name", name)),
        cancellationToken);

    public ValueTask<ObjectRow?> FindAsync(ObjectKey key, CancellationToken cancellationToken) =>
        database.ReadAsync((Sql sql) => FindStored(sql, key)?.Row, cancellationToken);

    /// <summary>The plain objects of a kind that have a value, in no order.</summary>
    public ValueTask<List<ObjectRow>> ListPlainAsync(MeshNo mesh, ObjectKind kind, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.List(
            $"SELECT {Columns} WHERE mesh_no = @mesh AND kind = @kind AND plain = 1 AND deleted = 0", Read, ("@mesh", mesh.Value), ("@kind", (long)kind)),
        cancellationToken);

    /// <summary>Objects of a kind that have a value, newest first; of sealed ones without what is sealed.</summary>
    /// <param name="name">Null: of every name.</param>
    public ValueTask<List<ObjectRow>> ListNewestAsync(MeshNo mesh, ObjectKind kind, string? name, int count, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.List(
            """
            SELECT kind, plain, name, revision, change_no, deleted, nonce, nonce, CASE WHEN plain = 1 THEN body ELSE nonce END, written_by, written_at FROM object
            WHERE mesh_no = @mesh AND kind = @kind AND deleted = 0 AND (@all = 1 OR name = @name) ORDER BY written_at DESC, change_no DESC LIMIT @count
            """,
            static row => Hide(Read(row)),
            ("@mesh", mesh.Value), ("@kind", (long)kind), ("@all", name is null ? 1L : 0L), ("@name", name ?? ""), ("@count", count)),
        cancellationToken);

    /// <summary>What there is for 1.x clients, in short.</summary>
    public ValueTask<PlainOverview> OverlookPlainAsync(MeshNo mesh, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => new PlainOverview(
            sql.List(
                "SELECT name FROM object WHERE mesh_no = @mesh AND kind = @kind AND plain = 1 AND deleted = 0",
                static row => row.GetString(0),
                ("@mesh", mesh.Value), ("@kind", (long)ObjectKind.State)),
            (int)(sql.FindNumber(
                "SELECT live FROM object_use WHERE mesh_no = @mesh AND kind = @kind AND plain = 1",
                ("@mesh", mesh.Value), ("@kind", (long)ObjectKind.Memory)) ?? 0)),
        cancellationToken);

    /// <summary>What changed after a change, oldest first; ends before <paramref name="bytesMax"/> of bodies, but has one at least if there is one.</summary>
    /// <param name="kind">Null: of every kind.</param>
    public ValueTask<ObjectChanges> ListAfterAsync(
        MeshNo mesh, ObjectKind? kind, long after, int count, int bytesMax, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) =>
        {
            // Read first: what is written after it has a higher number.
            long last = sql.FindNumber("SELECT last FROM object_change WHERE mesh_no = @mesh", ("@mesh", mesh.Value)) ?? 0;
            long through = PageEnd(sql, mesh, kind, after, count, bytesMax, last);
            List<ObjectRow> rows = sql.List(
                $"SELECT {Columns} WHERE mesh_no = @mesh AND change_no > @after AND change_no <= @through AND (@kind < 0 OR kind = @kind) ORDER BY change_no",
                Read,
                ("@mesh", mesh.Value), ("@after", after), ("@through", through), ("@kind", kind is { } one ? (long)one : -1));
            return new ObjectChanges(rows, through, More: through < last);
        },
        cancellationToken);

    /// <summary>The last change that fits into a page; <paramref name="last"/> where all do.</summary>
    private static long PageEnd(Sql sql, MeshNo mesh, ObjectKind? kind, long after, int count, int bytesMax, long last)
    {
        List<(long Change, long Bytes)> sizes = sql.List(
            """
            SELECT change_no, LENGTH(header) + LENGTH(body) + 256 FROM object
            WHERE mesh_no = @mesh AND change_no > @after AND change_no <= @last AND (@kind < 0 OR kind = @kind) ORDER BY change_no LIMIT @count
            """,
            static row => (row.GetInt64(0), row.GetInt64(1)),
            ("@mesh", mesh.Value), ("@after", after), ("@last", last), ("@kind", kind is { } one ? (long)one : -1), ("@count", count + 1L));
        long bytes = 0;
        for (int taken = 0; taken < sizes.Count; taken++)
        {
            bytes += sizes[taken].Bytes;
            if (taken == count || (taken > 0 && bytes > bytesMax))
                return sizes[taken - 1].Change;
        }

        return last;
    }

    private static ObjectRow Hide(ObjectRow row) => row.Plain ? row : row with { Header = [], Nonce = [], Body = [] };

    private static Stored? FindStored(Sql sql, ObjectKey key) => sql.Find(
        $"SELECT {Columns} WHERE mesh_no = @mesh AND kind = @kind AND plain = @plain AND name = @name",
        static row => new Stored(Read(row)),
        ("@mesh", key.Mesh.Value), ("@kind", (long)key.Kind), ("@plain", key.Plain ? 1L : 0L), ("@name", key.Name));

    /// <summary>Counts the write; false, and nothing counted, where there is no room for it. What makes less is always let in.</summary>
    private bool TryUse(Sql sql, NewObject given, Stored? stored)
    {
        ObjectKey key = given.Key;
        ObjectUse use = sql.Find(
            "SELECT names, live, bytes FROM object_use WHERE mesh_no = @mesh AND kind = @kind AND plain = @plain",
            static row => new ObjectUse(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)),
            ("@mesh", key.Mesh.Value), ("@kind", (long)key.Kind), ("@plain", key.Plain ? 1L : 0L)) ?? new ObjectUse(0, 0, 0);
        ObjectUse then = new(
            use.Names + (stored is null ? 1 : 0),
            use.Live + (given.Deleted ? 0 : 1) - (stored is { Row.Deleted: false } ? 1 : 0),
            use.Bytes + given.Bytes - (stored?.Bytes ?? 0));
        ObjectBounds room = bounds.For(key);
        if ((then.Names > use.Names && then.Names > room.NamesMax)
            || (then.Live > use.Live && then.Live > room.CountMax)
            || (then.Bytes > use.Bytes && then.Bytes > room.BytesMax && !given.Deleted))
            return false;

        sql.Execute(
            """
            INSERT INTO object_use (mesh_no, kind, plain, names, live, bytes) VALUES (@mesh, @kind, @plain, @names, @live, @bytes)
            ON CONFLICT (mesh_no, kind, plain) DO UPDATE SET names = @names, live = @live, bytes = @bytes
            """,
            ("@mesh", key.Mesh.Value), ("@kind", (long)key.Kind), ("@plain", key.Plain ? 1L : 0L),
            ("@names", then.Names), ("@live", then.Live), ("@bytes", then.Bytes));
        return true;
    }

    private static long FindHead(Sql sql, MeshNo mesh) => sql.FindNumber(
        "SELECT MAX(seq) FROM log_record WHERE mesh_no = @mesh AND scope = @scope", ("@mesh", mesh.Value), ("@scope", RootReference.MeshScope)) ?? 0;

    // A nonce is random, so the body is the same too.
    private static bool IsSame(ObjectRow row, NewObject given) => row.Revision == given.Revision
        && row.Header.AsSpan().SequenceEqual(given.Header) && row.Nonce.AsSpan().SequenceEqual(given.Nonce);

    private static long NextChange(Sql sql, MeshNo mesh) => sql.FindNumber(
        "INSERT INTO object_change (mesh_no, last) VALUES (@mesh, 1) ON CONFLICT (mesh_no) DO UPDATE SET last = object_change.last + 1 RETURNING last",
        ("@mesh", mesh.Value))!.Value;

    private static void Write(Sql sql, NewObject given, ObjectRow row) => sql.Execute(
        """
        INSERT INTO object (mesh_no, kind, plain, name, revision, change_no, deleted, author_no, written_by, written_at, header, nonce, body)
        VALUES (@mesh, @kind, @plain, @name, @revision, @change, @deleted, @author, @by, @at, @header, @nonce, @body)
        ON CONFLICT (mesh_no, kind, plain, name) DO UPDATE SET revision = @revision, change_no = @change, deleted = @deleted,
          author_no = @author, written_by = @by, written_at = @at, header = @header, nonce = @nonce, body = @body
        """,
        ("@mesh", given.Key.Mesh.Value), ("@kind", (long)row.Kind), ("@plain", row.Plain ? 1L : 0L), ("@name", row.Name),
        ("@revision", row.Revision), ("@change", row.Change), ("@deleted", row.Deleted ? 1L : 0L), ("@author", given.Author.Value),
        ("@by", row.WrittenBy), ("@at", row.WrittenAt.Micros), ("@header", row.Header), ("@nonce", row.Nonce), ("@body", row.Body));

    private static ObjectRow Read(SqlRow row) => new(
        (ObjectKind)row.GetInt64(0),
        row.GetInt64(1) != 0,
        row.GetString(2),
        row.GetInt64(3),
        row.GetInt64(4),
        row.GetInt64(5) != 0,
        row.GetFieldValue<byte[]>(6),
        row.GetFieldValue<byte[]>(7),
        row.GetFieldValue<byte[]>(8),
        row.GetString(9),
        new Instant(row.GetInt64(10)));

    private sealed record Stored(ObjectRow Row)
    {
        public long Bytes => Row.Header.Length + Row.Nonce.Length + Row.Body.Length + Row.Name.Length;
    }

    private sealed record ObjectUse(long Names, long Live, long Bytes);
}

/// <param name="Change">The last change that is covered.</param>
internal sealed record ObjectChanges(IReadOnlyList<ObjectRow> Rows, long Change, bool More);

internal sealed record PlainOverview(IReadOnlyList<string> StateKeys, int MemoryCount);
