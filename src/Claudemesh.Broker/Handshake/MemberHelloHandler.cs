using System.Collections.Immutable;
using Claudemesh.Broker.Invites;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Claudemesh.Broker.Handshake;

/// <summary>Our handshake: the member key signs the broker's challenge, so nothing of it can be used again (keys.md 6).</summary>
internal sealed partial class MemberHelloHandler(
    OpenWorkspaces workspaces,
    MemberAdmin members,
    WaitingStore waiting,
    Admission admission,
    TopicSeating topics,
    IOptions<SocketOptions> socketOptions,
    IOptions<MessagingOptions> messagingOptions,
    TimeProvider clock,
    ILogger<MemberHelloHandler> logger) : IHandshakeHandler<MemberHello>
{
    public async ValueTask HandleAsync(
        MemberHello hello, SocketConnection connection, ReadOnlyMemory<byte> requestId, CancellationToken cancellationToken)
    {
        if (CheckProof(hello, connection) is { } unproven)
        {
            await Refusals.CloseAsync(connection, unproven, requestId);
            return;
        }

        Workspace? workspace = await workspaces.FindAsync(hello.MeshId, cancellationToken);
        if (Refuse(workspace, workspace?.Members.Find(hello.Pubkey)) is { } refusal)
        {
            if (workspace is null && await workspaces.HasEndedAsync(hello.MeshId, cancellationToken))
                refusal = MeshError.WorkspaceEnded;
            else if (workspace is not null && refusal == MeshError.Unauthorized
                && await waiting.FindAsync(workspace.Row.No, hello.Pubkey, cancellationToken) is not null)
                refusal = MeshError.Waiting;

            await Refusals.CloseAsync(connection, refusal, requestId);
            return;
        }

        MeshMember member = await members.ProveAsync(workspace!, workspace!.Members.Find(hello.Pubkey)!, hello.DisplayName, cancellationToken);
        if (hello is { Presence: true, Groups: { } groups })
            await members.RegroupAsync(workspace, member, [.. groups], cancellationToken);

        await AdmitAsync(hello, connection, workspace, member, requestId, cancellationToken);
    }

    private MeshError? CheckProof(MemberHello hello, SocketConnection connection)
    {
        if (!Refusals.IsNow(hello.SentAt, clock))
            return MeshError.TimestampSkew;

        if (!connection.Challenge.TryUse())
            return MeshError.ChallengeStale;

        HelloText text = new(hello.MeshId.Value, hello.Pubkey, connection.Challenge.Bytes, hello.SentAt);
        return Ed25519.Verify(hello.Pubkey, text, hello.Signature) ? null : MeshError.BadSignature;
    }

    private MeshError? Refuse(Workspace? workspace, MeshMember? member) => (workspace, member) switch
    {
        (null, _) or (_, null) => MeshError.Unauthorized,
        (_, { Removed: true }) => MeshError.Revoked.With($"This member was removed from {workspace.Row.Slug} and is forbidden there. Ask an admin to be admitted again."),
        _ when !admission.HasRoom(workspace) => MeshError.Capacity,
        _ => null,
    };

    private async ValueTask AdmitAsync(
        MemberHello hello,
        SocketConnection connection,
        Workspace workspace,
        MeshMember member,
        ReadOnlyMemory<byte> requestId,
        CancellationToken cancellationToken)
    {
        connection.WantsLog = hello.Features.Contains(BrokerFeatures.Log, StringComparer.Ordinal);
        connection.Resends = hello.Features.Contains(BrokerFeatures.Resends, StringComparer.Ordinal);
        connection.WantsObjects = hello.Features.Contains(BrokerFeatures.Objects, StringComparer.Ordinal);
        bool receipts = hello.Features.Contains(BrokerFeatures.Receipts, StringComparer.Ordinal);
        Caller caller = Admission.Bind(connection, workspace, member, ours: true, receipts);
        Arrival? arrival = hello.Presence ? admission.Arrive(connection, workspace, Identity(hello, member), Details(hello, member)) : null;
        caller.Self = arrival?.Peer;

        connection.Reply(Welcome(hello, connection, workspace, member), requestId.Span);
        await admission.AttachAsync(connection, workspace, Reader(hello, workspace, member, caller.Self), caller.Self, cancellationToken);
        await topics.OpenAsync(connection, caller, new TopicReading(ReaderKind.Device, hello.DeviceId.Value), cancellationToken);
        if (arrival is { IsNew: true } joined)
            workspace.News.Joined(joined.Peer);

        LogWelcomed(member.Id.Value, hello.Client, connection.No.Value);
    }

    private MemberWelcome Welcome(MemberHello hello, SocketConnection connection, Workspace workspace, MeshMember member) => new(
        connection.No.Value,
        member.Id,
        DisplayName.TryParse(member.DisplayName, out DisplayName name) ? name : hello.DisplayName ?? default,
        member.Role,
        workspace.Id,
        workspace.Row.Slug,
        workspace.Row.Name,
        Convert.ToHexStringLower(workspace.Activation.Incarnation.Span),
        socketOptions.Value.FrameBytesMax,
        messagingOptions.Value.BodyBytesMax,
        clock.GetUtcNow().ToUnixTimeMilliseconds(),
        BrokerFeatures.OnFor(hello.Features),
        workspace.ArchivedAt);

    private static PeerIdentity Identity(MemberHello hello, MeshMember member) =>
        new(PeerKind.Device, member.No, member.Id, member.Key, SessionKey: null, hello.DeviceId.Value);

    private static PeerDetails Details(MemberHello hello, MeshMember member) =>
        new PeerDetails(hello.DisplayName?.Value ?? member.DisplayName, hello.Groups?.ToImmutableArray() ?? member.Groups)
        {
            Hostname = hello.Hostname,
            PeerType = "ai",
            Channel = hello.Client,
        }.As(hello.Standing);

    private static ReaderRequest Reader(MemberHello hello, Workspace workspace, MeshMember member, RosterPeer? self)
    {
        Source source = new(member.Mailbox, workspace.Activation.Everyone);
        bool sameStore = string.Equals(
            hello.Incarnation, Convert.ToHexStringLower(workspace.Activation.Incarnation.Span), StringComparison.Ordinal);
        return new ReaderRequest(
            ReaderKind.Device,
            member.Address,
            source,
            hello.DeviceId.Value,
            Gates.Of(ReaderKind.Device, self?.Details.Status ?? PresenceStatus.Idle),
            sameStore ? ResumePoints.Read(hello.Resume, source) : [],
            Session: null);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Member {Member} is connected ({Client}, connection {Connection})")]
    private partial void LogWelcomed(string member, string client, long connection);
}
