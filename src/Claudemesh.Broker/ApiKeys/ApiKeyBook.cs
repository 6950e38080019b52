using System.Buffers.Binary;
using System.Collections.Concurrent;

namespace Claudemesh.Broker.ApiKeys;

/// <summary>The keys that have been used lately, so that a request asks no database. What is not in it is looked up; what was revoked is out of it.</summary>
internal sealed class ApiKeyBook(ApiKeyStore store, KeyEndings endings, TimeProvider clock)
{
    /// <summary>Kept at most. Beyond, all are forgotten and looked up again.</summary>
    private const int KeysMax = 100_000;

    private readonly ConcurrentDictionary<KeyHash, ApiKey> known = new();
    private long forgettings;

    public int Count => known.Count;

    /// <summary>Null when there is no such key, or when it is over.</summary>
    public async ValueTask<ApiKey?> FindAsync(ApiKeySecret secret, CancellationToken cancellationToken)
    {
        byte[] hash = secret.Hash();
        KeyHash place = KeyHash.Of(hash);
        if (!known.TryGetValue(place, out ApiKey? key))
        {
            long before = Interlocked.Read(ref forgettings);
            key = await store.FindAsync(hash, cancellationToken);

            if (key is { RevokedAt: null })
                Put(place, key);

            // What is revoked meanwhile must not come in again behind its revocation. Asked after it is in: one that is revoked from here on is found.
            if (Interlocked.Read(ref forgettings) != before)
                known.TryRemove(place, out _);
        }

        return key is null || key.IsOver(clock.GetUtcNow()) ? null : key;
    }

    /// <summary>For what stays open by a key that has been found: tells when it is over.</summary>
    /// <returns>Null when it has ended meanwhile.</returns>
    public async ValueTask<KeyWatch?> WatchAsync(ApiKey key, CancellationToken cancellationToken)
    {
        KeyWatch watch = endings.Add(key);
        bool isLive = false;
        try
        {
            // Asked once it watches: what ended before is seen here, and what ends from here on is told.
            isLive = await store.IsLiveAsync(key, cancellationToken);
            return isLive ? watch : null;
        }
        finally
        {
            if (!isLive)
                watch.Dispose();
        }
    }

    /// <summary>Call after the store has them as revoked, or as changed: the next request looks them up, and what is open by them ends.</summary>
    public void Forget(Func<ApiKey, bool> which)
    {
        Interlocked.Increment(ref forgettings);
        foreach ((KeyHash place, ApiKey key) in known)
        {
            if (which(key))
                known.TryRemove(place, out _);
        }

        endings.Raise(which);
    }

    private void Put(KeyHash place, ApiKey key)
    {
        if (known.Count >= KeysMax)
            known.Clear();

        known[place] = key;
    }

    /// <summary>A SHA-256 that can be compared without a list of bytes.</summary>
    private readonly record struct KeyHash(UInt128 High, UInt128 Low)
    {
        public static KeyHash Of(ReadOnlySpan<byte> hash) => new(
            BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));
    }
}
