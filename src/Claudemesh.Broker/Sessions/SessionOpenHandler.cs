using System.Collections.Immutable;
using Claudemesh.Broker.Handshake;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Sessions;

/// <summary>
/// Announces a session on its device's socket. Member key and session key both sign it, and the signed text names the
/// workspace. Opening it again renews it; opening it from another device moves it there.
/// </summary>
internal sealed class SessionOpenHandler(SessionAddresses sessions, Admission admission, TimeProvider clock)
    : IRequestHandler<SessionOpen, SessionOpened>
{
    /// <summary>Sessions on one socket at most.</summary>
    public const int SessionsPerConnectionMax = 256;

    private static readonly TimeSpan AttestationMax = TimeSpan.FromHours(24);

    public async ValueTask<Reply<SessionOpened>> HandleAsync(SessionOpen request, Caller caller, CancellationToken cancellationToken)
    {
        if (caller.Connection is not { IsOurs: true } connection)
            return MeshError.Forbidden.With("Sessions are forbidden on this connection: open it with member_hello.");

        if (CheckProof(request, caller) is { } unproven)
            return unproven;

        if (connection.Readers.Length > SessionsPerConnectionMax)
            return MeshError.Capacity;

        MailboxOwner? owner = await sessions.ClaimAsync(
            caller.Workspace, caller.Member, request.SessionPubkey, request.SessionId.Value, cancellationToken);
        if (owner is null)
            return MeshError.SessionTaken;

        RosterPeer peer = Arrive(request, caller, connection, owner);
        await AttachAsync(request, caller, connection, owner, peer, cancellationToken);
        return new SessionOpened(request.SessionId, request.SessionPubkey, peer.PresenceId);
    }

    private MeshError? CheckProof(SessionOpen request, Caller caller)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        if (request.ExpiresAt <= now)
            return MeshError.Expired;

        if (request.ExpiresAt > now + (long)AttestationMax.TotalMilliseconds)
            return MeshError.TtlTooLong;

        PublicKey member = caller.Member.Key;
        SessionText text = new(caller.Workspace.Id.Value, member, request.SessionPubkey, request.SessionId.Value, request.ExpiresAt);
        return Ed25519.Verify(member, text, request.Attestation) && Ed25519.Verify(request.SessionPubkey, text, request.Proof)
            ? null
            : MeshError.BadSignature;
    }

    private RosterPeer Arrive(SessionOpen request, Caller caller, SocketConnection connection, MailboxOwner owner)
    {
        PeerIdentity identity = new(
            PeerKind.Session, caller.MemberNo, caller.Member.Id, caller.Member.Key, owner.Session, request.SessionId.Value);
        PeerDetails details = new(request.DisplayName.Value, request.Groups?.ToImmutableArray() ?? caller.Member.Groups)
        {
            Tags = [.. request.Tags?.Select(tag => tag.Value) ?? []],
            Cwd = request.Cwd,
            Pid = request.Pid,
            Hostname = request.Hostname,
            PeerType = "ai",
            Channel = request.Channel,
            Model = request.Model,
        };

        Arrival arrival = admission.Move(connection, caller.Workspace, identity, details.As(request.Standing));
        if (arrival.IsNew)
            caller.Workspace.News.Joined(arrival.Peer);

        return arrival.Peer;
    }

    private ValueTask AttachAsync(
        SessionOpen request, Caller caller, SocketConnection connection, MailboxOwner owner, RosterPeer peer, CancellationToken cancellationToken)
    {
        Source source = new(owner.Mailbox, Shared: null);
        ReaderRequest reader = new(
            ReaderKind.Session,
            owner,
            source,
            "session",
            Gates.Of(ReaderKind.Session, peer.Details.Status),
            ResumePoints.Read(request.Resume, source),
            request.SessionId);
        return admission.AttachAsync(connection, caller.Workspace, reader, peer, cancellationToken);
    }
}
