using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Presence;

/// <summary>Changes the given parts of a peer's profile and leaves the others. A device's name is its member's.</summary>
internal sealed class SetProfileHandler(PeerStateStore states, MemberAdmin members) : IRequestHandler<SetProfile, Ack>
{
    public async ValueTask<Reply<Ack>> HandleAsync(SetProfile request, Caller caller, CancellationToken cancellationToken)
    {
        if (!ChangePeer.Try(caller, request.SessionId, details => Change(details, request), out RosterPeer peer))
            return MeshError.SessionNotOpen;

        if (request.DisplayName is { } name && !peer.Identity.IsSession)
            await members.RenameAsync(caller.Workspace, caller.Member, name, cancellationToken);

        await SavedState.KeepAsync(states, peer, cancellationToken);
        return ChangePeer.Done;
    }

    private static PeerDetails Change(PeerDetails details, SetProfile request) => details with
    {
        DisplayName = request.DisplayName?.Value ?? details.DisplayName,
        Profile = Merge(details.Profile, request),
    };

    private static PeerProfile? Merge(PeerProfile? known, SetProfile request)
    {
        var merged = new PeerProfile(
            Merge(known?.Avatar, request.Avatar),
            Merge(known?.Title, request.Title),
            Merge(known?.Bio, request.Bio),
            request.Capabilities switch { null => known?.Capabilities, [] => null, _ => request.Capabilities });
        return merged == new PeerProfile() ? null : merged;
    }

    private static string? Merge(string? known, string? given) => given is null ? known : given.Length == 0 ? null : given;
}
