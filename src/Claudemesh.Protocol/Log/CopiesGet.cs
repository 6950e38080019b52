namespace Claudemesh.Protocol;

/// <summary>
/// Asks for the caller's own copies in a scope, and for whom copies of the current epoch are missing; answered by <see cref="CopiesResult"/>.
/// Who has none is told of to the other members' connections by <see cref="CopiesWanted"/>.
/// </summary>
/// <param name="Keys">Further keys of the caller, such as one before a key change; at most 8.</param>
public sealed record CopiesGet(string Scope, PublicKey[]? Keys = null) : IRequest<CopiesResult>, ILimited
{
    public static string WireType => "copies_get";

    string? ILimited.FindFault() => LogLimits.NotScope("scope", Scope) ?? Limit.TooMany("keys", Keys, 8);
}

/// <param name="Copies">Of the newest 64 epochs at most, newest first; older roots come by the links backwards.</param>
/// <param name="Epoch">The current epoch by the log; 0 before the first.</param>
/// <param name="Missing">Recipients of the current epoch without a copy, at most 1,000.</param>
public sealed record CopiesResult(string Scope, EpochCopy[] Copies, long Epoch, PublicKey[] Missing) : IMessage, ILimited
{
    public static string WireType => "copies_result";

    string? ILimited.FindFault() => Limit.HasNull("copies", Copies);
}

/// <summary>A copy of this epoch's root was stored for this connection's member, who had none: he fetches it (<see cref="CopiesGet"/>).</summary>
public sealed record CopiesGiven(string Scope, long Epoch) : IEvent
{
    public static string WireType => "copies_given";
}

/// <summary>Members without a copy of the current epoch ask for one: who holds the root seals it (<see cref="CopiesPut"/>).</summary>
public sealed record CopiesWanted(string Scope, long Epoch, PublicKey[] Recipients) : IEvent
{
    public static string WireType => "copies_wanted";
}
