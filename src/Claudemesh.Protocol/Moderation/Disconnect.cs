namespace Claudemesh.Protocol;

/// <summary>Ends connections with the code 1000: who was there comes back at once. Answered by <see cref="DisconnectAck"/>. Owners and admins only.</summary>
/// <param name="All">Everybody whom the caller may disconnect, but for himself.</param>
/// <param name="Stale">Those who have given no sign of life for this long, in milliseconds.</param>
/// <param name="Target">A member's or a peer's name, its key, or a beginning of the key that only one has; at most 256 characters.</param>
public sealed record Disconnect(bool? All = null, long? Stale = null, string? Target = null) : IRequest<DisconnectAck>, IPeerChoice, ILimited
{
    public static string WireType => "disconnect";

    string? ILimited.FindFault() => ((IPeerChoice)this).FindChoiceFault();
}
