using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;

namespace Claudemesh.Broker.ApiKeys;

/// <param name="Key">Null when there is no such key, or when it is over.</param>
/// <param name="Wait">Not null: it was not looked up, and may be after this time.</param>
internal readonly record struct FoundKey(ApiKey? Key, TimeSpan? Wait);

/// <summary>The keys that have been used lately, so that a request asks no database. What is not in it is looked up; what was revoked is out of it.</summary>
internal sealed class ApiKeyBook(ApiKeyStore store, KeyEndings endings, LookupRate rate, TimeProvider clock)
{
    /// <summary>Kept at most. Beyond, all are forgotten and looked up again.</summary>
    private const int KeysMax = 100_000;

    private readonly ConcurrentDictionary<KeyHash, ApiKey> known = new();
    private readonly ConcurrentDictionary<KeyHash, Task<ApiKey?>> lookups = new();
    private long forgettings;

    public int Count => known.Count;

    /// <param name="from">Who has it looked up, where it is not known.</param>
    public async ValueTask<FoundKey> FindAsync(ApiKeySecret secret, IPAddress from, CancellationToken cancellationToken)
    {
        byte[] hash = secret.Hash();
        KeyHash place = KeyHash.Of(hash);
        if (!known.TryGetValue(place, out ApiKey? key))
        {
            // Many who come with one key at once, as after a restart, are one look-up.
            if (!lookups.TryGetValue(place, out Task<ApiKey?>? lookup))
            {
                if (!rate.TryTake(from, out TimeSpan wait))
                    return new FoundKey(null, wait);

                lookup = lookups.GetOrAdd(place, _ => LookUpAsync(hash, place, from));
            }

            key = await lookup.WaitAsync(cancellationToken);
        }

        return new FoundKey(key is null || key.IsOver(clock.GetUtcNow()) ? null : key, null);
    }

    /// <summary>For what stays open by a key that has been found: tells when it is over.</summary>
    /// <returns>Null when it has ended meanwhile.</returns>
    public async ValueTask<KeyWatch?> WatchAsync(ApiKey key, CancellationToken cancellationToken)
    {
        KeyWatch watch = endings.Add(key, key.ExpiresAt);
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

    /// <summary>
    /// Whoever asks after a key was forgotten must not get what was read before: a look-up is left by then, or is done again. That is asked once
    /// the key is in the book, so that one that is forgotten from there on is found in it.
    /// </summary>
    private async Task<ApiKey?> LookUpAsync(byte[] hash, KeyHash place, IPAddress from)
    {
        await Task.Yield();
        while (true)
        {
            long before = Interlocked.Read(ref forgettings);
            ApiKey? key;
            try
            {
                key = await store.FindAsync(hash, CancellationToken.None);
            }
            finally
            {
                lookups.TryRemove(place, out _);
            }

            if (key is { RevokedAt: null })
                Put(place, key);
            if (Interlocked.Read(ref forgettings) == before)
            {
                if (key is not null)
                    rate.GiveBack(from);
                return key;
            }

            known.TryRemove(place, out _);
        }
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
