using System.Collections.Immutable;
using Claudemesh.Broker.Handshake;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Sessions;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Microsoft.Extensions.Options;

namespace Claudemesh.Broker.Compatibility;

/// <summary>
/// The 1.x hello: a member's key signs the time. Refused in the order of the wire reference, 2.1. The session key that it
/// may bring is not proven, so it only ever addresses this one connection, and never a key that is somebody's already.
/// </summary>
internal sealed class HelloHandler(
    OpenWorkspaces workspaces,
    Admission admission,
    TopicSeating topics,
    SessionAddresses sessions,
    MemberAdmin members,
    PeerStateStore states,
    IOptions<SocketOptions> options,
    TimeProvider clock) : IHandshakeHandler<Hello>
{
    public async ValueTask HandleAsync(
        Hello hello, SocketConnection connection, ReadOnlyMemory<byte> requestId, CancellationToken cancellationToken)
    {
        if (CheckForm(hello) is { } wrong)
        {
            await Refusals.CloseAsync(connection, wrong, requestId);
            return;
        }

        PublicKey key = PublicKey.Parse(hello.Pubkey);
        Workspace? workspace = MeshId.TryParse(hello.MeshId, out MeshId id) ? await workspaces.FindAsync(id, cancellationToken) : null;
        MeshMember? member = workspace?.Members.Find(key);
        if (CheckMember(workspace, member) is { } refusal)
        {
            await Refusals.CloseAsync(connection, refusal, requestId);
            return;
        }

        await AdmitAsync(hello, connection, workspace!, member!, requestId, cancellationToken);
    }

    private MeshError? CheckForm(Hello hello)
    {
        if (!options.Value.AcceptLegacyHello)
            return MeshError.Unauthorized.With("1.x clients are invalid on this broker: its operator admits member_hello only. Use a newer client.");

        if (!string.IsNullOrEmpty(hello.SessionPubkey) && !PublicKey.TryParse(hello.SessionPubkey, out _))
            return MeshError.BadSessionPubkey;

        if (!Refusals.IsNow(hello.Timestamp, clock))
            return MeshError.TimestampSkew;

        if (!PublicKey.TryParse(hello.Pubkey, out PublicKey key) || !LegacySignature.TryParse(hello.Signature, out byte[] signature))
            return MeshError.Malformed;

        return Ed25519.Verify(key, new LegacyHello(hello.MeshId, hello.MemberId, key, hello.Timestamp), signature)
            ? null
            : MeshError.BadSignature;
    }

    private MeshError? CheckMember(Workspace? workspace, MeshMember? member)
    {
        if (workspace is null || member is null)
            return MeshError.Unauthorized;

        if (member.Removed)
            return MeshError.Revoked.With($"This member was removed from {workspace.Row.Slug} and is forbidden there.");

        return admission.HasRoom(workspace) ? null : MeshError.Capacity;
    }

    private async ValueTask AdmitAsync(
        Hello hello,
        SocketConnection connection,
        Workspace workspace,
        MeshMember member,
        ReadOnlyMemory<byte> requestId,
        CancellationToken cancellationToken)
    {
        PeerState? saved = await states.FindAsync(member.No, cancellationToken);
        PublicKey? session = await FindAddressableAsync(hello, workspace, member, cancellationToken);
        PeerIdentity identity = new(PeerKind.LegacyMember, member.No, member.Id, member.Key, session, hello.SessionId);
        if (hello.Groups is { Length: > 0 } groups)
            await members.RegroupAsync(workspace, member, [.. groups], cancellationToken);

        Caller caller = Admission.Bind(connection, workspace, member, ours: false, receipts: false);
        Arrival arrival = admission.Arrive(connection, workspace, identity, Details(hello, member, saved));
        caller.Self = arrival.Peer;

        connection.Reply(HelloAcks.Of(arrival, member, hello.Groups, saved), requestId.Span);
        await admission.AttachAsync(connection, workspace, Reader(hello, workspace, member, arrival.Peer), arrival.Peer, cancellationToken);
        await topics.OpenAsync(
            connection, caller, new TopicReading(LegacyChannels.Reader(hello.Channel), LegacyChannels.MemberDevice), cancellationToken);
        if (arrival.IsNew)
            workspace.News.Joined(arrival.Peer, saved);
    }

    /// <summary>The unproven session key, unless it is a member's, an attested session's, or another peer's.</summary>
    private async ValueTask<PublicKey?> FindAddressableAsync(
        Hello hello, Workspace workspace, MeshMember member, CancellationToken cancellationToken)
    {
        // The store is asked too: a session that was attested before the broker started is nobody else's either.
        if (!PublicKey.TryParse(hello.SessionPubkey, out PublicKey key)
            || await sessions.FindAsync(workspace, key, cancellationToken) is not null)
        {
            return null;
        }

        return workspace.Roster.FindByRoutingKey(key) is { } other && other.Identity.Member != member.No ? null : key;
    }

    private static PeerDetails Details(Hello hello, MeshMember member, PeerState? saved)
    {
        ImmutableArray<GroupTag> groups = hello.Groups is { Length: > 0 } given ? [.. given]
            : saved is { Groups.IsEmpty: false } ? saved.Groups
            : member.Groups;
        return new PeerDetails(string.IsNullOrEmpty(hello.DisplayName) ? member.DisplayName : hello.DisplayName, groups)
        {
            Summary = null,
            Visible = saved?.Visible ?? true,
            Profile = saved?.Profile,
            Cwd = hello.Cwd,
            Pid = hello.Pid,
            Hostname = hello.Hostname,
            PeerType = hello.PeerType,
            Channel = hello.Channel,
            Model = hello.Model,
        };
    }

    private static ReaderRequest Reader(Hello hello, Workspace workspace, MeshMember member, RosterPeer peer)
    {
        ReaderKind kind = LegacyChannels.Reader(hello.Channel);
        return new ReaderRequest(
            kind,
            member.Address,
            new Source(member.Mailbox, workspace.Activation.Everyone),
            LegacyChannels.MemberDevice,
            Gates.Of(kind, peer.Details.Status),
            Resume: [],
            Session: null);
    }
}
