using System.Collections.Concurrent;

namespace Claudemesh.Broker;

/// <summary>A token bucket for each of many callers: so many at once, so many a second lastingly.</summary>
internal sealed class TokenBuckets<TKey>(double perSecond, int burst, TimeProvider clock)
    where TKey : notnull
{
    /// <summary>Buckets kept at most; a full bucket is no different from none, so the full ones are forgotten first.</summary>
    private const int BucketsMax = 100_000;

    private readonly ConcurrentDictionary<TKey, Bucket> buckets = new();
    private readonly double perTick = perSecond / clock.TimestampFrequency;

    public int Count => buckets.Count;

    /// <summary>Takes one token; false when there is none.</summary>
    public bool TryTake(TKey key) => TryTake(key, out _, out _);

    /// <param name="left">Tokens left after this one.</param>
    /// <param name="fullIn">How long until the bucket is full again; where there is no token, until there is one.</param>
    public bool TryTake(TKey key, out int left, out TimeSpan fullIn)
    {
        if (!buckets.TryGetValue(key, out Bucket? bucket))
        {
            if (buckets.Count >= BucketsMax)
                ForgetFull();

            bucket = buckets.GetOrAdd(key, static (_, start) => new Bucket { Tokens = start.burst, At = start.Now }, (burst, Now: clock.GetTimestamp()));
        }

        lock (bucket)
        {
            Refill(bucket);
            bool isTaken = bucket.Tokens >= 1;
            if (isTaken)
                bucket.Tokens--;

            left = (int)bucket.Tokens;
            fullIn = TimeSpan.FromSeconds(((isTaken ? burst : 1) - bucket.Tokens) / perSecond);
            return isTaken;
        }
    }

    /// <summary>For what turned out to cost nothing.</summary>
    public void GiveBack(TKey key)
    {
        if (!buckets.TryGetValue(key, out Bucket? bucket))
            return;

        lock (bucket)
        {
            Refill(bucket);
            bucket.Tokens = Math.Min(burst, bucket.Tokens + 1);
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
        foreach ((TKey key, Bucket bucket) in buckets)
        {
            lock (bucket)
            {
                Refill(bucket);
                if (bucket.Tokens >= burst)
                    buckets.TryRemove(key, out _);
            }
        }
    }

    private sealed class Bucket
    {
        public double Tokens { get; set; }

        public long At { get; set; }
    }
}
