namespace Claudemesh.Protocol;

/// <summary>"I have stored this push." Either id may be absent; the broker's wins; with neither the notice means nothing.</summary>
/// <param name="ClientMessageId">At most 128 characters.</param>
/// <param name="BrokerMessageId">The push's <c>messageId</c>; any text, because 1.x clients acknowledge whatever they were pushed.</param>
/// <param name="SessionId">The session the push was for; absent: the member.</param>
public sealed record ClientAck(string? ClientMessageId = null, string? BrokerMessageId = null, SessionId? SessionId = null) : INotice, ILimited
{
    public static string WireType => "client_ack";

    string? ILimited.FindFault() =>
        Limit.TooLong("clientMessageId", ClientMessageId, WireLimits.ClientIdCharsMax)
        ?? Limit.TooLong("brokerMessageId", BrokerMessageId, WireLimits.ClientIdCharsMax);
}
