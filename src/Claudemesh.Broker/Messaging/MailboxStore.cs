using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Messaging;

internal enum MailboxKind : byte
{
    Member = 1,
    Session = 2,
    Topic = 3,
    Everyone = 4,

    /// <summary>One member's stay in one topic: always empty, its readers read the topic.</summary>
    Seat = 5,
}

/// <summary>A mailbox as the store knows it.</summary>
/// <param name="Owner">The member it belongs to; number 0 for everyone's and for topics.</param>
internal sealed record MailboxRow(MailboxNo No, MeshNo Mesh, MailboxKind Kind, MemberNo Owner);

/// <summary>Mailboxes and their readers: the numbers under which hot rows know them. A number is never used twice.</summary>
internal sealed class MailboxStore(Database database)
{
    /// <summary>How exactly it is known when a reader was last seen.</summary>
    public static readonly TimeSpan SeenEvery = TimeSpan.FromHours(1);

    /// <summary>Finds a mailbox by its key: the public key in hexadecimal for members and sessions, empty for everyone's.</summary>
    public ValueTask<MailboxRow?> FindMailboxAsync(MeshNo mesh, MailboxKind kind, string key, CancellationToken cancellationToken) =>
        database.ReadAsync((Sql sql) => Find(sql, mesh, kind, key), cancellationToken);

    /// <summary>Every mailbox of a kind in a workspace.</summary>
    public ValueTask<List<MailboxRow>> ListAsync(MeshNo mesh, MailboxKind kind, CancellationToken cancellationToken) =>
        database.ReadAsync(
            (Sql sql) => sql.List(
                "SELECT no, mesh_no, kind, owner_no FROM mailbox WHERE mesh_no = @mesh AND kind = @kind ORDER BY no",
                Read, ("@mesh", mesh.Value), ("@kind", (long)kind)),
            cancellationToken);

    public async ValueTask<MailboxNo> GetOrAddMailboxAsync(
        MeshNo mesh, MailboxKind kind, MemberNo owner, string key, CancellationToken cancellationToken) =>
        await FindMailboxAsync(mesh, kind, key, cancellationToken) is { } known
            ? known.No
            : await database.WriteAsync(scope => GetOrAdd(scope, mesh, kind, owner, key), cancellationToken);

    /// <summary>
    /// The reader of a mailbox under a device's name, noted as seen. A new one starts at the lowest position that some
    /// reader of the mailbox has not acknowledged; where there is none, where the mailbox was last delivered, or where it
    /// began.
    /// </summary>
    public async ValueTask<ReaderNo> GetOrAddReaderAsync(MailboxNo mailbox, string device, CancellationToken cancellationToken)
    {
        // Thousands that reconnect at once must not cause thousands of writes.
        Instant recent = database.Clock.GetInstant() + -SeenEvery;
        long? known = await database.ReadAsync(
            (Sql sql) => sql.FindNumber(
                "SELECT no FROM reader WHERE mailbox_no = @mailbox AND device = @device AND seen_at > @recent",
                ("@mailbox", mailbox.Value), ("@device", device), ("@recent", recent.Micros)),
            cancellationToken);
        return new ReaderNo(known ?? await database.WriteAsync(scope => SeeOrAdd(scope, mailbox, device), cancellationToken));
    }

    /// <summary>Notes that readers are still there; one that was not seen for the retention's time is dropped. At most 1,000 at once.</summary>
    public Task<int> SeeReadersAsync(IReadOnlyCollection<ReaderNo> readers, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(readers.Count, 1_000);
        return database.WriteAsync(
            scope =>
            {
                int seen = 0;
                foreach (ReaderNo reader in readers)
                {
                    seen += scope.Sql.Execute(
                        "UPDATE reader SET seen_at = @now WHERE no = @no", ("@now", scope.Now.Micros), ("@no", reader.Value));
                }

                return seen;
            },
            cancellationToken);
    }

    /// <summary>False for the readers of connections that only peek: the store knows nothing of them.</summary>
    public static bool IsKept(ReaderNo reader) => reader.Value > 0;

