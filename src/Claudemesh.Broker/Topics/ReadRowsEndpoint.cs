using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Topics;

/// <summary>A page of a topic's history over REST. An id that is none of this topic's is refused as a cursor: to pass it over would show another page.</summary>
internal sealed class ReadRowsEndpoint(Database database, TopicPosts posts)
{
    public const string Limit = "limit";
    public const string Before = "before";
    public const string After = "after";

    private const int CountUsual = 50;

    /// <summary>A page ends before the message that would make it larger.</summary>
    private const int BytesMax = 4 * 1024 * 1024;

    public async Task HandleAsync(RestCall call)
    {
        int count = call.Number(Limit, 1, ReadTopicHandler.CountMax, CountUsual);
        string? before = call.Text(Before, WireId.CharsMax);
        string? after = call.Text(After, WireId.CharsMax);
        if ((call.Fault ?? (before is null || after is null ? null : MeshError.InvalidArgs.With("before and after are invalid together: give one of them."))) is { } fault)
        {
            await call.RefuseAsync(fault);
            return;
        }

        Topic topic = call.Topic!;
        MessageRef? from = null;
        if ((before ?? after) is { } id && (from = await posts.FindCursorAsync(call.Workspace, topic, id, call.Aborted)) is null)
        {
            await call.RefuseAsync(MeshError.CursorElsewhere);
            return;
        }

        HistoryPage page = new(topic.Mailbox, after is null ? HistoryOrder.NewestFirst : HistoryOrder.OldestFirst, from?.Position, count);
        (List<Message> messages, bool more) = await database.ReadAsync(
            session => HistoryReads.Page(session, page, RowRecords.SizeOf, BytesMax), call.Aborted);
        await call.AnswerAsync(new TopicRowPage(topic.Name, topic.Id, [.. messages.Select(message => RowRecords.Of(call.Workspace, topic, message))], more));
    }
}
