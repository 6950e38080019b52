using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>Hands a sealed message to the broker; answered by <see cref="Ack"/>, also when it is refused.</summary>
/// <param name="TargetSpec">Whom it is for, at most 192 characters; see <see cref="Protocol.TargetSpec"/>.</param>
/// <param name="Nonce">24 bytes, or empty for a plain 1.x body.</param>
/// <param name="Ciphertext">The sealed body.</param>
/// <param name="Id">The sender's name for this request, echoed in the ack; at most 128 characters.</param>
/// <param name="Priority">Absent: <c>next</c>.</param>
/// <param name="ClientMessageId">The sender's name for the message, at most 128 characters: sending it again is safe.</param>
/// <param name="RequestFingerprint">32 bytes; another fingerprint under the same client id is refused.</param>
/// <param name="Mentions">Whom a post in a topic mentions, at most 16: names in lower case, without <c>@</c>, or a member's key or id. Absent from a plain
/// post: the names after an <c>@</c> in its text.</param>
/// <param name="ReplyToId">The id of a message of the same topic.</param>
/// <param name="BodyVersion">1 or 2 as in 1.x, 3 as in ours; absent: a 1.x direct message.</param>
/// <param name="Header">The associated data of a version 3 body.</param>
/// <param name="SessionId">An open session of this socket that sends; absent: the member.</param>
public sealed record Send(
    string TargetSpec,
    byte[] Nonce,
    byte[] Ciphertext,
    string? Id = null,
    Priority? Priority = null,
    [property: JsonPropertyName("client_message_id")] string? ClientMessageId = null,
    [property: JsonPropertyName("request_fingerprint")] [property: JsonConverter(typeof(Hex32Converter))] byte[]? RequestFingerprint = null,
    string[]? Mentions = null,
    string? ReplyToId = null,
    int? BodyVersion = null,
    byte[]? Header = null,
    SessionId? SessionId = null) : IRequest<Ack>, ILimited
{
    public static string WireType => "send";

    string? ILimited.FindFault() =>
        Limit.TooLong("targetSpec", TargetSpec, Protocol.TargetSpec.CharsMax)
        ?? Limit.TooLong("id", Id, WireLimits.ClientIdCharsMax)
        ?? Limit.TooLong("client_message_id", ClientMessageId, WireLimits.ClientIdCharsMax)
        ?? Limit.TooLong("replyToId", ReplyToId, WireId.CharsMax)
        ?? Limit.TooMany("mentions", Mentions, 16)
        ?? (BodyVersion is null or (>= 1 and <= 3) ? null : "bodyVersion must be 1, 2 or 3")
        ?? (BodyVersion == 3 && Header is null ? "header must be given with bodyVersion 3" : null);
}
