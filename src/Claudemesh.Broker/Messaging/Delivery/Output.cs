using System.Collections.Immutable;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>Everything the core can want.</summary>
internal abstract record Output;

/// <summary>Durable, before any effect that depends on it.</summary>
internal sealed record Append(Message Message, ImmutableArray<Entry> Entries) : Output
{
    /// <summary>Members who are notified of a post, in the transaction that writes it; its one entry is the topic's.</summary>
    public ImmutableArray<MemberNo> Mentioned { get; init; } = [];
}

/// <summary>Durable, but nobody waits for it.</summary>
/// <param name="OfTopic">Of its source only how far it was delivered matters, not when what was.</param>
internal sealed record MoveCursor(ReaderNo Reader, MailboxNo Source, Lane Lane, long Through, bool OfTopic = false) : Output;

/// <summary>
/// A receipts row. It takes the place of a lower state and leaves a higher one: set aside, delivered, surfaced, read; refused
/// and expired, like read, are final.
/// </summary>
internal sealed record RecordOutcome(MessageRef Message, MailboxNo Mailbox, Outcome Outcome) : Output;

/// <summary>
/// Durable: the reader was pushed this entry five times and did not take it. Its cursor goes on, and the shell gives the
/// entry back with the reader's next <see cref="Attach"/>.
/// </summary>
internal sealed record SetAside(ReaderNo Reader, MessageRef Message, Entry Entry) : Output;

/// <summary>Durable: an entry that was set aside has been acknowledged after all.</summary>
internal sealed record ClearAside(ReaderNo Reader, MessageRef Message) : Output;

/// <summary>Durable: one entry leaves a mailbox and is put into another at a new position, in one transaction.</summary>
internal sealed record MoveEntry(MessageRef Message, MemberNo Sender, Entry From, Entry To) : Output;

/// <summary>Asks for entries of a source after a position, oldest first.</summary>
/// <param name="AsOf">The committed position at the time of asking: a page that is not full covers everything up to here.</param>
internal sealed record Fetch(FetchNo No, ReaderNo Reader, Source Source, Lane Lane, long After, long AsOf, int Limit) : Output;

/// <summary>Asks for what the store knows of a mailbox.</summary>
internal sealed record Ask(MailboxNo Mailbox) : Output;

/// <summary>Asks what became of a message at each recipient, for a tally that is not in memory.</summary>
internal sealed record AskOutcomes(MessageRef Message) : Output;

internal abstract record SubmitResult
{
    /// <param name="Again">True when this client key had been accepted before.</param>
    internal sealed record Accepted(MessageRef Message, int Recipients, bool Again) : SubmitResult;

    internal sealed record Refused(MeshError Error) : SubmitResult;
}

internal sealed record Answer(Origin Origin, SubmitResult Result) : Output;

/// <param name="Previous">
/// The position pushed before this one to the same reader and lane; 0 for the first on this connection, and where nothing is
/// said of order: a repeat, an entry that had been set aside, a multicast that passes a shut gate.
/// </param>
/// <param name="Again">The same entry was pushed on this connection before and not acknowledged.</param>
internal sealed record Push(
    ConnectionNo Connection, ReaderNo Reader, Message Message, Entry Entry, long Previous, bool Again) : Output;

/// <summary>A receipt for the sender's connections that asked for them.</summary>
/// <param name="Signed">Set for a signed state, which travels one by one with its proof.</param>
internal sealed record Notify(
    MemberNo Sender, MessageRef Message, Tally Tally, MailboxNo? Mailbox, Outcome? Signed) : Output;

internal enum CloseReason : byte
{
    SlowConsumer,
    Replaced,
    Fenced,
    Removed,
}

internal sealed record Cut(ConnectionNo Connection, CloseReason Why) : Output;

/// <summary>
/// One turn of the core. <see cref="Writes"/> are committed as a whole; <see cref="Effects"/> go out at once (those that
/// depend on a write come in the turn that is told of its commit).
/// </summary>
internal sealed class Step(StepNo no)
{
    public StepNo No { get; } = no;

    /// <summary>
    /// <see cref="Append"/>, <see cref="MoveEntry"/>, <see cref="RecordOutcome"/>, <see cref="SetAside"/>, <see cref="ClearAside"/>
    /// and <see cref="MoveCursor"/>, to be applied in this order. A cursor in the store takes the higher value.
    /// </summary>
    public List<Output> Writes { get; } = [];

    public List<Output> Effects { get; } = [];

    /// <summary>False when there is nothing but cursor moves, which ride along with the next commit.</summary>
    public bool NeedsCommit { get; set; }
}
