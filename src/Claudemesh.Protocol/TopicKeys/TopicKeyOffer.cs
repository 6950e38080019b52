using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>
/// Asks how it stands with a topic's 1.x key, and brings what the caller can give: a key where there is none, and copies for members who have none.
/// Answered by <see cref="TopicKeyState"/>, which says what is so then. What comes too late is not an error: another has been quicker.
/// </summary>
/// <param name="Topic">Its id.</param>
/// <param name="Claim">Absent: no key is brought.</param>
/// <param name="Copies">At most 50; taken from who holds the key.</param>
public sealed record TopicKeyOffer(string Topic, ClaimTopicKey? Claim = null, SealTopicKey[]? Copies = null) : IRequest<TopicKeyState>, ILimited
{
    public static string WireType => "topic_key_offer";

    string? ILimited.FindFault() => TopicLimits.NotTopic(Topic)
        ?? (Claim as ILimited)?.FindFault()
        ?? Limit.TooMany("copies", Copies, PendingSeals.PendingMax)
        ?? (Copies is null ? null : Limit.HasNull("copies", Copies))
        ?? Copies?.Select(static copy => ((ILimited)copy).FindFault()).FirstOrDefault(static fault => fault is not null);
}

/// <summary>How it stands with a topic's 1.x key.</summary>
/// <param name="Pubkey">What its maker gave as his public key; absent where the topic has none that somebody holds.</param>
/// <param name="EncryptedKey">The caller's own copy to his present key; absent where he has none.</param>
/// <param name="Nonce">Of that copy.</param>
/// <param name="Pending">Members of the topic without a copy to their present key, at most 50, in the order of joining.</param>
public sealed record TopicKeyState(string Topic, PendingSeal[] Pending, PublicKey? Pubkey = null, byte[]? EncryptedKey = null, byte[]? Nonce = null)
    : IMessage, ILimited
{
    public static string WireType => "topic_key_state";

    string? ILimited.FindFault() => Limit.HasNull("pending", Pending);
}
