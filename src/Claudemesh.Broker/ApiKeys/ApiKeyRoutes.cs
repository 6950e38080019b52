using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.ApiKeys;

/// <summary>Keys over REST. A key that is limited to topics sees, and makes, only keys that are limited to some of them.</summary>
internal static class ApiKeyRoutes
{
    private const string Id = "id";

    public static RestRoutes MapApiKeys(this RestRoutes routes) => routes
        .Add(new RestRoute("GET", "/api-keys", Operation.ManageOwnKeys, KeyReach.Filtered, "Lists your API keys, for an admin everybody's.", ListAsync)
        {
            Reply = typeof(ApiKeyListResult),
        })
        .Add(new RestRoute("POST", "/api-keys", Operation.MakeOwnKeys, KeyReach.Filtered, "Makes an API key and tells its secret, once.", CreateAsync)
        {
            Body = typeof(ApiKeyCreate),
            Reply = typeof(ApiKeyCreated),
            Status = 201,
            Refusals = [MeshError.ApiKeyExceedsIssuer, MeshError.TopicNotFound, MeshError.TooManyApiKeys],
        })
        .Add(new RestRoute("DELETE", $"/api-keys/{{{Id}}}", Operation.ManageOwnKeys, KeyReach.Filtered, "Ends an API key, and what it has open.", RevokeAsync)
        {
            Reply = typeof(ApiKeyRevoked),
            Refusals = [MeshError.ApiKeyNotFound, MeshError.AmbiguousTarget],
        })
        .Add(new RestRoute("POST", $"/api-keys/{{{Id}}}/rotate", Operation.MakeOwnKeys, KeyReach.Filtered, "Gives an API key another secret and ends the old one.", RotateAsync)
        {
            Reply = typeof(ApiKeyRotated),
            Refusals = [MeshError.ApiKeyNotFound],
        });

    private static async Task ListAsync(RestCall call) =>
        await call.AnswerAsync(await call.AskAsync<ApiKeyListHandler, ApiKeyList, ApiKeyListResult>(new ApiKeyList()));

    private static async Task CreateAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<ApiKeyCreate>() is { } request)
            await call.AnswerAsync(await call.AskAsync<ApiKeyCreateHandler, ApiKeyCreate, ApiKeyCreated>(request));
    }

    /// <summary>What the message tells in a status is a refusal here.</summary>
    private static async Task RevokeAsync(RestCall call)
    {
        Reply<ApiKeyRevoked> reply = await call.AskAsync<ApiKeyRevokeHandler, ApiKeyRevoke, ApiKeyRevoked>(new ApiKeyRevoke(call.Path(Id)));
        await call.AnswerAsync(reply.Value switch
        {
            { Status: KeyRevocation.NotFound } => MeshError.ApiKeyNotFound,
            { Status: KeyRevocation.NotUnique, Matches: { } matches } => MeshError.AmbiguousTarget.With(
                $"The id is invalid: several keys begin so, {string.Join(", ", matches)}. Give more of it."),
            _ => reply,
        });
    }

    private static async Task RotateAsync(RestCall call) =>
        await call.AnswerAsync(await call.AskAsync<ApiKeyRotateHandler, ApiKeyRotate, ApiKeyRotated>(new ApiKeyRotate(call.Path(Id))));
}
