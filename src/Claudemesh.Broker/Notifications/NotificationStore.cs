using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Topics;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Notifications;

/// <summary>Which posts members have been notified of. Rows are written with their posts, by the message log.</summary>
internal sealed class NotificationStore(Database database)
{
    /// <summary>Of so many a member's oldest give way; a count stops there as well.</summary>
    public const int UnreadMax = 1_000;

    private const int RowsMax = 1_000;

    private const string Unseen = "AND n.read_at IS NULL ";

    private const string PageSql =
        $"""
        SELECT {DeliveryReads.MessageColumns}, n.kind, n.mailbox_no, n.read_at
        FROM notification n JOIN message m ON m.id = n.message_id
        WHERE n.recipient_no = ?1 AND n.message_id < ?2 AND n.created_at >= ?3 {Unseen}ORDER BY n.message_id DESC LIMIT ?4
        """;

    private const int KindColumn = 15;

    /// <summary>Newest first.</summary>
    /// <param name="bytesMax">A page ends before the post that would go beyond; one alone is given however large it is.</param>
    /// <returns>Whether there are more beyond the page.</returns>
    public async ValueTask<(List<NotificationRow> Rows, bool More)> ListAsync(NotificationQuery query, int bytesMax, CancellationToken cancellationToken)
    {
        List<NotificationRow> page = [];
        MessageRef before = query.Before ?? new MessageRef(long.MaxValue);
        int bytes = 0;
        while (true)
        {
            // What may not be seen is passed over here and not in SQL: it is asked of memory, and nearly always there is none.
            List<NotificationRow> read = await database.ReadAsync(session => Read(session, query, before), cancellationToken);
            foreach (NotificationRow row in read)
            {
                before = row.Post.Id;
                if (!query.IsSeen(row.Topic))
                    continue;

                bytes += PostRecords.SizeOf(row.Post);
                if (page.Count == query.Count || (page.Count > 0 && bytes > bytesMax))
                    return (page, true);

                page.Add(row);
            }

            if (read.Count <= query.Count)
                return (page, false);
        }
    }

    /// <summary>How many a member has not read in each topic.</summary>
    public ValueTask<Dictionary<MailboxNo, int>> CountUnreadAsync(MemberNo recipient, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.List(
            "SELECT mailbox_no, count(*) FROM notification WHERE recipient_no = @recipient AND read_at IS NULL GROUP BY mailbox_no",
            static row => KeyValuePair.Create(new MailboxNo(row.GetInt64(0)), (int)row.GetInt64(1)),
            ("@recipient", recipient.Value)).ToDictionary(),
        cancellationToken);

    /// <param name="isSeen">Those of other topics stay as they are.</param>
    /// <returns>How many were unread until now.</returns>
    public Task<int> MarkReadAsync(MemberNo recipient, IReadOnlyList<MessageRef> posts, Func<MailboxNo, bool> isSeen, CancellationToken cancellationToken) => database.WriteAsync(
        scope => posts.Sum(post =>
            scope.Sql.FindNumber(
                "SELECT mailbox_no FROM notification WHERE recipient_no = @recipient AND message_id = @post AND read_at IS NULL",
                ("@recipient", recipient.Value), ("@post", post.Value)) is { } topic && isSeen(new MailboxNo(topic))
                ? scope.Sql.Execute(
                    "UPDATE notification SET read_at = @now WHERE recipient_no = @recipient AND message_id = @post",
                    ("@now", scope.Now.Micros), ("@recipient", recipient.Value), ("@post", post.Value))
                : 0),
        cancellationToken);

    /// <summary>Marks all of a topic, in pieces of one transaction each: what comes meanwhile is not among them.</summary>
    /// <param name="through">Only those of posts made then or earlier.</param>
    /// <returns>How many were unread until now.</returns>
    public async Task<int> MarkReadAsync(MemberNo recipient, MailboxNo topic, Instant through, CancellationToken cancellationToken)
    {
        int marked = 0;
        while (true)
        {
            int some = await database.WriteAsync(
                scope => scope.Sql.Execute(
                    """
                    UPDATE notification SET read_at = @now WHERE recipient_no = @recipient AND message_id IN (
                      SELECT message_id FROM notification
                      WHERE recipient_no = @recipient AND read_at IS NULL AND mailbox_no = @topic AND created_at <= @through LIMIT @limit)
                    """,
                    ("@now", scope.Now.Micros), ("@recipient", recipient.Value), ("@topic", topic.Value), ("@through", through.Micros), ("@limit", RowsMax)),
                cancellationToken);
            marked += some;
            if (some < RowsMax)
                return marked;
        }
    }

    private static List<NotificationRow> Read(ISqlSession session, NotificationQuery query, MessageRef before)
    {
        ISqlStatement rows = session.Prepared(query.Unread ? PageSql : PageSql.Replace(Unseen, "", StringComparison.Ordinal));
        List<NotificationRow> read = [];
        rows.Bind(1, query.Recipient.Value).Bind(2, before.Value).Bind(3, query.Since?.Micros ?? 0).Bind(4, query.Count + 1);
        try
        {
            while (rows.Read())
            {
                read.Add(new NotificationRow(
                    (NotificationKind)rows.Int64(KindColumn),
                    new MailboxNo(rows.Int64(KindColumn + 1)),
                    DeliveryReads.ReadMessage(rows),
                    rows.Int64OrNull(KindColumn + 2) is { } at ? new Instant(at) : null));
            }
        }
        finally
        {
            rows.Reset();
        }

        return read;
    }
}
