using System.Collections.Immutable;

namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>What a sender hands over: the sealed body and how to read it. The broker never looks inside.</summary>
/// <param name="SenderKey">The 32-byte key that 1.x sees as <c>senderPubkey</c>: the session's if the sender has one, else the member's.</param>
/// <param name="Target">The address as it goes on the wire.</param>
/// <param name="BodyVersion">1 and 2 as in the wire reference; 3 as in keys.md 6; 0 for a 1.x direct message.</param>
/// <param name="Header">The associated data of a version 3 body; null for 1.x.</param>
internal sealed record Envelope(
    ReadOnlyMemory<byte> SenderKey,
    string Target,
    short BodyVersion,
    byte[]? Header,
    byte[] Nonce,
    byte[] Body)
{
    public int Size => (Header?.Length ?? 0) + Nonce.Length + Body.Length;
}

/// <summary>
/// A sender's own name for a message: one (sender member, client id) has one message for as long as the submission row lives.
/// </summary>
/// <param name="Id">16 bytes of a UUIDv7 from our clients; the UTF-8 bytes of whatever text a 1.x client chose.</param>
/// <param name="Fingerprint">32 bytes, or null when the sender gave none.</param>
internal sealed record ClientKey(byte[] Id, byte[]? Fingerprint);

/// <summary>The store's answer to "have you seen this client key?".</summary>
internal sealed record Known(MessageRef Message, byte[]? Fingerprint, int Recipients);

/// <summary>An accepted message. Immutable but for <see cref="Frames"/>.</summary>
internal sealed record Message(
    MessageRef Id,
    MemberNo Sender,
    Envelope Envelope,
    Lane Lane,
    ClientKey? Key,
    MessageRef? ReplyTo,
    int Recipients,
    Instant CreatedAt,
    Instant ExpiresAt)
{
    /// <summary>The shell's cache of encoded frames, one per wire variant; dropped with the message.</summary>
    public object? Frames { get; set; }
}

/// <summary>"Message M is in mailbox B at position P, in lane L." The position is a later one than the message's own after re-filing.</summary>
internal readonly record struct Entry(MailboxNo Mailbox, Lane Lane, long Position);

/// <summary>An entry read back from the store, with its message.</summary>
internal sealed record Stored(Entry Entry, Message Message);

/// <summary>
/// What a reader reads as one merged list: a member's or session's mailbox, and everyone's for those that read it too; or a
/// member's seat in a topic, in which nothing ever lies, and the topic's mailbox. The cursor's source number is <see cref="Mailbox"/>.
/// </summary>
internal readonly record struct Source(MailboxNo Mailbox, MailboxNo? Shared);

/// <summary>Where a reader stands in one lane of one source.</summary>
internal readonly record struct CursorAt(MailboxNo Source, Lane Lane, long Through);

/// <summary>What the store knows of a mailbox when the core touches it first.</summary>
/// <param name="Last">The newest position per lane (0: none), indexed by <see cref="Lane"/>.</param>
/// <param name="DeliveredThrough">The furthest cursor of any reader per lane.</param>
/// <param name="Waiting">Entries above that, counted per sender; the count stops at the bound.</param>
/// <param name="WaitingBytes">Their sizes, summed.</param>
internal sealed record LaneFacts(
    ImmutableArray<long> Last,
    ImmutableArray<long> DeliveredThrough,
    ImmutableArray<(MemberNo Sender, int Count)> Waiting,
    long WaitingBytes)
{
    /// <summary>Positions at or under <see cref="DeliveredThrough"/> whose outcome is set aside: nobody has them yet.</summary>
    public ImmutableArray<long> Aside { get; init; } = [];

    /// <summary>Messages that wait, of which a recipient has said already what became of them.</summary>
    public ImmutableArray<MessageRef> Ahead { get; init; } = [];
}

internal enum OutcomeState : byte
{
    Delivered = 1,
    Surfaced = 2,
    Read = 3,
    Refused = 4,
    Expired = 5,

    /// <summary>A cursor has passed it and yet nobody has it: it still waits. Any other state takes its place.</summary>
    SetAside = 6,

    /// <summary>
    /// The entry was moved to another mailbox: what becomes of the message there is what became of it here. The reason is
    /// where it went, as <see cref="Heir"/> writes it. A log answers with the heir's state and keeps this one to itself.
    /// </summary>
    Refiled = 7,
}

/// <summary>What became of a message at one recipient, as a receipts row says it.</summary>
/// <param name="Proof">The recipient member's signature (keys.md 6), for surfaced, read and refused.</param>
internal sealed record Outcome(OutcomeState State, Instant At, string? Reason, byte[]? Proof);

/// <summary>
/// How far a message has come over all its recipients. Who surfaced or read it is counted as delivered too, so that count
/// never sinks but for a refusal; refused and expired recipients are counted once, there.
/// </summary>
internal readonly record struct Tally(int Recipients, int Delivered, int Surfaced, int Read, int Refused, int Expired);
