namespace Claudemesh.Protocol;

/// <summary>
/// Stores copies of a root that its author left, or that a member lost; answered by <see cref="CopiesStored"/>. Any member of the scope may:
/// whoever opens a copy compares it with the log's root id. One that is there already is replaced by its recipient's own only.
/// </summary>
public sealed record CopiesPut(string Scope, EpochCopy[] Copies) : IRequest<CopiesStored>, ILimited
{
    public static string WireType => "copies_put";

    string? ILimited.FindFault() =>
        LogLimits.NotScope("scope", Scope) ?? LogLimits.NotCopies("copies", Copies);
}

/// <param name="Stored">How many were new.</param>
public sealed record CopiesStored(string Scope, int Stored) : IMessage
{
    public static string WireType => "copies_stored";
}
