using System.Globalization;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Topics;

/// <param name="Id">32 letters and digits.</param>
internal sealed record NewTopic(MeshNo Mesh, string Id, TopicName Name, string? Description, TopicVisibility Visibility);

/// <summary>Parts of other writes: what must happen to topics in the transaction that makes a workspace or lets a member in or out.</summary>
internal static class TopicRows
{
    /// <summary>A workspace is born with it.</summary>
    public static void AddGeneral(WriteScope scope, MeshNo mesh) =>
        Add(scope, new NewTopic(mesh, RandomBytes.NextId(), TopicName.Parse(TopicName.General), Description: null, TopicVisibility.Public));

    public static TopicNo Add(WriteScope scope, NewTopic topic)
    {
        MailboxNo mailbox = MailboxStore.GetOrAdd(scope, topic.Mesh, MailboxKind.Topic, new MemberNo(0), topic.Id);
        return new TopicNo(scope.Sql.FindNumber(
            """
            INSERT INTO topic (id, mesh_no, mailbox_no, name, description, visibility, created_at)
            VALUES (@id, @mesh, @mailbox, @name, @description, @visibility, @now) RETURNING no
            """,
            ("@id", topic.Id), ("@mesh", topic.Mesh.Value), ("@mailbox", mailbox.Value), ("@name", topic.Name.Value),
            ("@description", topic.Description), ("@visibility", (long)topic.Visibility), ("@now", scope.Now.Micros))!.Value);
    }

    /// <summary>Whoever is a member is in #general, the owner as its lead. Does nothing where he is in it already.</summary>
    public static void SeatInGeneral(WriteScope scope, MemberNo member)
    {
        var general = scope.Sql.Find(
            """
            SELECT t.no, t.id, t.mesh_no, m.role FROM member m JOIN topic t ON t.mesh_no = m.mesh_no
            WHERE m.no = @member AND t.name = @name AND t.visibility = 0 AND t.archived_at IS NULL
            """,
            row => new { No = new TopicNo(row.GetInt64(0)), Id = row.GetString(1), Mesh = new MeshNo(row.GetInt64(2)), Role = (MemberRole)row.GetInt64(3) },
            ("@member", member.Value), ("@name", TopicName.General));
        if (general is not null)
            SeatIn(scope, general.Mesh, (general.No, general.Id), member, general.Role is MemberRole.Owner ? TopicRole.Lead : TopicRole.Member);
    }

    /// <summary>A new stay in a topic, which begins at its end: what was posted before is nothing that he has not read. Whoever is in it already stays where he is.</summary>
    /// <returns>False when the member is in as many topics as he may be.</returns>
    public static bool SeatIn(WriteScope scope, MeshNo mesh, (TopicNo No, string Id) topic, MemberNo member, TopicRole role)
    {
        long stays = scope.Sql.FindNumber(
            "SELECT count(*) FROM topic_member WHERE topic_no = @topic AND member_no = @member",
            ("@topic", topic.No.Value), ("@member", member.Value))!.Value;
        if (stays > 0 && FindSeat(scope.Sql, topic.No, member) is not null)
            return true;

        if (!HasRoom(scope, member))
            return false;

        string key = string.Create(CultureInfo.InvariantCulture, $"{topic.Id}/{member.Value}/{stays}");
        MailboxNo seat = MailboxStore.GetOrAdd(scope, mesh, MailboxKind.Seat, member, key);
        long read = MailboxStore.LastPosition(scope.Sql, mesh);
        scope.Sql.Execute(
            """
            INSERT INTO topic_member (seat_no, topic_no, member_no, role, joined_at, last_read_position)
            VALUES (@seat, @topic, @member, @role, @now, @read)
            """,
            ("@seat", seat.Value), ("@topic", topic.No.Value), ("@member", member.Value), ("@role", (long)role),
            ("@now", scope.Now.Micros), ("@read", read));
        return true;
    }

    /// <summary>Whether a member may be in one more topic.</summary>
    public static bool HasRoom(WriteScope scope, MemberNo member) => scope.Sql.FindNumber(
        "SELECT count(*) FROM topic_member WHERE member_no = @member AND left_at IS NULL", ("@member", member.Value)) < Topic.PerMemberMax;

    public static long? FindSeat(Sql sql, TopicNo topic, MemberNo member) => sql.FindNumber(
        "SELECT seat_no FROM topic_member WHERE topic_no = @topic AND member_no = @member AND left_at IS NULL",
        ("@topic", topic.Value), ("@member", member.Value));

    /// <returns>False when he was not in it.</returns>
    public static bool Leave(WriteScope scope, TopicNo topic, MemberNo member) => scope.Sql.Execute(
        "UPDATE topic_member SET left_at = @now WHERE topic_no = @topic AND member_no = @member AND left_at IS NULL",
        ("@now", scope.Now.Micros), ("@topic", topic.Value), ("@member", member.Value)) > 0;

    /// <summary>Whoever is out of the workspace is out of every topic. At most <see cref="Topic.PerMemberMax"/> rows.</summary>
    public static void LeaveAll(WriteScope scope, MemberNo member) => scope.Sql.Execute(
        "UPDATE topic_member SET left_at = @now WHERE member_no = @member AND left_at IS NULL",
        ("@now", scope.Now.Micros), ("@member", member.Value));

    public static void SetRole(WriteScope scope, TopicNo topic, MemberNo member, TopicRole role) => scope.Sql.Execute(
        "UPDATE topic_member SET role = @role WHERE topic_no = @topic AND member_no = @member AND left_at IS NULL",
        ("@role", (long)role), ("@topic", topic.Value), ("@member", member.Value));
}
