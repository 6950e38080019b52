namespace Claudemesh.Protocol;

/// <summary>1.x: asks what became of a message; answered by <see cref="MessageStatusResult"/>.</summary>
/// <param name="MessageId">8 to 32 letters and digits; fewer than 32 are the beginning of an id.</param>
public sealed record MessageStatus(string MessageId) : IRequest<MessageStatusResult>, ILimited
{
    public static string WireType => "message_status";

    string? ILimited.FindFault() => Limit.TooLong("messageId", MessageId, WireId.CharsMax);
}
