namespace Claudemesh.Local;

/// <param name="To">A member's or session's name, a key or a unique prefix of at least 4 digits, <c>@group</c>, <c>#topic</c>, <c>*</c>, <c>tag:kind:value</c>.</param>
/// <param name="Priority">One of <see cref="Priorities"/>.</param>
/// <param name="ClientMessageId">
/// <c>^[0-9A-Za-z_-]{1,64}$</c>; null: the daemon makes one. The same id with the same content has the same outcome again, with another content it is
/// refused. The header <c>Idempotency-Key</c> says the same; the body wins.
/// </param>
/// <param name="Workspace">Null: the one workspace in which <paramref name="To"/> is known.</param>
/// <param name="Session">The id of an open session of this person that sends.</param>
/// <param name="ToSelf">
/// Allows one's own member key as the recipient. With <see cref="Yourself"/> as <paramref name="To"/>: to this person, who has it on each of his devices
/// and before each of his sessions but the one that sends.
/// </param>
/// <param name="Wait">Answer only when the message has this state (<see cref="MessageStates"/>) or has ended; null: when the outbox has it on disk.</param>
/// <param name="ReplyTo">The message that this one answers; in a topic the beginning of its id is enough.</param>
/// <param name="Mentions">Names that a post mentions besides those after an <c>@</c> in its text; null: none.</param>
/// <param name="WaitMilliseconds">How long to wait for that, at most ten minutes.</param>
public sealed record SendMessage(
    string To,
    string Text,
    string Priority = Priorities.Next,
    string? ClientMessageId = null,
    string? Workspace = null,
    string? Session = null,
    string? ReplyTo = null,
    bool ToSelf = false,
    string? Wait = null,
    int WaitMilliseconds = 30_000,
    IReadOnlyList<string>? Mentions = null)
{
    /// <summary>This person, as the recipient of what he writes to himself.</summary>
    public const string Yourself = "self";
}

/// <param name="ClientMessageId">The id of the whole send; <c>msg-status</c> takes it.</param>
/// <param name="State">The least advanced state of its recipients, one of <see cref="MessageStates"/>.</param>
/// <param name="Again">The same send was made before; nothing was added.</param>
/// <param name="Waited">False when the state waited for did not come in time.</param>
public sealed record SendResult(
    string ClientMessageId,
    string Workspace,
    string To,
    string State,
    bool Again,
    bool Waited,
    IReadOnlyList<RecipientStatus> Recipients);

/// <summary>What became of a send, recipient by recipient.</summary>
public sealed record MessageStatus(
    string ClientMessageId,
    string Workspace,
    string To,
    string Priority,
    DateTimeOffset CreatedAt,
    string State,
    IReadOnlyList<RecipientStatus> Recipients);

/// <param name="ClientMessageId">This recipient's copy.</param>
/// <param name="MessageId">The broker's id; null until it has accepted.</param>
/// <param name="Encryption">One of <see cref="Encryptions"/>: how this copy travels.</param>
/// <param name="Reason">Why, when the state is refused or expired; or why the last attempt failed, when it is pending.</param>
/// <param name="Online">Whether the recipient was connected when the message was addressed.</param>
/// <param name="Counts">Of one message to several, such as <c>@group</c>, which is then the one recipient named here; else null.</param>
public sealed record RecipientStatus(
    string Name,
    string Key,
    string ClientMessageId,
    string? MessageId,
    string State,
    string Encryption,
    string? Reason,
    int Attempts,
    bool Online,
    Tally? Counts = null);

/// <summary>How many of a message's recipients have come how far; each who is counted in a higher state is counted in the lower ones too.</summary>
/// <param name="Recipients">0 until the broker has said.</param>
public sealed record Tally(int Recipients, int Delivered, int Surfaced, int Read, int Refused, int Expired)
{
    /// <summary>Of two tellings of one message, which may overtake each other, what is known by both.</summary>
    public Tally Max(Tally other) => new(
        Math.Max(Recipients, other.Recipients),
        Math.Max(Delivered, other.Delivered),
        Math.Max(Surfaced, other.Surfaced),
        Math.Max(Read, other.Read),
        Math.Max(Refused, other.Refused),
        Math.Max(Expired, other.Expired));
}

