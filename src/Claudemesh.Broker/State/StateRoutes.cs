using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.State;

/// <summary>Plain state over REST, as 1.x keeps it; where the workspace wants everything sealed, it is written with <c>PUT /objects</c>.</summary>
internal static class StateRoutes
{
    private const string Key = "key";

    public static RestRoutes MapState(this RestRoutes routes) => routes
        .Add(new("GET", "/state", Operation.ReadObjects, KeyReach.Workspace,
            "Lists the shared values that are kept in clear, by key.", ListAsync) { Reply = typeof(StateList) })
        .Add(new("GET", "/state/{**key}", Operation.ReadObjects, KeyReach.Workspace, "Shows one shared value that is kept in clear.", ShowAsync)
        {
            Reply = typeof(StateEntry),
            Refusals = [MeshError.NotFound],
        })
        .Add(new("PUT", "/state/{**key}", Operation.WriteObjects, KeyReach.Workspace,
            "Sets a shared value in clear, where the workspace admits that.", SetAsync)
        {
            Body = typeof(StateValue),
            BodyBytesMax = PlainObjects.BodyBytesMax,
            Status = 204,
            Refusals = [MeshError.EncryptionRequired, MeshError.ObjectQuota],
        });

    private static async Task ListAsync(RestCall call) =>
        await call.AnswerAsync(await call.AskAsync<ListStateHandler, ListState, StateList>(new ListState()));

    private static async Task ShowAsync(RestCall call)
    {
        Sockets.Reply<StateResult> reply = await call.AskAsync<GetStateHandler, GetState, StateResult>(new GetState(KeyOf(call)));
        await (reply switch
        {
            { Error: { } error } => call.RefuseAsync(error),
            { Value: { Value: { } value } found } => call.AnswerAsync(new StateEntry(
                found.Key, value, found.UpdatedBy, DateTimeOffset.Parse(found.UpdatedAt, System.Globalization.CultureInfo.InvariantCulture))),
            _ => call.RefuseAsync(MeshError.NotFound.With("The key is not_found among the values in clear, so the request is invalid. List them with GET /state.")),
        });
    }

    private static async Task SetAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<StateValue>() is { } body)
            await call.AnswerAsync(await call.TellAsync<SetStateHandler, SetState>(new SetState(KeyOf(call), body.Value)));
    }

    /// <summary>A slash is part of the key as it is, and as a client writes it that encodes what it puts into a path.</summary>
    private static string KeyOf(RestCall call) => call.Path(Key).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}
