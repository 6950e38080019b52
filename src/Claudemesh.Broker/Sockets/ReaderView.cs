using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Sockets;

/// <summary>One reader that a connection empties mailboxes for: itself, or one of its sessions.</summary>
/// <param name="Session">Set for a session on our own socket: its pushes name it.</param>
/// <param name="Since">When it attached: what was accepted before has waited for it.</param>
/// <param name="Peer">Its row of the roster; null for a private connection.</param>
internal sealed record ReaderView(ReaderNo No, ReaderKind Kind, MailboxOwner Owner, SessionId? Session, RosterPeer? Peer, Instant Since);
