using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Messaging;

internal static class InstantTime
{
    public static DateTimeOffset ToTime(this Instant at) => DateTimeOffset.UnixEpoch.AddTicks(at.Micros * TimeSpan.TicksPerMicrosecond);

    public static Instant ToInstant(this DateTimeOffset time) => new((time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
}
