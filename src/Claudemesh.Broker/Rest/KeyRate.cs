using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Claudemesh.Broker.Rest;

/// <summary>How fast each API key or session asks, told with every answer in the fields of draft-ietf-httpapi-ratelimit-headers.</summary>
internal sealed class KeyRate(IOptions<RestOptions> options, TimeProvider clock)
{
    private readonly TokenBuckets<string> buckets = new(options.Value.RequestsPerSecond, options.Value.RequestsBurst, clock);

    private readonly string policy = string.Create(
        CultureInfo.InvariantCulture,
        $"\"key\";q={options.Value.RequestsBurst};w={Math.Max(1, options.Value.RequestsBurst / options.Value.RequestsPerSecond)}");

    public int Count => buckets.Count;

    /// <summary>False, with <c>Retry-After</c> set, when there is no room now.</summary>
    public bool TryTake(string who, HttpResponse response)
    {
        bool isTaken = buckets.TryTake(who, out int left, out TimeSpan fullIn);
        string seconds = Seconds(fullIn);
        response.Headers["RateLimit-Policy"] = policy;
        response.Headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"key\";r={left};t={seconds}");
        if (!isTaken)
            response.Headers.RetryAfter = seconds;
        return isTaken;
    }

    /// <summary>Whole ones, at least one: who waits as long as he is told has room then.</summary>
    public static string Seconds(TimeSpan wait) => Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
