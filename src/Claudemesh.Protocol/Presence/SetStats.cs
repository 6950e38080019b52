namespace Claudemesh.Protocol;

/// <summary>1.x clients report their counters every minute; not answered.</summary>
public sealed record SetStats(PeerStats Stats) : INotice
{
    public static string WireType => "set_stats";
}

/// <param name="Uptime">Seconds.</param>
public sealed record PeerStats(
    long? MessagesIn = null,
    long? MessagesOut = null,
    long? ToolCalls = null,
    double? Uptime = null,
    long? Errors = null);
