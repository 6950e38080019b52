using System.Collections.Immutable;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Microsoft.Extensions.Options;

namespace Claudemesh.Broker.Handshake;

/// <summary>What a reader that is about to attach says of itself.</summary>
/// <param name="Device">Its name among the readers of the mailbox.</param>
/// <param name="Resume">How far it has stored each lane, by its own word; empty when it does not say.</param>
internal sealed record ReaderRequest(
    ReaderKind Kind, MailboxOwner Owner, Source Source, string Device, LaneGate Gate, ImmutableArray<CursorAt> Resume, SessionId? Session);

/// <summary>The second half of every handshake, once the key is proven: a place in the roster, and readers for the mailboxes.</summary>
internal sealed class Admission(IDeliveryLog log, MailboxStore mailboxes, IOptions<SocketOptions> options, TimeProvider clock)
{
    private static long lastPeek;

    /// <summary>The number of a reader that nothing is kept of; those of the store are positive.</summary>
    public static ReaderNo NextPeek() => new(Interlocked.Decrement(ref lastPeek));

    /// <summary>False when the workspace has as many sockets as it may have.</summary>
    public bool HasRoom(Workspace workspace) => workspace.Sockets.Count < options.Value.ConnectionsPerWorkspaceMax;

    /// <summary>Makes the connection the caller's. Call before anything is sent that says so.</summary>
    public static Caller Bind(SocketConnection connection, Workspace workspace, MeshMember member, bool ours, bool receipts)
    {
        connection.IsOurs = ours;
        Caller caller = new(workspace, member, connection);
        connection.Caller = caller;
        workspace.Sockets.Add(connection, member.No, receipts);
        return caller;
    }

    /// <summary>Puts a peer into the roster and closes the socket that it takes over, if any.</summary>
    public Arrival Arrive(SocketConnection connection, Workspace workspace, PeerIdentity identity, PeerDetails details)
    {
        Arrival arrival = workspace.Roster.Arrive(identity, details, connection, RandomBytes.NextId(), clock.GetUtcNow());
        if (arrival.Replaced is { } replaced)
            _ = replaced.CloseAsync(1000, "session_replaced");

        if (!details.Groups.IsEmpty || !details.Tags.IsEmpty || !arrival.IsNew)
            workspace.RefreshDirectory();

        return arrival;
    }

    /// <summary>
    /// As <see cref="Arrive"/>, for a session: the socket that had it before stays open, because other sessions and the
    /// device itself live on it; it only loses this one.
    /// </summary>
    public Arrival Move(SocketConnection connection, Workspace workspace, PeerIdentity identity, PeerDetails details)
    {
        Arrival arrival = workspace.Roster.Arrive(identity, details, connection, RandomBytes.NextId(), clock.GetUtcNow());
        if (arrival.Replaced is { } replaced && replaced.Readers.FirstOrDefault(reader => reader.Peer == arrival.Peer) is { } moved)
        {
            replaced.RemoveReader(moved.No);
            workspace.Loop.Post(new Detach(replaced.No, moved.No));
        }

        workspace.RefreshDirectory();
        return arrival;
    }

    /// <summary>Lets a reader in: from here on it is pushed what waits and what comes.</summary>
    public async ValueTask AttachAsync(SocketConnection connection, Workspace workspace, ReaderRequest request, RosterPeer? peer, CancellationToken cancellationToken)
    {
        ReaderNo reader;
        ImmutableArray<CursorAt> cursors = [];
        ImmutableArray<Stored> aside = [];
        if (request.Kind == ReaderKind.Peek)
        {
            reader = NextPeek();
        }
        else
        {
            reader = await mailboxes.GetOrAddReaderAsync(request.Source.Mailbox, request.Device, cancellationToken);
            cursors = await log.ReadCursorsAsync(reader, cancellationToken);
            aside = await log.ReadSetAsideAsync(reader, DeliveryBounds.AsideMax, cancellationToken);
        }

        connection.AddReader(new ReaderView(reader, request.Kind, request.Owner, request.Session, peer, clock.GetInstant()));
        workspace.Loop.Post(new Attach(
            connection.No,
            reader,
            request.Kind,
            request.Owner.Member,
            request.Gate,
            request.Source,
            cursors,
            Receipts: connection.IsOurs,
            aside,
            request.Resume));
    }
}
