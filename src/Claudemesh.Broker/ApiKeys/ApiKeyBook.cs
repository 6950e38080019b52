using System.Net;

namespace Claudemesh.Broker.ApiKeys;

/// <param name="Key">Null when there is no such key, or when it is over.</param>
/// <param name="Wait">Not null: it was not looked up, and may be after this time.</param>
internal readonly record struct FoundKey(ApiKey? Key, TimeSpan? Wait);

/// <summary>The keys that have been used lately, so that a request asks no database; and what is open by them, which ends with them.</summary>
internal sealed class ApiKeyBook(ApiKeyStore store, KeyEndings endings, LookupRate rate, TimeProvider clock)
{
    private readonly SecretBook<ApiKey> known = new(
        hash => store.FindAsync(hash, CancellationToken.None), static key => key.RevokedAt is null, rate);

    public int Count => known.Count;

    /// <param name="from">Who has it looked up, where it is not known.</param>
    public async ValueTask<FoundKey> FindAsync(ApiKeySecret secret, IPAddress from, CancellationToken cancellationToken)
    {
        LookedUp<ApiKey> found = await known.FindAsync(secret.Hash(), from, cancellationToken);
        return new FoundKey(found.Value?.IsOver(clock.GetUtcNow()) == false ? found.Value : null, found.Wait);
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
        known.Forget(which);
        endings.Raise(which);
    }
}
