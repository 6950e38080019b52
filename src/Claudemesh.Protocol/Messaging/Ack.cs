namespace Claudemesh.Protocol;

/// <summary>The answer to a <see cref="Send"/>: an accepted message is stored before this leaves. Also the empty answer of some 1.x requests.</summary>
/// <param name="Id">The <c>id</c> of the request; empty when it had none.</param>
/// <param name="MessageId">The broker's name for the message; empty when refused.</param>
/// <param name="Queued">True when accepted.</param>
/// <param name="Error">Absent when accepted; else <see cref="MeshError.AckText"/>, by whose words original daemons decide about trying again.</param>
/// <param name="Code">The refusal's code.</param>
/// <param name="Recipients">How many mailboxes it waits in.</param>
/// <param name="Again">True when this client id had been accepted before; nothing was stored now.</param>
public sealed record Ack(
    string Id,
    string MessageId,
    bool Queued,
    string? Error = null,
    string? Code = null,
    int? Recipients = null,
    bool? Again = null) : IMessage
{
    public static string WireType => "ack";

    public static Ack Refused(string? id, MeshError error) => new(id ?? "", "", false, error.AckText, error.Code);
}
