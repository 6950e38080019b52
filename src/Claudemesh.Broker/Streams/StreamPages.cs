using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;

namespace Claudemesh.Broker.Streams;

/// <param name="Through">The page has everything up to here.</param>
/// <param name="More">There is more in the store beyond it.</param>
internal sealed record StreamPage(List<(Topic Topic, Message Post)> Posts, long Through, bool More);

/// <summary>What a stream reads from the store that begins before now, oldest first.</summary>
internal sealed class StreamPages(Database database)
{
    public const int CountMax = 200;

    /// <summary>A page ends before the message that would make it larger; one alone is given however large it is.</summary>
    public const int BytesMax = 256 * 1024;

    private const int TargetColumn = 3;

    /// <summary>
    /// Messages of a whole workspace in the order of positions, along the primary key. What is no post is passed over without its body, so that a
    /// page looks at a bounded number of rows whatever stands between two posts.
    /// </summary>
    private static readonly string EverythingSql =
        $"""
        SELECT {DeliveryReads.MessageColumns
            .Replace("m.header", Of("m.header"), StringComparison.Ordinal)
            .Replace("m.nonce", Of("m.nonce"), StringComparison.Ordinal)
            .Replace("m.body,", Of("m.body") + ",", StringComparison.Ordinal)}
        FROM message m WHERE m.id > ?1 AND m.id <= ?2 ORDER BY m.id LIMIT ?3
        """;

    /// <param name="only">One topic; null: all that are shown.</param>
    /// <param name="isShown">Asked for each topic; it may change between two pages.</param>
    public ValueTask<StreamPage> ReadAsync(
        Workspace workspace, Topic? only, Func<Topic, bool> isShown, long after, CancellationToken cancellationToken) => database.ReadAsync(
        session => only is null ? ReadAll(session, workspace, isShown, after) : ReadOne(session, only, after),
        cancellationToken);

    private static StreamPage ReadOne(ISqlSession session, Topic topic, long after)
    {
        HistoryPage page = new(topic.Mailbox, HistoryOrder.OldestFirst, after, CountMax);
        (List<Message> posts, bool more) = HistoryReads.Page(session, page, RowRecords.SizeOf, BytesMax);
        return new StreamPage([.. posts.Select(post => (topic, post))], posts.Count > 0 ? posts[^1].Id.Position : after, more);
    }

    private static StreamPage ReadAll(ISqlSession session, Workspace workspace, Func<Topic, bool> isShown, long after)
    {
        List<(Topic, Message)> posts = [];
        long through = after;
        int seen = 0;
        int bytes = 0;
        ISqlStatement rows = session.Prepared(EverythingSql);
        rows.Bind(1, new MessageRef(workspace.Row.No, after).Value).Bind(2, new MessageRef(workspace.Row.No, MessageRef.PositionMax).Value).Bind(3, CountMax + 1);
        try
        {
            while (rows.Read())
            {
                if (seen++ == CountMax)
                    return new StreamPage(posts, through, More: true);

                // What is no post has no body here.
                if (rows.Text(TargetColumn) is ['#', .. string id] && workspace.Topics.FindById(id) is { } topic && isShown(topic))
                {
                    Message post = DeliveryReads.ReadMessage(rows);
                    bytes += RowRecords.SizeOf(post);
                    if (posts.Count > 0 && bytes > BytesMax)
                        return new StreamPage(posts, through, More: true);

                    posts.Add((topic, post));
                }

                through = new MessageRef(rows.Int64(0)).Position;
            }
        }
        finally
        {
            rows.Reset();
        }

        return new StreamPage(posts, through, More: false);
    }

    private static string Of(string column) => $"CASE WHEN m.target LIKE '#%' THEN {column} END";
}
