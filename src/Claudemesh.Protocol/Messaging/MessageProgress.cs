using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>A recipient's signed word of what became of a message after it was delivered; the sender gets it as a <see cref="Receipt"/>.</summary>
/// <param name="SessionId">The session the message was for; absent: the member.</param>
/// <param name="Reason">Why it was refused, at most 200 characters.</param>
/// <param name="At">Ms since 1970.</param>
/// <param name="Signature">64 bytes: Ed25519 by the recipient's member key over the receipt (keys 6).</param>
public sealed record MessageProgress(
    MessageId MessageId,
    ProgressState State,
    long At,
    byte[] Signature,
    SessionId? SessionId = null,
    string? Reason = null) : INotice, ILimited
{
    public static string WireType => "message_progress";

    string? ILimited.FindFault() => Limit.TooLong("reason", Reason, WireLimits.ReasonCharsMax) ?? Limit.NotBytes("signature", Signature, WireLimits.SignatureBytes);
}

/// <summary>A state that only the recipient can know, and signs.</summary>
[JsonConverter(typeof(WordConverter<ProgressState>))]
public enum ProgressState
{
    /// <summary>Proven to be before the session's model.</summary>
    Surfaced,

    /// <summary>Read by a person.</summary>
    Read,

    Refused,
}
