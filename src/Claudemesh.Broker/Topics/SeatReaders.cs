using System.Collections.Immutable;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Topics;

/// <summary>One device's reader of one topic, and where it stands.</summary>
internal sealed record SeatReader(TopicNo Topic, MailboxNo Seat, ReaderNo Reader, ImmutableArray<CursorAt> Cursors, ImmutableArray<Stored> Aside);

/// <summary>The readers of a member's seats under one device's name, all of them at once: a device that connects has one for each of its topics.</summary>
internal sealed class SeatReaders(Database database, IDeliveryLog log)
{
    /// <summary>A reader and its place in three lanes are four rows.</summary>
    private const int AddedAtOnce = 200;

    private const string Own = "FROM topic_member t JOIN reader r ON r.mailbox_no = t.seat_no AND r.device = @device";

    /// <summary>Notes them as seen. One that is new begins at the end: the past comes by history.</summary>
    public async ValueTask<List<SeatReader>> OpenAsync(MeshNo mesh, MemberNo member, string device, CancellationToken cancellationToken)
    {
        List<(TopicNo Topic, MailboxNo Seat, ReaderNo? Reader, Instant SeenAt)> known = await ListAsync(member, device, cancellationToken);
        MailboxNo[] missing = [.. known.Where(one => one.Reader is null).Select(one => one.Seat)];
        foreach (MailboxNo[] some in missing.Chunk(AddedAtOnce))
            await database.WriteAsync(scope => Add(scope, mesh, some, device), cancellationToken);

        Instant recent = database.Clock.GetInstant() + -MailboxStore.SeenEvery;
        if (known.Exists(one => one.Reader is not null && one.SeenAt <= recent))
            await database.WriteAsync(scope => See(scope, member, device, recent), cancellationToken);
        if (missing.Length > 0)
            known = await ListAsync(member, device, cancellationToken);

        return await PlaceAsync(member, device, known, cancellationToken);
    }

    private ValueTask<List<(TopicNo Topic, MailboxNo Seat, ReaderNo? Reader, Instant SeenAt)>> ListAsync(
        MemberNo member, string device, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.List(
            $"""
            SELECT t.topic_no, t.seat_no, r.no, COALESCE(r.seen_at, 0) {Own.Replace(" JOIN", " LEFT JOIN", StringComparison.Ordinal)}
            WHERE t.member_no = @member AND t.left_at IS NULL ORDER BY t.topic_no
            """,
            row => (
                new TopicNo(row.GetInt64(0)),
                new MailboxNo(row.GetInt64(1)),
                row.Int64OrNull(2) is { } no ? new ReaderNo(no) : (ReaderNo?)null,
                new Instant(row.GetInt64(3))),
            ("@device", device), ("@member", member.Value)),
        cancellationToken);

    private async ValueTask<List<SeatReader>> PlaceAsync(
        MemberNo member, string device, List<(TopicNo Topic, MailboxNo Seat, ReaderNo? Reader, Instant SeenAt)> known, CancellationToken cancellationToken)
    {
        // What moves between the two looks is in the file by the second.
        HashSet<ReaderNo> readers = [.. known.Select(one => one.Reader).OfType<ReaderNo>()];
        Dictionary<(ReaderNo Reader, Lane Lane), long> cursors = database.Writer.Moves.Of(readers);
        foreach (((ReaderNo, Lane) key, long through) in await ReadCursorsAsync(member, device, cancellationToken))
            cursors[key] = Math.Max(through, cursors.GetValueOrDefault(key));

        HashSet<ReaderNo> withAside = await ListAsideAsync(member, device, cancellationToken);
        List<SeatReader> placed = [];
        foreach ((TopicNo topic, MailboxNo seat, ReaderNo? reader, _) in known)
        {
            // A seat that came up meanwhile is read from when its joining is told.
            if (reader is not { } no)
                continue;

            ImmutableArray<Stored> aside = withAside.Contains(no) ? await log.ReadSetAsideAsync(no, DeliveryBounds.AsideMax, cancellationToken) : [];
            placed.Add(new SeatReader(topic, seat, no, PlacesOf(no, seat, cursors), aside));
        }

        return placed;
    }

    private static ImmutableArray<CursorAt> PlacesOf(ReaderNo reader, MailboxNo seat, Dictionary<(ReaderNo Reader, Lane Lane), long> cursors) =>
    [
        new CursorAt(seat, Lane.Now, cursors.GetValueOrDefault((reader, Lane.Now))),
        new CursorAt(seat, Lane.Next, cursors.GetValueOrDefault((reader, Lane.Next))),
        new CursorAt(seat, Lane.Low, cursors.GetValueOrDefault((reader, Lane.Low))),
    ];

    private ValueTask<List<((ReaderNo, Lane) Key, long Through)>> ReadCursorsAsync(MemberNo member, string device, CancellationToken cancellationToken) =>
        database.ReadAsync(
            (Sql sql) => sql.List(
                $"""
                SELECT c.reader_no, c.lane, c.through {Own} JOIN cursor c ON c.reader_no = r.no AND c.source_no = t.seat_no
                WHERE t.member_no = @member AND t.left_at IS NULL
                """,
                row => ((new ReaderNo(row.GetInt64(0)), (Lane)row.GetInt64(1)), row.GetInt64(2)),
                ("@device", device), ("@member", member.Value)),
            cancellationToken);

    /// <summary>Nearly always none.</summary>
    private async ValueTask<HashSet<ReaderNo>> ListAsideAsync(MemberNo member, string device, CancellationToken cancellationToken) =>
    [
        .. await database.ReadAsync(
            (Sql sql) => sql.List(
                $"SELECT DISTINCT r.no {Own} JOIN set_aside a ON a.reader_no = r.no WHERE t.member_no = @member AND t.left_at IS NULL",
                static row => new ReaderNo(row.GetInt64(0)),
                ("@device", device), ("@member", member.Value)),
            cancellationToken),
    ];

    private static int Add(WriteScope scope, MeshNo mesh, MailboxNo[] seats, string device)
    {
        long end = MailboxStore.LastPosition(scope.Sql, mesh);
        int added = 0;
        foreach (MailboxNo seat in seats)
        {
            // Another connection of the same device may have been quicker.
            if (scope.Sql.FindNumber(
                "INSERT INTO reader (mailbox_no, device, seen_at) VALUES (@seat, @device, @now) ON CONFLICT (mailbox_no, device) DO NOTHING RETURNING no",
                ("@seat", seat.Value), ("@device", device), ("@now", scope.Now.Micros)) is not { } no)
            {
                continue;
            }

            added++;
            for (Lane lane = Lane.Now; lane <= Lane.Low; lane++)
            {
                scope.Sql.Execute(
                    "INSERT INTO cursor (reader_no, source_no, lane, through, at) VALUES (@no, @seat, @lane, @through, @now)",
                    ("@no", no), ("@seat", seat.Value), ("@lane", (long)lane), ("@through", end), ("@now", scope.Now.Micros));
            }
        }

        return added;
    }

    private static int See(WriteScope scope, MemberNo member, string device, Instant recent) => scope.Sql.Execute(
        """
        UPDATE reader SET seen_at = @now WHERE device = @device AND seen_at <= @recent
          AND mailbox_no IN (SELECT seat_no FROM topic_member WHERE member_no = @member AND left_at IS NULL)
        """,
        ("@now", scope.Now.Micros), ("@device", device), ("@recent", recent.Micros), ("@member", member.Value));
}
