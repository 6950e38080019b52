namespace Claudemesh.Protocol;

/// <summary>Sets the line that says what the peer works on; not answered.</summary>
/// <param name="Summary">At most 1,000 characters; empty removes it.</param>
/// <param name="SessionId">Acts on this open session's peer row; absent: on the connection's own.</param>
public sealed record SetSummary(string Summary, SessionId? SessionId = null) : INotice, ILimited
{
    public static string WireType => "set_summary";

    string? ILimited.FindFault() => Limit.TooLong("summary", Summary, WireLimits.SummaryCharsMax);
}
