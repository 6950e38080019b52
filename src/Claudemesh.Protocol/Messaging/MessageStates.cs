namespace Claudemesh.Protocol;

/// <summary>Asks how far own messages have come; answered by <see cref="MessageStatesResult"/>.</summary>
/// <param name="MessageIds">1 to 256.</param>
public sealed record MessageStates(MessageId[] MessageIds) : IRequest<MessageStatesResult>, ILimited
{
    public static string WireType => "message_states";

    string? ILimited.FindFault() => Limit.TooMany("messageIds", MessageIds, 256);
}