    /// <summary>Part of another write, such as the one that makes the member.</summary>
    public static MailboxNo GetOrAdd(WriteScope scope, MeshNo mesh, MailboxKind kind, MemberNo owner, string key)
    {
        if (Find(scope.Sql, mesh, kind, key) is { } known)
            return known.No;

        long no = scope.Sql.FindNumber(
            "INSERT INTO mailbox (mesh_no, kind, owner_no, key) VALUES (@mesh, @kind, @owner, @key) RETURNING no",
            ("@mesh", mesh.Value), ("@kind", (long)kind), ("@owner", owner.Value), ("@key", UniqueKey(mesh, kind, key)))!.Value;

        // Whatever was said before it was there is not for its readers.
        long last = kind is MailboxKind.Member or MailboxKind.Session or MailboxKind.Seat ? LastPosition(scope.Sql, mesh) : 0;
        for (Lane lane = Lane.Now; last > 0 && lane <= Lane.Low; lane++)
        {
            scope.Sql.Execute(
                "INSERT INTO cursor_mark (mailbox_no, lane, through, at) VALUES (@mailbox, @lane, @through, @at)",
                ("@mailbox", no), ("@lane", (long)lane), ("@through", last), ("@at", scope.Now.Micros));
        }

        return new MailboxNo(no);
    }

    public static MailboxRow? Find(Sql sql, MeshNo mesh, MailboxKind kind, string key) => sql.Find(
        "SELECT no, mesh_no, kind, owner_no FROM mailbox WHERE key = @key", Read, ("@key", UniqueKey(mesh, kind, key)));

    /// <summary>The newest position of a workspace, 0 if there is none; one descending read of the key.</summary>
    public static long LastPosition(Sql sql, MeshNo mesh)
    {
        long newest = sql.FindNumber(
            "SELECT max(id) FROM message WHERE id >= @from AND id <= @to",
            ("@from", new MessageRef(mesh, 0).Value), ("@to", new MessageRef(mesh, MessageRef.PositionMax).Value)) ?? 0;
        long reserved = sql.FindNumber("SELECT next_position FROM mesh_owner WHERE mesh_no = @mesh", ("@mesh", mesh.Value)) ?? 1;
        return Math.Max(new MessageRef(newest).Position, reserved - 1);
    }

    /// <summary>The key under which a mailbox is unique in the whole database.</summary>
    public static string UniqueKey(MeshNo mesh, MailboxKind kind, string key) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{mesh.Value}/{(int)kind}/{key}");

    private static long SeeOrAdd(WriteScope scope, MailboxNo mailbox, string device) =>
        scope.Sql.FindNumber(
            "UPDATE reader SET seen_at = @now WHERE mailbox_no = @mailbox AND device = @device RETURNING no",
            ("@now", scope.Now.Micros), ("@mailbox", mailbox.Value), ("@device", device))
        ?? AddReader(scope, mailbox, device);

    private static long AddReader(WriteScope scope, MailboxNo mailbox, string device)
    {
        long no = scope.Sql.FindNumber(
            "INSERT INTO reader (mailbox_no, device, seen_at) VALUES (@mailbox, @device, @now) RETURNING no",
            ("@mailbox", mailbox.Value), ("@device", device), ("@now", scope.Now.Micros))!.Value;

        for (Lane lane = Lane.Now; lane <= Lane.Low; lane++)
        {
            scope.Sql.Execute(
                """
                INSERT INTO cursor (reader_no, source_no, lane, through, at)
                SELECT @no, @mailbox, @lane, COALESCE(
                  (SELECT min(c.through) FROM reader r JOIN cursor c ON c.reader_no = r.no AND c.source_no = @mailbox AND c.lane = @lane
                   WHERE r.mailbox_no = @mailbox),
                  (SELECT max(through) FROM cursor_mark WHERE mailbox_no = @mailbox AND lane = @lane),
                  0), @now
                """,
                ("@no", no), ("@mailbox", mailbox.Value), ("@lane", (long)lane), ("@now", scope.Now.Micros));
        }

        return no;
    }

    private static MailboxRow Read(SqlRow row) => new(
        new MailboxNo(row.GetInt64(0)), new MeshNo(row.GetInt64(1)), (MailboxKind)row.GetInt64(2), new MemberNo(row.GetInt64(3)));
}
