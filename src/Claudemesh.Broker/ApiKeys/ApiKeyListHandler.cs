using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.ApiKeys;

/// <summary>The caller's own keys, for an admin those of everybody, newest first, those that are over too.</summary>
internal sealed class ApiKeyListHandler(ApiKeyStore store, KeyUse use) : IRequestHandler<ApiKeyList, ApiKeyListResult>
{
    private const int ListedMax = 1_000;

    public async ValueTask<Reply<ApiKeyListResult>> HandleAsync(ApiKeyList request, Caller caller, CancellationToken cancellationToken)
    {
        KeyFilter filter = new(caller.Workspace.Row.No, Member: caller.Role >= MemberRole.Admin ? null : caller.MemberNo);
        List<ApiKey> keys = await store.ListAsync(filter, ListedMax + 1, cancellationToken);
        bool more = keys.Count > ListedMax;
        return new ApiKeyListResult(
            [.. keys.Take(ListedMax).Where(key => caller.Key?.Reaches(key) != false).Select(key => ApiKeyNews.InfoFor(caller, key, use.LastOf(key)))], more ? true : null);
    }
}
