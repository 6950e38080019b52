using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Topics;

internal enum HistoryOrder : byte
{
    NewestFirst,
    OldestFirst,
}

/// <param name="From">Only what lies beyond this position; null: from the end, or the beginning, on.</param>
internal sealed record HistoryPage(MailboxNo Topic, HistoryOrder Order, long? From, int Count);

/// <summary>Pages of a topic's history: a range of each lane along the primary key, merged, and one join for the bodies.</summary>
internal static class HistoryReads
{
    private static readonly string Newest = SqlOf("<", "DESC");
    private static readonly string Oldest = SqlOf(">", "ASC");

    /// <param name="bytesMax">A page ends before the message that would go beyond; one alone is given however large it is.</param>
    /// <returns>Whether there are more beyond the page.</returns>
    public static (List<Message> Messages, bool More) Page(ISqlSession session, HistoryPage page, Func<Message, int> sizeOf, int bytesMax)
    {
        ISqlStatement rows = session.Prepared(page.Order is HistoryOrder.NewestFirst ? Newest : Oldest);
        long from = page.From ?? (page.Order is HistoryOrder.NewestFirst ? long.MaxValue : 0);
        List<Message> messages = [];
        int bytes = 0;
        rows.Bind(1, page.Topic.Value).Bind(2, from).Bind(3, page.Count + 1);
        try
        {
            while (rows.Read())
            {
                if (messages.Count == page.Count)
                    return (messages, true);

                Message message = DeliveryReads.ReadMessage(rows);
                bytes += sizeOf(message);
                if (messages.Count > 0 && bytes > bytesMax)
                    return (messages, true);

                messages.Add(message);
            }
        }
        finally
        {
            rows.Reset();
        }

        return (messages, false);
    }

    private static string SqlOf(string beyond, string order)
    {
        return $"""
            SELECT {DeliveryReads.MessageColumns} FROM (
              SELECT position, message_id FROM ({Lane(0)} UNION ALL {Lane(1)} UNION ALL {Lane(2)}) lanes ORDER BY position {order} LIMIT ?3
            ) e JOIN message m ON m.id = e.message_id ORDER BY e.position {order}
            """;

        string Lane(int lane) =>
            $"""
            SELECT * FROM (
              SELECT position, message_id FROM entry WHERE mailbox_no = ?1 AND lane = {lane} AND position {beyond} ?2 ORDER BY position {order} LIMIT ?3
            ) lane{lane}
            """;
    }
}
