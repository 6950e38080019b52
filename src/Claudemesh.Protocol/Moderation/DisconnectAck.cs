namespace Claudemesh.Protocol;

/// <param name="Kicked">The names of those whose connection was ended; the same as <paramref name="Affected"/>, as 1.x has it.</param>
/// <param name="Peers">Who they are exactly.</param>
public sealed record DisconnectAck(string[] Kicked, string[] Affected, AffectedPeer[]? Peers = null) : IMessage, ILimited
{
    public static string WireType => "disconnect_ack";

    string? ILimited.FindFault() => Peers is null ? null : Limit.HasNull("peers", Peers);
}
