using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Grants;

/// <summary>The caller's own grants, and nobody else's, where they are not the default.</summary>
internal sealed class ListGrantsHandler : IRequestHandler<ListGrants, GrantsList>
{
    public ValueTask<Reply<GrantsList>> HandleAsync(ListGrants request, Caller caller, CancellationToken cancellationToken)
    {
        MemberBook members = caller.Workspace.Members;
        GrantsList list = new([.. caller.Workspace.Grants.All
            .Where(grant => grant.Recipient == caller.MemberNo && members.Find(grant.Sender) is not null)
            .Select(grant => CapabilityWords.Write(members.Find(grant.Sender)!, grant.Capabilities))
            .OrderBy(grant => grant.DisplayName, StringComparer.OrdinalIgnoreCase)]);
        return ValueTask.FromResult<Reply<GrantsList>>(list);
    }
}
