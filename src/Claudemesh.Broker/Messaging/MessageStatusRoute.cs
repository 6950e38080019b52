using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Messaging;

internal static class MessageStatusRoute
{
    public static RestRoutes MapMessageStatus(this RestRoutes routes) => routes
        .Add(new("GET", "/messages/{id}", Operation.ReadOwnMessages, KeyReach.Filtered,
            "Tells what became of a message of yours, by its id or the first 8 characters and more.", ShowAsync)
        {
            Reply = typeof(MessageStatusResult),
            Refusals = [MeshError.NotFound, MeshError.InvalidArgument],
        });

    private static async Task ShowAsync(RestCall call)
    {
        Sockets.Reply<MessageStatusResult> reply = await call.AskAsync<MessageStatusHandler, MessageStatus, MessageStatusResult>(new MessageStatus(call.Path("id")));
        await (reply.Value is { } status && !MayShow(call, status.TargetSpec) ? call.RefuseAsync(MeshError.NotFound) : call.AnswerAsync(reply));
    }

    /// <summary>A key that is limited to topics asks for posts in them.</summary>
    private static bool MayShow(RestCall call, string target) =>
        call.Caller.Key?.Topics is null || target.StartsWith('#') && call.FindTopic(target).Topic is not null;
}
