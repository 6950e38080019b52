namespace Claudemesh.Protocol;

/// <summary>Events (never messages) were dropped for this connection because it read too slowly: list peers and states afresh.</summary>
/// <param name="Reason"><see cref="OfPeers"/>: the list of peers has changed, and nothing was dropped; <see cref="OfAudit"/>. Else a sentence.</param>
public sealed record Resync(string Reason) : IEvent
{
    public const string OfPeers = "peers";

    /// <summary>Nothing was dropped: the audit chain has grown. Told to owners and admins.</summary>
    public const string OfAudit = "audit";

    public static string WireType => "resync";
}
