using System.Collections.Concurrent;
using Claudemesh.Broker.Messaging.Delivery;
using Microsoft.Extensions.Options;

namespace Claudemesh.Broker.Messaging;

/// <summary>A token bucket per member: a bound that a working team never meets.</summary>
internal sealed class SendRate(IOptions<MessagingOptions> options, TimeProvider clock)
{
    /// <summary>Buckets kept at most; a full bucket is no different from none, so the full ones are forgotten first.</summary>
    private const int BucketsMax = 100_000;

    private readonly ConcurrentDictionary<MemberNo, Bucket> buckets = new();
    private readonly double perTick = (double)options.Value.SendsPerSecond / clock.TimestampFrequency;
    private readonly int burst = options.Value.SendsBurst;

    public int Count => buckets.Count;

    /// <summary>Takes one token; false when there is none.</summary>
    public bool TryTake(MemberNo member)
    {
        if (!buckets.TryGetValue(member, out Bucket? bucket))
        {
            if (buckets.Count >= BucketsMax)
                ForgetFull();

            bucket = buckets.GetOrAdd(member, new Bucket { Tokens = burst, At = clock.GetTimestamp() });
        }

        lock (bucket)
        {
            Refill(bucket);
            if (bucket.Tokens < 1)
                return false;

            bucket.Tokens--;
            return true;
        }
    }

    private void Refill(Bucket bucket)
    {
        long now = clock.GetTimestamp();
        bucket.Tokens = Math.Min(burst, bucket.Tokens + (now - bucket.At) * perTick);
        bucket.At = now;
    }

    private void ForgetFull()
    {
        foreach ((MemberNo member, Bucket bucket) in buckets)
        {
            lock (bucket)
            {
                Refill(bucket);
                if (bucket.Tokens >= burst)
                    buckets.TryRemove(member, out _);
            }
        }
    }

    private sealed class Bucket
    {
        public double Tokens { get; set; }

        public long At { get; set; }
    }
}
