using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Invites;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Workspaces;

/// <summary>Everybody who belongs to the workspace, present or not. Who may admit also sees who waits for it.</summary>
internal sealed class ListMembersHandler(WaitingStore waiting, MemberStore members) : IRequestHandler<ListMembers, MembersList>
{
    public async ValueTask<Reply<MembersList>> HandleAsync(ListMembers request, Caller caller, CancellationToken cancellationToken)
    {
        ILookup<MemberId, RosterPeer> peers = caller.Workspace.Roster.List().ToLookup(peer => peer.Identity.MemberId);
        Dictionary<MemberNo, SeenDevices> seen = await members.ListDevicesAsync(caller.Workspace.Row.No, cancellationToken);
        HashSet<MemberNo>? shown = caller.FindShownMembers();
        List<WaitingMember> newcomers = shown is null && Permissions.Allow(caller.Role, Operation.Moderate)
            ? await waiting.ListAsync(caller.Workspace.Row.No, cancellationToken)
            : [];
        return new MembersList(
            [.. caller.Workspace.Members.All
                .Where(member => !member.Removed && shown?.Contains(member.No) != false)
                .OrderBy(member => member.No.Value)
                .Select(member => Row(member, [.. peers[member.Id]], seen.GetValueOrDefault(member.No)))],
            newcomers.Count == 0 ? null : [.. newcomers]);
    }

    private static Member Row(MeshMember member, RosterPeer[] peers, SeenDevices? seen) => new(
        member.Id,
        member.Key,
        DisplayName.TryParse(member.DisplayName, out DisplayName name) ? name : DisplayName.Parse("member"),
        member.Role,
        member.Kind,
        member.JoinedAt,
        peers.Any(peer => peer.Online),
        [.. peers.Length == 0 ? member.Groups : peers.SelectMany(peer => peer.Details.Groups).DistinctBy(group => group.Name, StringComparer.Ordinal)],
        [.. peers.SelectMany(peer => peer.Details.Tags).Distinct(StringComparer.Ordinal)],
        seen?.Count,
        seen?.LastAt.ToTime());
}
