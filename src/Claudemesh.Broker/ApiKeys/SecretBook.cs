using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;

namespace Claudemesh.Broker.ApiKeys;

/// <param name="Value">Null when there is none.</param>
/// <param name="Wait">Not null: it was not looked up, and may be after this time.</param>
internal readonly record struct LookedUp<T>(T? Value, TimeSpan? Wait)
    where T : class;

/// <summary>
/// What has been found lately by the hash of a secret, so that a request asks no database. What is not in it is looked up; what is over is out of it.
/// </summary>
/// <param name="find">Reads the store.</param>
/// <param name="isKept">False for what is over: it is not kept.</param>
internal sealed class SecretBook<T>(Func<byte[], ValueTask<T?>> find, Func<T, bool> isKept, LookupRate rate)
    where T : class
{
    /// <summary>Kept at most. Beyond, all are forgotten and looked up again.</summary>
    private const int KeptMax = 100_000;

    private readonly ConcurrentDictionary<Place, T> known = new();
    private readonly ConcurrentDictionary<Place, Task<T?>> lookups = new();
    private long forgettings;

    public int Count => known.Count;

    /// <param name="from">Who has it looked up, where it is not known.</param>
    public async ValueTask<LookedUp<T>> FindAsync(byte[] hash, IPAddress from, CancellationToken cancellationToken)
    {
        Place place = Place.Of(hash);
        if (known.TryGetValue(place, out T? value))
            return new LookedUp<T>(value, null);

        // Many who come with one secret at once, as after a restart, are one look-up.
        if (!lookups.TryGetValue(place, out Task<T?>? lookup))
        {
            if (!rate.TryTake(from, out TimeSpan wait))
                return new LookedUp<T>(null, wait);

            lookup = lookups.GetOrAdd(place, _ => LookUpAsync(hash, place, from));
        }

        return new LookedUp<T>(await lookup.WaitAsync(cancellationToken), null);
    }

    /// <summary>Call after the store has them as over, or as changed: the next request looks them up.</summary>
    public void Forget(Func<T, bool> which)
    {
        Interlocked.Increment(ref forgettings);
        foreach ((Place place, T value) in known)
        {
            if (which(value))
                known.TryRemove(place, out _);
        }
    }

    /// <summary>
    /// Whoever asks after something was forgotten must not get what was read before: a look-up is left by then, or is done again. That is asked once
    /// the value is in the book, so that one that is forgotten from there on is found in it.
    /// </summary>
    private async Task<T?> LookUpAsync(byte[] hash, Place place, IPAddress from)
    {
        await Task.Yield();
        while (true)
        {
            long before = Interlocked.Read(ref forgettings);
            T? value;
            try
            {
                value = await find(hash);
            }
            finally
            {
                lookups.TryRemove(place, out _);
            }

            if (value is not null && isKept(value))
                Put(place, value);
            if (Interlocked.Read(ref forgettings) == before)
            {
                if (value is not null)
                    rate.GiveBack(from);
                return value;
            }

            known.TryRemove(place, out _);
        }
    }

    private void Put(Place place, T value)
    {
        if (known.Count >= KeptMax)
            known.Clear();

        known[place] = value;
    }

    /// <summary>A SHA-256 that can be compared without a list of bytes.</summary>
    private readonly record struct Place(UInt128 High, UInt128 Low)
    {
        public static Place Of(ReadOnlySpan<byte> hash) => new(
            BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));
    }
}
