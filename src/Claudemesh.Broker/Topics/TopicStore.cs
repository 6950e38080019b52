using System.Collections.Immutable;
using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Topics;

/// <summary>How far a member has come in a topic, and when it joined.</summary>
internal sealed record TopicStay(MemberNo Member, TopicRole Role, Instant JoinedAt, Instant? LastReadAt, long LastReadPosition);

/// <summary>What a listing says of one topic beside what is in memory.</summary>
/// <param name="LastReadPosition">Null: he is not in it.</param>
/// <param name="Unread">Posts of others after that; counted up to <see cref="UnreadMax"/>.</param>
internal readonly record struct TopicFigures(long LastPosition, long? LastReadPosition, int Unread)
{
    public const int UnreadMax = 1_000;
}

/// <summary>Topics and who is in them.</summary>
internal sealed class TopicStore(Database database)
{
    private const string Columns =
        "SELECT no, id, name, description, visibility, created_at, archived_at, retention_days, mailbox_no FROM topic";

    private const string StayColumns = "SELECT member_no, role, joined_at, last_read_at, last_read_position FROM topic_member";

    private const string SeatColumns = "SELECT topic_no, seat_no, member_no, role FROM topic_member";

    /// <summary>Every topic of a workspace, archived ones too.</summary>
    public ValueTask<List<Topic>> ListAsync(MeshNo mesh, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) =>
        {
            ILookup<TopicNo, Seat> seats = sql.List(
                $"{SeatColumns} WHERE left_at IS NULL AND topic_no IN (SELECT no FROM topic WHERE mesh_no = @mesh) ORDER BY topic_no, member_no",
                ReadSeat, ("@mesh", mesh.Value)).ToLookup(one => one.Topic, one => one.Seat);
            return sql.List($"{Columns} WHERE mesh_no = @mesh ORDER BY no", row => Read(row, no => [.. seats[no]]), ("@mesh", mesh.Value));
        },
        cancellationToken);

    public ValueTask<Topic?> FindAsync(MeshNo mesh, string id, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => Find(sql, mesh, id), cancellationToken);

    /// <summary>Part of a read or a write.</summary>
    public static Topic? Find(Sql sql, MeshNo mesh, string id) => sql.Find(
        $"{Columns} WHERE mesh_no = @mesh AND id = @id", row => Read(row, static _ => []), ("@mesh", mesh.Value), ("@id", id)) is { } topic
            ? topic with { Seats = Topic.SeatsOf(topic.Mailbox, topic.Visibility, topic.ArchivedAt, SeatsIn(sql, topic.No)) }
            : null;

    /// <summary>The topics that a member is in, each with its seat.</summary>
    public ValueTask<List<(TopicNo Topic, Seat Seat)>> ListSeatsAsync(MemberNo member, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.List($"{SeatColumns} WHERE member_no = @member AND left_at IS NULL ORDER BY topic_no", ReadSeat, ("@member", member.Value)),
        cancellationToken);

    public ValueTask<List<TopicStay>> ListStaysAsync(TopicNo topic, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.List($"{StayColumns} WHERE topic_no = @topic AND left_at IS NULL ORDER BY joined_at, seat_no", ReadStay, ("@topic", topic.Value)),
        cancellationToken);

    /// <summary>Null when the member is not in it.</summary>
    public ValueTask<TopicStay?> FindStayAsync(TopicNo topic, MemberNo member, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.Find(
            $"{StayColumns} WHERE topic_no = @topic AND member_no = @member AND left_at IS NULL", ReadStay, ("@topic", topic.Value), ("@member", member.Value)),
        cancellationToken);

    /// <summary>
    /// The newest position of each topic, how far a member has read it and what he has not: a seek and a bounded range for each lane of each
    /// topic, in one statement.
    /// </summary>
    public ValueTask<Dictionary<TopicNo, TopicFigures>> ListFiguresAsync(MeshNo mesh, MemberNo member, CancellationToken cancellationToken) =>
        database.ReadAsync(
            (Sql sql) => sql.List(
                $"{FigureColumns} WHERE t.mesh_no = @mesh", ReadFigures, ("@member", member.Value), ("@mesh", mesh.Value))
                .ToDictionary(one => one.No, one => one.Figures),
            cancellationToken);

    /// <summary>When in each topic the newest post was made; those without one are left out.</summary>
    public ValueTask<Dictionary<TopicNo, Instant>> ListLastPostedAsync(MeshNo mesh, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.List(
            $"""
            SELECT t.no, (SELECT max(m.created_at) FROM message m WHERE m.id IN ({NewestOf(0)}, {NewestOf(1)}, {NewestOf(2)}))
            FROM topic t WHERE t.mesh_no = @mesh
            """,
            static row => (No: new TopicNo(row.GetInt64(0)), At: row.Int64OrNull(1)),
            ("@mesh", mesh.Value)).Where(one => one.At is not null).ToDictionary(one => one.No, one => new Instant(one.At!.Value)),
        cancellationToken);

    public ValueTask<TopicFigures> ReadFiguresAsync(TopicNo topic, MemberNo member, CancellationToken cancellationToken) =>
        database.ReadAsync((Sql sql) => ReadFigures(sql, topic, member), cancellationToken);

    /// <summary>Makes a topic with its maker as lead.</summary>
    public Task<MeshError?> CreateAsync(NewTopic topic, MemberNo lead, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            if (CheckRoom(scope, topic) is { } refusal)
                return refusal;
            if (!TopicRows.HasRoom(scope, lead))
                return MeshError.JoinedTopicLimit;

            TopicRows.SeatIn(scope, topic.Mesh, (TopicRows.Add(scope, topic), topic.Id), lead, TopicRole.Lead);
            return null;
        },
        cancellationToken);

    /// <summary>Part of the write that makes a topic.</summary>
    public static MeshError? CheckRoom(WriteScope scope, NewTopic topic)
    {
        if (scope.Sql.FindNumber("SELECT no FROM topic WHERE mesh_no = @mesh AND id = @id", ("@mesh", topic.Mesh.Value), ("@id", topic.Id)) is not null)
            return MeshError.TopicIdTaken;

        if (topic.Visibility is TopicVisibility.Public && HasPublicName(scope.Sql, topic.Mesh, topic.Name, except: default))
            return MeshError.TopicNameTaken;

        long count = scope.Sql.FindNumber("SELECT count(*) FROM topic WHERE mesh_no = @mesh", ("@mesh", topic.Mesh.Value))!.Value;
        return count >= Topic.PerWorkspaceMax ? MeshError.TopicLimit : null;
    }

    public Task<MeshError?> JoinAsync(MeshNo mesh, Topic topic, MemberNo member, TopicRole role, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            if (!TopicRows.SeatIn(scope, mesh, (topic.No, topic.Id), member, role))
                return MeshError.JoinedTopicLimit;

            // Who joins again as something else becomes that; nobody makes himself a lead by it, nor stops being one.
            scope.Sql.Execute(
                "UPDATE topic_member SET role = @role WHERE topic_no = @topic AND member_no = @member AND left_at IS NULL AND role <> 2",
                ("@role", (long)role), ("@topic", topic.No.Value), ("@member", member.Value));
            return null;
        },
        cancellationToken);

    public Task<bool> LeaveAsync(TopicNo topic, MemberNo member, CancellationToken cancellationToken) =>
        database.WriteAsync(scope => TopicRows.Leave(scope, topic, member), cancellationToken);

    /// <summary>Writes what may change of a topic.</summary>
    public Task<MeshError?> UpdateAsync(MeshNo mesh, Topic topic, CancellationToken cancellationToken, AuditEvent? told = null) => database.WriteAsync(
        scope =>
        {
            if (topic is { IsPublic: true, ArchivedAt: null } && HasPublicName(scope.Sql, mesh, topic.Name, topic.No))
                return MeshError.TopicNameTaken;

            scope.Sql.Execute(
                "UPDATE topic SET name = @name, description = @description, archived_at = @archived, retention_days = @days WHERE no = @no",
                ("@name", topic.Name.Value), ("@description", topic.Description), ("@archived", topic.ArchivedAt?.Micros),
                ("@days", (long?)topic.RetentionDays), ("@no", topic.No.Value));
            if (told is not null)
                AuditStore.Append(scope, mesh, told);
            return null;
        },
        cancellationToken);

    /// <summary>A mark never goes back, nor does its time.</summary>
    /// <param name="through">Null: all there is now.</param>
    /// <returns>How far the member has read now; null when it is not in the topic.</returns>
    public Task<TopicFigures?> MarkReadAsync(Topic topic, MemberNo member, long? through, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            if (TopicRows.FindSeat(scope.Sql, topic.No, member) is not { } seat)
                return (TopicFigures?)null;

            scope.Sql.Execute(
                """
                UPDATE topic_member SET
                  last_read_at = CASE WHEN last_read_at > @now THEN last_read_at ELSE @now END,
                  last_read_position = CASE WHEN last_read_position < @position THEN @position ELSE last_read_position END
                WHERE seat_no = @seat
                """,
                ("@now", scope.Now.Micros), ("@position", through ?? ReadFigures(scope.Sql, topic.No, member).LastPosition), ("@seat", seat));
            return ReadFigures(scope.Sql, topic.No, member);
        },
        cancellationToken);

    /// <summary>Of a member who only writes and never marks as read no more entries than these are looked at in each lane.</summary>
    private const int LookedAtMax = 10_000;

    private static readonly string FigureColumns =
        $"""
        SELECT t.no, s.last_read_position, {LastOf(0)}, {LastOf(1)}, {LastOf(2)}, {UnreadOf(0)}, {UnreadOf(1)}, {UnreadOf(2)}
        FROM topic t LEFT JOIN topic_member s ON s.topic_no = t.no AND s.member_no = @member AND s.left_at IS NULL
        """;

    private static string NewestOf(int lane) => $"(SELECT message_id FROM entry WHERE mailbox_no = t.mailbox_no AND lane = {lane} ORDER BY position DESC LIMIT 1)";

    private static string LastOf(int lane) => $"COALESCE((SELECT max(position) FROM entry WHERE mailbox_no = t.mailbox_no AND lane = {lane}), 0)";

    private static string UnreadOf(int lane) =>
        $"""
        (SELECT count(*) FROM (
          SELECT sender_no FROM (
            SELECT sender_no FROM entry WHERE mailbox_no = t.mailbox_no AND lane = {lane} AND position > s.last_read_position
            ORDER BY position DESC LIMIT {LookedAtMax}) newest{lane}
          WHERE sender_no <> @member LIMIT {TopicFigures.UnreadMax}) others{lane})
        """;

    private static TopicFigures ReadFigures(Sql sql, TopicNo topic, MemberNo member) =>
        sql.List($"{FigureColumns} WHERE t.no = @topic", ReadFigures, ("@member", member.Value), ("@topic", topic.Value)).FirstOrDefault().Figures;

    private static (TopicNo No, TopicFigures Figures) ReadFigures(SqlRow row) => (
        new TopicNo(row.GetInt64(0)),
        new TopicFigures(
            Math.Max(row.GetInt64(2), Math.Max(row.GetInt64(3), row.GetInt64(4))),
            row.Int64OrNull(1),
            (int)Math.Min(TopicFigures.UnreadMax, row.GetInt64(5) + row.GetInt64(6) + row.GetInt64(7))));

    private static bool HasPublicName(Sql sql, MeshNo mesh, TopicName name, TopicNo except) => sql.FindNumber(
        "SELECT no FROM topic WHERE mesh_no = @mesh AND name = @name AND visibility = 0 AND archived_at IS NULL AND no <> @except",
        ("@mesh", mesh.Value), ("@name", name.Value), ("@except", except.Value)) is not null;

    private static ImmutableArray<Seat> SeatsIn(Sql sql, TopicNo topic) =>
    [
        .. sql.List($"{SeatColumns} WHERE topic_no = @topic AND left_at IS NULL ORDER BY member_no", ReadSeat, ("@topic", topic.Value)).Select(one => one.Seat),
    ];

    private static TopicStay ReadStay(SqlRow row) => new(
        new MemberNo(row.GetInt64(0)),
        (TopicRole)row.GetInt64(1),
        new Instant(row.GetInt64(2)),
        row.Int64OrNull(3) is { } read ? new Instant(read) : null,
        row.Int64OrNull(4) ?? 0);

    private static (TopicNo Topic, Seat Seat) ReadSeat(SqlRow row) => (
        new TopicNo(row.GetInt64(0)), new Seat(new MailboxNo(row.GetInt64(1)), new MemberNo(row.GetInt64(2)), (TopicRole)row.GetInt64(3)));

    private static Topic Read(SqlRow row, Func<TopicNo, ImmutableArray<Seat>> seatsOf)
    {
        TopicNo no = new(row.GetInt64(0));
        TopicVisibility visibility = (TopicVisibility)row.GetInt64(4);
        Instant? archivedAt = row.Int64OrNull(6) is { } at ? new Instant(at) : null;
        return new Topic(
            no,
            row.GetString(1),
            TopicName.Parse(row.GetString(2)),
            row.TextOrNull(3),
            visibility,
            new Instant(row.GetInt64(5)),
            archivedAt,
            (int?)row.Int64OrNull(7),
            Topic.SeatsOf(new MailboxNo(row.GetInt64(8)), visibility, archivedAt, seatsOf(no)));
    }
}
