using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Storage;

internal static class InstantClock
{
    public static Instant GetInstant(this TimeProvider clock) =>
        new((clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
}
