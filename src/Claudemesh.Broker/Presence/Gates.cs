using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Presence;

/// <summary>What a peer's status lets through (wire reference 4.3): everything while idle, only <c>now</c> while it works or is not to be disturbed.</summary>
internal static class Gates
{
    /// <summary>
    /// A device stores what comes and holds it back itself for the sessions behind it, so a daemon that says it works is
    /// still given everything; <c>dnd</c> is its person's wish and holds for it too.
    /// </summary>
    public static LaneGate Of(ReaderKind kind, PresenceStatus status) => (kind, status) switch
    {
        (_, PresenceStatus.Idle) or (ReaderKind.Device, PresenceStatus.Working) => LaneGate.All,
        _ => LaneGate.Now,
    };
}
