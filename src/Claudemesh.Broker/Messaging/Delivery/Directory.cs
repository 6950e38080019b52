using System.Collections.Frozen;
using System.Collections.Immutable;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>A mailbox that an address expands to, and the member it belongs to.</summary>
internal readonly record struct Addressee(MailboxNo Mailbox, MemberNo Owner);

/// <summary>
/// Who belongs to what, at one moment. Made by the shell whenever members, groups, tags or grants change; never changed.
/// </summary>
/// <param name="Groups">Group name as written, without <c>@</c> → who is in it or in a group below it.</param>
/// <param name="Tags">Tag, without <c>tag:</c> → who carries it.</param>
/// <param name="DirectDenied">(recipient, sender) pairs whose grants lack <c>dm</c>.</param>
/// <param name="BroadcastDenied">(recipient, sender) pairs whose grants lack <c>broadcast</c>.</param>
/// <param name="Removed">Members that may no longer be written to and write nothing.</param>
internal sealed record Directory(
    FrozenDictionary<string, ImmutableArray<Addressee>> Groups,
    FrozenDictionary<string, ImmutableArray<Addressee>> Tags,
    FrozenSet<(MemberNo Recipient, MemberNo Sender)> DirectDenied,
    FrozenSet<(MemberNo Recipient, MemberNo Sender)> BroadcastDenied,
    FrozenSet<MemberNo> Removed)
{
    /// <summary>(recipient, sender) pairs that have an entry for the sender's member key: for them no session's entry counts.</summary>
    public FrozenSet<(MemberNo Recipient, MemberNo Sender)> MemberGranted { get; init; } = FrozenSet<(MemberNo, MemberNo)>.Empty;

    /// <summary>(recipient, session key) pairs whose entry lacks <c>dm</c>.</summary>
    public FrozenSet<(MemberNo Recipient, PublicKey Session)> SessionDirectDenied { get; init; } = FrozenSet<(MemberNo, PublicKey)>.Empty;

    /// <summary>(recipient, session key) pairs whose entry lacks <c>broadcast</c>.</summary>
    public FrozenSet<(MemberNo Recipient, PublicKey Session)> SessionBroadcastDenied { get; init; } = FrozenSet<(MemberNo, PublicKey)>.Empty;

    /// <summary>All members' own mailboxes: the recipients of a message to everybody, but for its sender.</summary>
    public ImmutableArray<Addressee> Members { get; init; } = [];

    public static Directory Empty { get; } = new(
        FrozenDictionary<string, ImmutableArray<Addressee>>.Empty,
        FrozenDictionary<string, ImmutableArray<Addressee>>.Empty,
        FrozenSet<(MemberNo, MemberNo)>.Empty,
        FrozenSet<(MemberNo, MemberNo)>.Empty,
        FrozenSet<MemberNo>.Empty);

    public bool DeniesDirect(MemberNo recipient, MemberNo sender, ReadOnlyMemory<byte> senderKey) =>
        DirectDenied.Contains((recipient, sender)) || DeniesSession(SessionDirectDenied, recipient, sender, senderKey);

    public bool DeniesBroadcast(MemberNo recipient, MemberNo sender, ReadOnlyMemory<byte> senderKey) =>
        BroadcastDenied.Contains((recipient, sender)) || DeniesSession(SessionBroadcastDenied, recipient, sender, senderKey);

    /// <summary>What was said of the member comes before what was said of its session (wire reference 4.6).</summary>
    private bool DeniesSession(
        FrozenSet<(MemberNo, PublicKey)> denied, MemberNo recipient, MemberNo sender, ReadOnlyMemory<byte> senderKey) =>
        denied.Count > 0
        && !MemberGranted.Contains((recipient, sender))
        && senderKey.Length == PublicKey.Size
        && denied.Contains((recipient, new PublicKey(senderKey.Span)));
}
