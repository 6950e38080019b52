using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.ApiKeys;

/// <summary>
/// Gives one of the caller's own keys another secret. Nobody else's, not as an admin either: he would hold a key that acts as another. And a key
/// rotates none that has more than itself. What the old secret has made ends with it: whoever stole it is out.
/// </summary>
internal sealed partial class ApiKeyRotateHandler(ApiKeyStore store, ApiKeyBook book, TimeProvider clock, ILogger<ApiKeyRotateHandler> logger)
    : IRequestHandler<ApiKeyRotate, ApiKeyRotated>
{
    public async ValueTask<Reply<ApiKeyRotated>> HandleAsync(ApiKeyRotate request, Caller caller, CancellationToken cancellationToken)
    {
        KeyFilter filter = new(caller.Workspace.Row.No, caller.MemberNo, IdBegins: request.Id);
        ApiKey? key = WireId.IsValid(request.Id)
            ? (await store.ListAsync(filter, ApiKeyStore.PerMemberMax, cancellationToken)).Find(key => string.Equals(key.Id, request.Id, StringComparison.Ordinal))
            : null;
        if (key is null || key.IsOver(clock.GetUtcNow()) || caller.Key?.Covers(key) == false)
            return MeshError.ApiKeyNotFound;

        ApiKeySecret secret = ApiKeySecret.Generate();
        if (await store.RotateAsync(key, caller.Workspace.Row.No, secret, cancellationToken, AuditActor.Of(caller)) is not { } ended)
            return MeshError.ApiKeyNotFound;

        book.Forget(known => known.No == key.No || ended.Contains(known.No));
        LogRotated(caller.Member.Id.Value, key.Id);
        return new ApiKeyRotated(key.Id, secret.Reveal(), secret.Prefix);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Member {Member} rotated API key {Key}")]
    private partial void LogRotated(string member, string key);
}
