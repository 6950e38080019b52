using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Claudemesh.Broker.Rest;

/// <summary>
/// How fast one address asks what takes no credential: signing in, refreshing, asking for a device. Each of them may be a guess, and costs a read or a
/// hash that anybody can cause. Bounds of one account or one code are kept by what they guard.
/// </summary>
internal sealed class AddressRate(IOptions<RestOptions> options, TimeProvider clock)
{
    private readonly TokenBuckets<IPAddress> buckets = new(options.Value.AccountRequestsPerSecond, options.Value.AccountRequestsBurst, clock);

    public int Count => buckets.Count;

    /// <summary>False, with <c>Retry-After</c> set, when there is no room now.</summary>
    public bool TryTake(HttpContext context)
    {
        if (buckets.TryTake(ClientAddress.Of(context), out _, out TimeSpan wait))
            return true;

        context.Response.Headers.RetryAfter = KeyRate.Seconds(wait);
        return false;
    }
}
