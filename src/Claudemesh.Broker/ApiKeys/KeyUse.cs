using System.Collections.Concurrent;
using System.Threading.Channels;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.ApiKeys;

/// <summary>When keys were last used: in memory until it is written for many at once, so that no request costs a write.</summary>
internal sealed class KeyUse(ApiKeyStore store, TimeProvider clock)
{
    /// <summary>Keys of one transaction.</summary>
    private const int WrittenAtOnce = 1_000;

    private readonly ConcurrentDictionary<long, Instant> unwritten = new();
    private readonly Channel<bool> news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int isTold;

    public int Count => unwritten.Count;

    public void Note(ApiKey key)
    {
        unwritten[key.No] = clock.GetInstant();
        Tell();
    }

    /// <summary>As it is now, written or not.</summary>
    public DateTimeOffset? LastOf(ApiKey key) => unwritten.TryGetValue(key.No, out Instant at) ? at.ToTime() : key.LastUsedAt;

    /// <summary>Until there is something to write.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await news.Reader.ReadAsync(cancellationToken);

    /// <summary>Writes what has been noted so far. What cannot be written stays for the next time.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref isTold, 0);
        try
        {
            foreach (KeyValuePair<long, Instant>[] uses in unwritten.ToArray().Chunk(WrittenAtOnce))
            {
                await store.NoteUsesAsync(uses, cancellationToken);
                foreach (KeyValuePair<long, Instant> use in uses)
                    unwritten.TryRemove(use);
            }
        }
        finally
        {
            if (!unwritten.IsEmpty)
                Tell();
        }
    }

    private void Tell()
    {
        if (Interlocked.Exchange(ref isTold, 1) == 0)
            news.Writer.TryWrite(true);
    }
}
