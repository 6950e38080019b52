using System.Collections.Immutable;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>Everything the core can be told. All positions are of one workspace.</summary>
internal abstract record Input;

/// <summary>Who submits, and where the answer goes.</summary>
/// <param name="Connection">The socket; null when the submission came by other ways (REST, the broker itself).</param>
/// <param name="Ticket">The shell's own name for the request; comes back with the answer.</param>
/// <param name="Session">The mailbox of the sending session, if a session sends: its own messages are never pushed to it.</param>
/// <param name="Resends">
/// Whether this connection sends what was refused for now again before anything later to the same address; see <see cref="SendOrder"/>.
/// </param>
internal readonly record struct Origin(ConnectionNo? Connection, long Ticket, MemberNo Member, MailboxNo? Session, bool Resends = false);

/// <summary>Where a message is to go, parsed and resolved by the shell as far as it needs no roster.</summary>
internal abstract record Address
{
    /// <summary>One member's or one session's mailbox.</summary>
    internal sealed record Direct(MailboxNo Mailbox, MemberNo Owner) : Address;

    /// <summary>Everybody whom the directory has in a group: a message to <c>a</c> reaches those in <c>a/b</c> too.</summary>
    internal sealed record Group(string Name) : Address;

    internal sealed record Tag(string Name) : Address;

    internal sealed record Everyone(MailboxNo Mailbox) : Address;

    internal sealed record Topic(MailboxNo Mailbox) : Address;
}

internal sealed record Submit(
    Origin Origin,
    Address To,
    Lane Lane,
    Envelope Envelope,
    ClientKey? Key,
    MessageRef? ReplyTo,
    Known? Earlier) : Input
{
    /// <summary>Of a post: members who are notified of it. The core passes them on to what is written and to who is told.</summary>
    public ImmutableArray<MemberNo> Mentioned { get; init; } = [];
}

/// <summary>
/// A submission that the shell cannot let through for now: its sender is too fast, the store does not answer, or its body is under a key that is
/// not the present one.
/// </summary>
/// <param name="Line">What the reason is about: later submissions for it must not overtake this one. Null: for anything.</param>
internal sealed record TurnAway(Origin Origin, ClientKey? Key, MeshError Why, (Address To, Lane Lane)? Line = null) : Input;

/// <summary>By message id, else by client id within the in-flight ring.</summary>
/// <param name="Reader">Which of the connection's readers stored it; null: whichever of them has it in flight.</param>
internal sealed record Acknowledge(
    ConnectionNo Connection, MessageRef? Message, byte[]? ClientId, ReaderNo? Reader = null) : Input;

/// <summary>Surfaced, read or refused, with its signature. Only a reader of <paramref name="Mailbox"/> may say so.</summary>
/// <param name="Message">As the store has it; the core takes its id, sender and number of recipients.</param>
/// <param name="Reader">Which of the connection's readers says it; null: any that reads <paramref name="Mailbox"/>.</param>
internal sealed record Progress(
    ConnectionNo Connection, MailboxNo Mailbox, Message Message, Outcome Outcome, ReaderNo? Reader = null) : Input;

/// <param name="Cursors">Where this reader stands by the store; a lane that is absent starts at 0.</param>
/// <param name="Receipts">True when this connection wants <see cref="Notify"/> for what its member sent.</param>
/// <param name="Aside">Entries that were set aside for this reader, oldest first, at most <see cref="DeliveryBounds.AsideMax"/>; pushed once more.</param>
/// <param name="Resume">
/// Where the reader stands by its own word, of this incarnation. What it has beyond its cursor is taken as acknowledged and
/// not pushed, so that senders hear of it as of any other.
/// </param>
internal sealed record Attach(
    ConnectionNo Connection,
    ReaderNo Reader,
    ReaderKind Kind,
    MemberNo Member,
    LaneGate Gate,
    Source Source,
    ImmutableArray<CursorAt> Cursors,
    bool Receipts,
    ImmutableArray<Stored> Aside = default,
    ImmutableArray<CursorAt> Resume = default) : Input;

/// <summary>The connection is gone, with all the readers it had; or only one of them (a session that closed).</summary>
internal sealed record Detach(ConnectionNo Connection, ReaderNo? Reader = null) : Input;

/// <summary>The gate of one reader; of one that reads everyone's mailbox too, that of all topics on its connection.</summary>
internal sealed record GateChanged(ConnectionNo Connection, ReaderNo Reader, LaneGate Gate) : Input;

/// <summary>The connection's outbox fell under its low mark.</summary>
internal sealed record Room(ConnectionNo Connection) : Input;

/// <summary>The connection's outbox went over its high mark: its readers go behind until <see cref="Room"/>.</summary>
internal sealed record Crowded(ConnectionNo Connection) : Input;

/// <summary>Answer to <see cref="Fetch"/>. <paramref name="Full"/>: there were as many as asked for.</summary>
internal sealed record Page(FetchNo Fetch, ImmutableArray<Stored> Entries, bool Full) : Input;

/// <summary>Answer to <see cref="Ask"/>.</summary>
internal sealed record MailboxFacts(MailboxNo Mailbox, LaneFacts Facts) : Input;

/// <summary>Answer to <see cref="AskOutcomes"/>: every recipient mailbox of the message; a null outcome is one that still waits.</summary>
/// <param name="Heirs">Recipients whose copy was moved, and where to: their states follow those of the heir.</param>
internal sealed record Outcomes(
    MessageRef Message,
    ImmutableArray<(MailboxNo Mailbox, Outcome? Outcome)> Recipients,
    ImmutableArray<(MailboxNo Recipient, MailboxNo Heir)> Heirs) : Input;

/// <summary>An entry that was taken out of the store while nobody had acknowledged it.</summary>
/// <param name="Size">The envelope's size in bytes.</param>
internal readonly record struct Lapsed(Entry Entry, MessageRef Message, MemberNo Sender, int Recipients, int Size);

/// <summary>
/// Told after the transaction that removed the entries and wrote their expired receipts, and after <see cref="Committed"/> of
/// every step that was committed before it.
/// </summary>
/// <param name="State">Expired; or refused, when the recipient was removed.</param>
/// <param name="Reason">With refused: why, as the sender is told.</param>
internal sealed record Expired(
    MailboxNo Mailbox, ImmutableArray<Lapsed> Entries, OutcomeState State = OutcomeState.Expired, string? Reason = null) : Input;

/// <summary>
/// What waits in the mailbox of a session that has been closed for a day moves to its member's mailbox, in order. Ignored
/// while somebody reads <paramref name="From"/>. Read the entries when no earlier one of this mailbox is under way.
/// </summary>
internal sealed record Refile(MailboxNo From, MailboxNo To, ImmutableArray<Stored> Entries) : Input;

internal sealed record Committed(StepNo Step) : Input;

internal enum Failure : byte
{
    Disk,
    Fenced,
}

internal sealed record CommitFailed(StepNo Step, Failure Why) : Input;

internal sealed record DirectoryChanged(Directory Directory) : Input;

/// <summary>A topic is new, or something of it has changed: who is in it, who may post.</summary>
internal sealed record SeatsChanged(TopicSeats Topic) : Input;

internal sealed record Tick(Instant Now) : Input;