/// <summary>The states of a message, in the order in which they rise; refused and expired end it.</summary>
public static class MessageStates
{
    /// <summary>On disk in this daemon's outbox.</summary>
    public const string Pending = "pending";

    /// <summary>On its way to the broker, not answered yet.</summary>
    public const string Sent = "sent";

    /// <summary>On the broker's disk.</summary>
    public const string Accepted = "accepted";

    /// <summary>Stored by the recipient's daemon.</summary>
    public const string Delivered = "delivered";

    /// <summary>Proven before the recipient's model.</summary>
    public const string Surfaced = "surfaced";

    /// <summary>Read by a person.</summary>
    public const string Read = "read";

    public const string Refused = "refused";
    public const string Expired = "expired";
}

public static class Priorities
{
    public const string Now = "now";
    public const string Next = "next";
    public const string Low = "low";
}

/// <summary>How a message travelled.</summary>
public static class Encryptions
{
    /// <summary>Version 3: encrypted to and signed by member keys.</summary>
    public const string Member = "member";

    /// <summary>As 1.x does, for one recipient or under a topic's key: encrypted, the sender unverified.</summary>
    public const string Box = "box";

    /// <summary>Not encrypted; the sender vouched for by the server.</summary>
    public const string None = "none";
}

/// <summary>A message in the inbox.</summary>
/// <param name="Sequence">Rises with each message stored here; what <c>after</c> and <c>Last-Event-ID</c> take.</param>
/// <param name="Sender">The sender's name as known here.</param>
/// <param name="SenderKey">The sender's member key; where only a 1.x session key is known, that.</param>
/// <param name="To">Whom it was addressed to: <c>member</c>, <c>session</c>, <c>*</c>, <c>@group</c>.</param>
/// <param name="Text">Null when it could not be read; see <paramref name="Unreadable"/>.</param>
/// <param name="Encryption">One of <see cref="Encryptions"/>.</param>
/// <param name="Verified">The sender's member key signed it and is the key pinned here.</param>
/// <param name="Unreadable">Why the text could not be read or is not believed; null when it could.</param>
/// <param name="SeenAt">When it was read here; null: unread. A page shows what was before the page was read.</param>
public sealed record InboxItem(
    long Sequence,
    string Workspace,
    string MessageId,
    string? ClientMessageId,
    string Sender,
    string SenderKey,
    string? SenderSessionKey,
    string To,
    string? SessionId,
    string? Text,
    string Encryption,
    bool Encrypted,
    bool Verified,
    string? Unreadable,
    string Priority,
    string? ReplyTo,
    DateTimeOffset SentAt,
    DateTimeOffset ReceivedAt,
    DateTimeOffset? SeenAt);

/// <param name="Items">Oldest first.</param>
/// <param name="Unread">How many are unread in what was asked about, after this page was marked.</param>
/// <param name="More">Newer ones follow; ask again with <c>after</c> the last sequence.</param>
/// <param name="KeyChanges">Members whose key has changed lately, until the new safety number is compared; the daemon's own word, no message.</param>
public sealed record InboxPage(IReadOnlyList<InboxItem> Items, long Unread, bool More, IReadOnlyList<KeyChange>? KeyChanges = null);

/// <summary>Messages were deleted from the inbox, for good.</summary>
public sealed record InboxRemoved(string Workspace, int Removed);

/// <summary>Which part of the inbox to read.</summary>
/// <param name="From">A name or key of a sender.</param>
/// <param name="After">Only those with a higher sequence; null: the newest <paramref name="Limit"/>.</param>
public sealed record InboxQuery(
    string? Workspace = null,
    string? From = null,
    bool Unread = false,
    int Limit = LocalLimits.InboxPageDefault,
    long? After = null,
    bool MarkSeen = false);
