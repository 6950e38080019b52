using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>The answer of <c>GET /api/v1/topics/{topic}/key</c>: the topic's 1.x key, sealed to the caller.</summary>
/// <param name="Topic">Its name.</param>
/// <param name="EncryptedKey">80 bytes: the sealer's X25519 key, and <c>crypto_box_easy</c> of the key.</param>
/// <param name="Nonce">24 bytes.</param>
/// <param name="SenderPubkey">What the key's maker gave as its public key; the one to open with is in <paramref name="EncryptedKey"/>.</param>
/// <param name="SealedBy">Not of 1.x: which member the copy is from, as the broker saw it.</param>
public sealed record SealedTopicKey(
    TopicName Topic, string TopicId, byte[] EncryptedKey, byte[] Nonce, PublicKey SenderPubkey, DateTimeOffset CreatedAt, MemberId SealedBy);

/// <summary>The body of <c>POST /api/v1/topics/{topic}/claim-key</c>: a new key for a topic that has none, sealed to its maker.</summary>
public sealed record ClaimTopicKey(PublicKey EncryptedKeyPubkey, byte[] EncryptedKey, byte[] Nonce) : ILimited
{
    string? ILimited.FindFault() => TopicKeyLimits.NotCopy(EncryptedKey, Nonce);
}

public sealed record TopicKeyClaimed(TopicName Topic, string TopicId, PublicKey SenderPubkey, MemberId MemberId, bool Claimed);

/// <summary>The body of <c>POST /api/v1/topics/{topic}/seal</c>: the topic's key, sealed to another member of it.</summary>
public sealed record SealTopicKey(MemberId MemberId, byte[] EncryptedKey, byte[] Nonce) : ILimited
{
    string? ILimited.FindFault() => TopicKeyLimits.NotCopy(EncryptedKey, Nonce);
}

public sealed record TopicKeySealed(TopicName Topic, string TopicId, MemberId MemberId, DateTimeOffset SealedAt);

/// <summary>The answer of <c>GET /api/v1/topics/{topic}/pending-seals</c>.</summary>
/// <param name="Pending">Members of the topic without a copy to their present key, at most 50, in the order of joining.</param>
/// <param name="SenderPubkey">Null where the topic has no key of 1.x; written even then.</param>
public sealed record PendingSeals(
    TopicName Topic, string TopicId, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] PublicKey? SenderPubkey, PendingSeal[] Pending)
{
    public const int PendingMax = 50;
}

public sealed record PendingSeal(MemberId MemberId, PublicKey Pubkey, string DisplayName);

internal static class TopicKeyLimits
{
    private const int CopyBytes = 80;
    private const int NonceBytes = 24;

    public static string? NotCopy(byte[] copy, byte[] nonce) => Limit.NotBytes("encryptedKey", copy, CopyBytes) ?? Limit.NotBytes("nonce", nonce, NonceBytes);
}
