namespace Claudemesh.Protocol;

/// <summary>
/// How far a message has come, to its sender; only with the feature <c>receipts</c>. The counts are of all recipients and are cumulative over
/// rising states. Where one recipient's signed word is the occasion, the fields from <paramref name="RecipientPubkey"/> on carry it.
/// </summary>
public sealed record Receipt(
    MessageId MessageId,
    int Recipients,
    int Delivered,
    int Surfaced,
    int Read,
    int Refused,
    int Expired,
    string? ClientMessageId = null,
    PublicKey? RecipientPubkey = null,
    PublicKey? RecipientSessionPubkey = null,
    ProgressState? State = null,
    string? Reason = null,
    long? At = null,
    byte[]? Signature = null) : IEvent, ILimited
{
    public static string WireType => "receipt";

    string? ILimited.FindFault() => Limit.NotBytes("signature", Signature, WireLimits.SignatureBytes);
}
