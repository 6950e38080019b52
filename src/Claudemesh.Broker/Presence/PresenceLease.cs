namespace Claudemesh.Broker.Presence;

/// <summary>The grace in which a lost connection is not yet an absence (wire reference 1.2).</summary>
internal static class PresenceLease
{
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(90);
}
