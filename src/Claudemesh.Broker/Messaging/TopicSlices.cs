using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Messaging;

/// <summary>A topic that keeps its posts for so many days.</summary>
internal sealed record TopicKeeping(MeshNo Mesh, MailboxNo Mailbox, long Days);

/// <summary>Pieces of retention in a topic's history, each inside the writer's transaction and short.</summary>
internal static class TopicSlices
{
    private const int PostsMax = 300;

    /// <summary>A post to a large topic has as many receipts as readers who spoke of it; they go first.</summary>
    private const int ReceiptsMax = 400;

    public static List<TopicKeeping> ListBounded(Sql sql) => sql.List(
        "SELECT mesh_no, mailbox_no, retention_days FROM topic WHERE retention_days IS NOT NULL ORDER BY no",
        static row => new TopicKeeping(new MeshNo(row.GetInt64(0)), new MailboxNo(row.GetInt64(1)), row.GetInt64(2)));

    public static bool HasPosts(Sql sql, MailboxNo topic, Lane lane, Instant before) => sql.FindNumber(
        """
        SELECT m.created_at FROM entry e JOIN message m ON m.id = e.message_id
        WHERE e.mailbox_no = @topic AND e.lane = @lane ORDER BY e.position LIMIT 1
        """,
        ("@topic", topic.Value), ("@lane", (long)lane)) is { } oldest && oldest <= before.Micros;

    /// <summary>Takes out the oldest posts with all that hangs on them.</summary>
    public static ImmutableArray<Lapsed> Forget(WriteScope scope, MailboxNo topic, Lane lane, Instant before)
    {
        List<(Lapsed Post, Instant CreatedAt)> oldest = scope.Sql.List(
            """
            SELECT e.position, m.id, m.sender_no, m.recipients, octet_length(m.body) + octet_length(m.nonce) + COALESCE(octet_length(m.header), 0), m.created_at
            FROM entry e JOIN message m ON m.id = e.message_id
            WHERE e.mailbox_no = @topic AND e.lane = @lane ORDER BY e.position LIMIT @limit
            """,
            row => (
                new Lapsed(
                    new Entry(topic, lane, row.GetInt64(0)), new MessageRef(row.GetInt64(1)), new MemberNo(row.GetInt64(2)), (int)row.GetInt64(3), (int)row.GetInt64(4)),
                new Instant(row.GetInt64(5))),
            ("@topic", topic.Value), ("@lane", (long)lane), ("@limit", PostsMax));

        ImmutableArray<Lapsed>.Builder gone = ImmutableArray.CreateBuilder<Lapsed>();
        int receipts = 0;
        foreach ((Lapsed post, _) in oldest.TakeWhile(one => one.CreatedAt <= before))
        {
            receipts += DeleteReceipts(scope.Sql, post.Message);
            if (receipts >= ReceiptsMax)
                break;

            receipts += scope.Sql.Execute("DELETE FROM notification WHERE message_id = @message", ("@message", post.Message.Value));

            MessageSlices.Delete(scope.Sql, post.Message.Value, post.Message.Value);
            scope.Sql.Execute(
                "DELETE FROM entry WHERE mailbox_no = @topic AND lane = @lane AND position = @position",
                ("@topic", topic.Value), ("@lane", (long)lane), ("@position", post.Entry.Position));
            gone.Add(post);
        }

        return gone.DrainToImmutable();
    }

    private static int DeleteReceipts(Sql sql, MessageRef message) => sql.Execute(
        """
        DELETE FROM receipt WHERE message_id = @message AND mailbox_no IN (
          SELECT mailbox_no FROM receipt WHERE message_id = @message ORDER BY mailbox_no LIMIT @limit)
        """,
        ("@message", message.Value), ("@limit", ReceiptsMax));
}
