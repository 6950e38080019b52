using System.Net;

namespace Claudemesh.Broker.ApiKeys;

/// <summary>
/// How many keys that are none one address may have looked up: each is a read of the database that anybody can cause. Keys that are found cost
/// nothing.
/// </summary>
internal sealed class LookupRate(TimeProvider clock)
{
    /// <summary>Enough for scripts whose key has been revoked and who go on asking.</summary>
    public const int PerSecond = 10;

    public const int AtOnce = 100;

    private readonly TokenBuckets<IPAddress> buckets = new(PerSecond, AtOnce, clock);

    /// <param name="wait">How long until there is room, where there is none.</param>
    public bool TryTake(IPAddress address, out TimeSpan wait) => buckets.TryTake(address, out _, out wait);

    public void GiveBack(IPAddress address) => buckets.GiveBack(address);
}
