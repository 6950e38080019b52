namespace Claudemesh.Protocol;

/// <summary>
/// How a peer is when it arrives, said by the peer itself: whoever is hidden or not to be disturbed is so from the first moment, and after each
/// reconnect. Whole: what is left out has the value given here.
/// </summary>
/// <param name="Summary">At most 1,000 characters.</param>
public sealed record Standing(
    PresenceStatus Status = PresenceStatus.Idle, bool Visible = true, string? Summary = null, PeerProfile? Profile = null)
{
    internal string? FindFault() =>
        Limit.TooLong("standing.summary", Summary, WireLimits.SummaryCharsMax) ?? Profile?.FindFault("standing.profile.");
}
