using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Workspaces;

/// <summary>Everybody who belongs to the workspace, present or not.</summary>
internal sealed class ListMembersHandler : IRequestHandler<ListMembers, MembersList>
{
    public ValueTask<Reply<MembersList>> HandleAsync(ListMembers request, Caller caller, CancellationToken cancellationToken)
    {
        ILookup<MemberId, RosterPeer> peers = caller.Workspace.Roster.List().ToLookup(peer => peer.Identity.MemberId);
        MembersList list = new([.. caller.Workspace.Members.All
            .Where(member => !member.Removed)
            .OrderBy(member => member.No.Value)
            .Select(member => Row(member, [.. peers[member.Id]]))]);
        return ValueTask.FromResult<Reply<MembersList>>(list);
    }

    private static Member Row(MeshMember member, RosterPeer[] peers) => new(
        member.Id,
        member.Key,
        DisplayName.TryParse(member.DisplayName, out DisplayName name) ? name : DisplayName.Parse("member"),
        member.Role,
        member.Kind,
        member.JoinedAt,
        peers.Any(peer => peer.Online),
        [.. peers.Length == 0 ? member.Groups : peers.SelectMany(peer => peer.Details.Groups).DistinctBy(group => group.Name, StringComparer.Ordinal)],
        [.. peers.SelectMany(peer => peer.Details.Tags).Distinct(StringComparer.Ordinal)]);
}
