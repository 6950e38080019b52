using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Log;

/// <summary>Who may see which log: the workspace's every member, a topic's those whom it names.</summary>
internal static class ScopeAccess
{
    /// <summary>
    /// A member whose key has changed is in the log of a topic under the one before until his client has written the change there, so his id counts too: it is
    /// one key's and its successors'.
    /// </summary>
    public static bool MayRead(Membership log, MeshMember member) => log.Scope is RootReference.MeshScope
        || log.Members.ContainsKey(member.Key)
        || log.Members.Values.Any(one => string.Equals(one.MemberId, member.Id.Value, StringComparison.Ordinal));

    /// <summary>The log for this caller. A topic that is not there, one without a log and one that he is not in answer alike.</summary>
    public static async ValueTask<(ScopeState? State, MeshError? Refusal)> FindAsync(Caller caller, string scope, CancellationToken cancellationToken)
    {
        ScopeState state = await caller.Workspace.Logs.GetAsync(scope, cancellationToken);
        return MayRead(state.Log, caller.Member)
            ? (state, null)
            : (null, MeshError.NotFound.With($"The scope {scope} is not_found here, so the request is invalid. Check the topic's id, or ask its lead to admit you."));
    }
}
