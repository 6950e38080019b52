using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <param name="Kicked">The names of those whose connection was ended; the same as <paramref name="Affected"/>, as 1.x has it.</param>
/// <param name="SkippedControlPlane">The names of 1.x daemons that were left alone: they would be back at once.</param>
/// <param name="Peers">Who they are exactly.</param>
public sealed record KickAck(
    string[] Kicked,
    string[] Affected,
    [property: JsonPropertyName("skipped_control_plane")] string[]? SkippedControlPlane = null,
    AffectedPeer[]? Peers = null) : IMessage, ILimited
{
    public static string WireType => "kick_ack";

    string? ILimited.FindFault() => Peers is null ? null : Limit.HasNull("peers", Peers);
}
