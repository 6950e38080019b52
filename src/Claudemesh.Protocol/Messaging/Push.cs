using System.Text.Json;
using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>
/// A message for this connection, or an event dressed as one (<see cref="Subtype"/>). It is repeated until a <see cref="ClientAck"/> comes; receivers
/// know repeats by their ids. The fields that differ from connection to connection come last, so that a frame can be shared up to them.
/// </summary>
/// <param name="MessageId">The broker's name for it: 32 letters and digits, a UUID for events.</param>
/// <param name="SenderPubkey">The sending session's key, else the member's; <c>system</c> for events, <c>webhook:name</c> for webhooks.</param>
/// <param name="CreatedAt">When the broker accepted it.</param>
/// <param name="Subtype"><c>system</c>, <c>webhook</c>, <c>reminder</c>, or absent for a peer's message.</param>
/// <param name="Event">The event's name; see <see cref="SystemEvent"/>.</param>
/// <param name="EventData">The event's fields.</param>
/// <param name="Priority">Absent only from brokers of 1.x.</param>
/// <param name="SenderMemberPubkey">Ours, and 1.x multicast: the lasting identity behind <paramref name="SenderPubkey"/>.</param>
/// <param name="ClientMessageId">The sender's name for the message; always present for our hello when the sender gave one.</param>
/// <param name="BodyVersion">How to read nonce, ciphertext and header; absent: a 1.x direct message.</param>
/// <param name="Target">The <c>targetSpec</c> as the sender wrote it.</param>
/// <param name="Position">The message's place in the workspace's total order.</param>
/// <param name="Previous">The position of the push before it in this lane on this connection; 0 for the first. A gap means a push was missed.</param>
/// <param name="Again">True when this connection or an earlier one of this reader was pushed it before.</param>
/// <param name="SessionId">Which of this socket's sessions it is for; absent: the member.</param>
public sealed record Push(
    string MessageId,
    MeshId MeshId,
    string SenderPubkey,
    byte[] Nonce,
    byte[] Ciphertext,
    DateTimeOffset CreatedAt,
    string? Subtype = null,
    string? Event = null,
    JsonElement? EventData = null,
    Priority? Priority = null,
    PublicKey? SenderMemberPubkey = null,
    MemberId? SenderMemberId = null,
    string? SenderName = null,
    [property: JsonPropertyName("client_message_id")] string? ClientMessageId = null,
    [property: JsonPropertyName("request_fingerprint")] [property: JsonConverter(typeof(Hex32Converter))] byte[]? RequestFingerprint = null,
    string? Topic = null,
    string? ReplyToId = null,
    int? BodyVersion = null,
    byte[]? Header = null,
    string? Target = null,
    long? Position = null,
    long? Previous = null,
    bool? Again = null,
    SessionId? SessionId = null) : IEvent
{
    public static string WireType => "push";

    /// <summary>An event of the broker's own, in the shape that 1.x clients know.</summary>
    /// <param name="messageId">A UUID, one for all recipients of the event.</param>
    public static Push From(SystemEvent happened, string messageId, MeshId meshId, DateTimeOffset at) =>
        new(messageId, meshId, "system", [], [], at, "system", happened.Name, happened.ToJson(), Protocol.Priority.Low);
}
