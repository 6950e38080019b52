namespace Claudemesh.Protocol;

/// <summary>Events (never messages) were dropped for this connection because it read too slowly: list peers and states afresh.</summary>
public sealed record Resync(string Reason) : IEvent
{
    public static string WireType => "resync";
}
