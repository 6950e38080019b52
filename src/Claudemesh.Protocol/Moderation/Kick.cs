namespace Claudemesh.Protocol;

/// <summary>
/// Ends connections with the code 4001: our daemons and 1.x verbs stay away until their person says otherwise; 1.x daemons are left alone, because
/// they would be back at once. Sessions of one of our daemons share its connection and go with it. Answered by <see cref="KickAck"/>. Owners and
/// admins only.
/// </summary>
/// <param name="All">Everybody whom the caller may disconnect, but for himself.</param>
/// <param name="Stale">Those who have given no sign of life for this long, in milliseconds.</param>
/// <param name="Target">A member's or a peer's name, its key, or a beginning of the key that only one has; at most 256 characters.</param>
public sealed record Kick(bool? All = null, long? Stale = null, string? Target = null) : IRequest<KickAck>, IPeerChoice, ILimited
{
    public static string WireType => "kick";

    string? ILimited.FindFault() => ((IPeerChoice)this).FindChoiceFault();
}
