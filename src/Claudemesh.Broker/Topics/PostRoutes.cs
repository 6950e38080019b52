using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Topics;

internal static class PostRoutes
{
    private const int BytesBesideBody = 64 * 1024;

    /// <param name="routes">The table.</param>
    /// <param name="bodyBytesMax">Of a message's body, before it is written as JSON.</param>
    public static RestRoutes MapPosts(this RestRoutes routes, int bodyBytesMax) => routes
        .Add(new RestRoute("POST", "/messages", Operation.Send, KeyReach.Filtered, "Posts a message in a topic.", Handle<PostMessageEndpoint>(static at => at.HandleAsync))
        {
            Headers = [new RestParameter(IdempotencyKey.Header, "A text of your own, at most 128 characters: asked again with the same, the message is posted once.")],
            Body = typeof(PostMessage),
            BodyBytesMax = 2 * bodyBytesMax + BytesBesideBody,
            Reply = typeof(MessagePosted),
            Refusals =
            [
                MeshError.TopicNotFound, MeshError.TopicArchived, MeshError.TopicReadOnly, MeshError.EncryptionRequired, MeshError.StaleEpoch,
                MeshError.ReplyElsewhere, MeshError.MentionAmbiguous, MeshError.IdempotencyConflict, MeshError.PayloadTooLarge, MeshError.RateLimit, MeshError.WorkspaceMoved,
            ],
        })
        .Add(new RestRoute("GET", "/topics/{topic}/messages", Operation.ReadTopics, KeyReach.OneTopic, "Reads a page of a topic's messages.", Handle<ReadRowsEndpoint>(static at => at.HandleAsync))
        {
            Query =
            [
                new RestParameter(ReadRowsEndpoint.Limit, "How many, 1 to 200; 50 if absent.", ParameterKind.Number),
                new RestParameter(ReadRowsEndpoint.Before, "The id of a message of this topic: older ones, newest first."),
                new RestParameter(ReadRowsEndpoint.After, "The id of a message of this topic: newer ones, oldest first."),
            ],
            Reply = typeof(TopicRowPage),
            Refusals = [MeshError.TopicNotFound, MeshError.CursorElsewhere],
        })
        .Add(new RestRoute("PATCH", "/topics/{topic}/read", Operation.MarkOwnRead, KeyReach.OneTopic, "Marks a topic as read by the key's issuer.", Handle<MarkReadEndpoint>(static at => at.HandleAsync))
        {
            Query = [new RestParameter(MarkReadEndpoint.Through, "The id of the newest message that was read; absent: all there are now.")],
            Reply = typeof(TopicRead),
            Refusals = [MeshError.TopicNotFound, MeshError.CursorElsewhere, MeshError.NotInTopic],
        });

    private static Func<RestCall, Task> Handle<TEndpoint>(Func<TEndpoint, Func<RestCall, Task>> handle)
        where TEndpoint : notnull => call => handle(call.Http.RequestServices.GetRequiredService<TEndpoint>())(call);
}
