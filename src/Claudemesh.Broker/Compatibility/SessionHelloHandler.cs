using System.Collections.Immutable;
using Claudemesh.Broker.Handshake;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Sessions;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Microsoft.Extensions.Options;

namespace Claudemesh.Broker.Compatibility;

/// <summary>
/// The 1.x hello of one session: its own key signs the time, its member's key vouches for it. Refused in the order of the
/// wire reference, 2.2. The attestation names no workspace, so it is only believed together with the hello that does.
/// </summary>
internal sealed class SessionHelloHandler(
    OpenWorkspaces workspaces,
    Admission admission,
    SessionAddresses sessions,
    IOptions<SocketOptions> options,
    TimeProvider clock) : IHandshakeHandler<SessionHello>
{
    private static readonly TimeSpan AttestationMax = TimeSpan.FromHours(24);

    public async ValueTask HandleAsync(
        SessionHello hello, SocketConnection connection, ReadOnlyMemory<byte> requestId, CancellationToken cancellationToken)
    {
        if ((CheckKeys(hello) ?? CheckAttestation(hello) ?? CheckSignature(hello)) is { } wrong)
        {
            await Refusals.CloseAsync(connection, wrong, requestId);
            return;
        }

        Workspace? workspace = MeshId.TryParse(hello.MeshId, out MeshId id) ? await workspaces.FindAsync(id, cancellationToken) : null;
        MeshMember? member = workspace?.Members.Find(PublicKey.Parse(hello.ParentMemberPubkey));
        if (CheckMember(hello, workspace, member) is { } refusal)
        {
            await Refusals.CloseAsync(connection, refusal, requestId);
            return;
        }

        PublicKey key = PublicKey.Parse(hello.SessionPubkey);
        MailboxOwner? owner = await sessions.ClaimAsync(workspace!, member!, key, hello.SessionId, cancellationToken);
        if (owner is null)
        {
            await Refusals.CloseAsync(connection, MeshError.SessionTaken, requestId);
            return;
        }

        await AdmitAsync(hello, connection, workspace!, member!, owner, requestId, cancellationToken);
    }

    private MeshError? CheckKeys(SessionHello hello)
    {
        if (!options.Value.AcceptLegacyHello)
            return MeshError.Unauthorized.With("1.x clients are invalid on this broker: its operator admits member_hello only. Use a newer client.");

        if (!PublicKey.TryParse(hello.SessionPubkey, out _))
            return MeshError.BadSessionPubkey;

        if (!PublicKey.TryParse(hello.ParentMemberPubkey, out _))
            return MeshError.BadParentPubkey;

        return hello.ParentAttestation is { } attestation
            && string.Equals(attestation.SessionPubkey, hello.SessionPubkey, StringComparison.Ordinal)
            && string.Equals(attestation.ParentMemberPubkey, hello.ParentMemberPubkey, StringComparison.Ordinal)
            ? null
            : MeshError.AttestationMismatch;
    }

    private MeshError? CheckAttestation(SessionHello hello)
    {
        ParentAttestation attestation = hello.ParentAttestation!;
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        if (attestation.ExpiresAt <= now)
            return MeshError.Expired;

        if (attestation.ExpiresAt > now + (long)AttestationMax.TotalMilliseconds)
            return MeshError.TtlTooLong;

        if (!LegacySignature.TryParse(attestation.Signature, out byte[] signature))
            return MeshError.Malformed;

        PublicKey parent = PublicKey.Parse(hello.ParentMemberPubkey);
        LegacySessionAttestation text = new(parent, PublicKey.Parse(hello.SessionPubkey), attestation.ExpiresAt);
        return Ed25519.Verify(parent, text, signature) ? null : MeshError.BadSignature;
    }

    private MeshError? CheckSignature(SessionHello hello)
    {
        if (!Refusals.IsNow(hello.Timestamp, clock))
            return MeshError.TimestampSkew;

        if (!LegacySignature.TryParse(hello.Signature, out byte[] signature))
            return MeshError.Malformed;

        PublicKey session = PublicKey.Parse(hello.SessionPubkey);
        LegacySessionHello text = new(hello.MeshId, PublicKey.Parse(hello.ParentMemberPubkey), session, hello.Timestamp);
        return Ed25519.Verify(session, text, signature) ? null : MeshError.BadSignature;
    }

    private MeshError? CheckMember(SessionHello hello, Workspace? workspace, MeshMember? member)
    {
        if (member is { Removed: true })
            return MeshError.Revoked.With($"This member was removed from {workspace!.Row.Slug} and is forbidden there.");

        if (workspace is null || member is null)
            return MeshError.Unauthorized;

        if (!string.IsNullOrEmpty(hello.ParentMemberId) && !string.Equals(hello.ParentMemberId, member.Id.Value, StringComparison.Ordinal))
            return MeshError.ParentMemberIdMismatch;

        return admission.HasRoom(workspace) ? null : MeshError.Capacity;
    }

    private async ValueTask AdmitAsync(
        SessionHello hello,
        SocketConnection connection,
        Workspace workspace,
        MeshMember member,
        MailboxOwner owner,
        ReadOnlyMemory<byte> requestId,
        CancellationToken cancellationToken)
    {
        PeerIdentity identity = new(PeerKind.LegacySession, member.No, member.Id, member.Key, owner.Session, hello.SessionId);
        Caller caller = Admission.Bind(connection, workspace, member, ours: false, receipts: false);
        Arrival arrival = admission.Arrive(connection, workspace, identity, Details(hello, member));
        caller.Self = arrival.Peer;

        connection.Reply(HelloAcks.Of(arrival, member, hello.Groups, saved: null), requestId.Span);
        ReaderRequest reader = new(
            ReaderKind.Session,
            owner,
            new Source(owner.Mailbox, workspace.Activation.Everyone),
            LegacyChannels.SessionDevice,
            Gates.Of(ReaderKind.Session, arrival.Peer.Details.Status),
            Resume: [],
            Session: null);
        await admission.AttachAsync(connection, workspace, reader, arrival.Peer, cancellationToken);
        if (arrival.IsNew)
            workspace.News.Joined(arrival.Peer);
    }

    private static PeerDetails Details(SessionHello hello, MeshMember member) =>
        new(
            string.IsNullOrEmpty(hello.DisplayName) ? member.DisplayName : hello.DisplayName,
            hello.Groups is { } given ? [.. given] : member.Groups)
        {
            Cwd = hello.Cwd,
            Pid = hello.Pid,
            Hostname = hello.Hostname,
            PeerType = hello.PeerType,
            Channel = hello.Channel,
            Model = hello.Model,
        };
}
