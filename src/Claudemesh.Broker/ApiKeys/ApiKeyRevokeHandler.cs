using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.ApiKeys;

/// <summary>
/// Ends a key and those that it made: one's own, or as an admin that of somebody below. Any other is as if it were not there. To end it twice is no
/// error.
/// </summary>
internal sealed partial class ApiKeyRevokeHandler(ApiKeyStore store, ApiKeyBook book, ILogger<ApiKeyRevokeHandler> logger)
    : IRequestHandler<ApiKeyRevoke, ApiKeyRevoked>
{
    private const int MatchesMax = 16;
    private const int LookedAtMax = 1_000;

    public async ValueTask<Reply<ApiKeyRevoked>> HandleAsync(ApiKeyRevoke request, Caller caller, CancellationToken cancellationToken)
    {
        if (!WireId.IsValid(request.Id))
            return new ApiKeyRevoked(KeyRevocation.NotFound);

        KeyFilter filter = new(caller.Workspace.Row.No, Member: caller.Role >= MemberRole.Admin ? null : caller.MemberNo, IdBegins: request.Id);
        List<ApiKey> found = [.. (await store.ListAsync(filter, LookedAtMax, cancellationToken)).Where(key => MayEnd(caller, key))];
        ApiKey? one = found.Count == 1 ? found[0] : found.Find(key => string.Equals(key.Id, request.Id, StringComparison.Ordinal));
        if (one is null)
            return found.Count == 0 ? new ApiKeyRevoked(KeyRevocation.NotFound)
                : new ApiKeyRevoked(KeyRevocation.NotUnique, Matches: [.. found.Take(MatchesMax).Select(static key => key.Id)]);

        List<long> ended = await store.RevokeAsync(one, caller.Workspace.Row.No, cancellationToken, AuditActor.Of(caller));
        if (ended.Count > 0)
            LogRevoked(caller.Member.Id.Value, one.Id, ended.Count - 1);

        book.Forget(key => key.No == one.No || ended.Contains(key.No));
        return new ApiKeyRevoked(KeyRevocation.Revoked, one.Id);
    }

    private static bool MayEnd(Caller caller, ApiKey key) =>
        caller.Key?.Reaches(key) != false
        && (key.Issuer == caller.MemberNo
            || (caller.Workspace.Members.Find(key.Issuer) is MeshMember issuer && Permissions.AllowAgainst(caller.Role, issuer.Role)));

    [LoggerMessage(Level = LogLevel.Information, Message = "Member {Member} revoked API key {Key} and {Count} that were made by it")]
    private partial void LogRevoked(string member, string key, int count);
}
