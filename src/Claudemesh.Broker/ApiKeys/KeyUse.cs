using System.Collections.Concurrent;
using System.Threading.Channels;
using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.ApiKeys;

/// <summary>When API keys and personal tokens were last used: in memory until it is written for many at once, so that no request costs a write.</summary>
internal sealed class KeyUse(ApiKeyStore keys, PersonalTokenStore tokens, TimeProvider clock)
{
    /// <summary>Keys of one transaction.</summary>
    private const int WrittenAtOnce = 1_000;

    private readonly ConcurrentDictionary<long, Instant> ofKeys = new();
    private readonly ConcurrentDictionary<long, Instant> ofTokens = new();
    private readonly Channel<bool> news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int isTold;

    public int Count => ofKeys.Count + ofTokens.Count;

    public void Note(ApiKey key)
    {
        ofKeys[key.No] = clock.GetInstant();
        Tell();
    }

    public void Note(PersonalToken token)
    {
        ofTokens[token.No] = clock.GetInstant();
        Tell();
    }

    /// <summary>As it is now, written or not.</summary>
    public DateTimeOffset? LastOf(ApiKey key) => ofKeys.TryGetValue(key.No, out Instant at) ? at.ToTime() : key.LastUsedAt;

    public DateTimeOffset? LastOf(PersonalToken token) => ofTokens.TryGetValue(token.No, out Instant at) ? at.ToTime() : token.LastUsedAt;

    /// <summary>Until there is something to write.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await news.Reader.ReadAsync(cancellationToken);

    /// <summary>Writes what has been noted so far. What cannot be written stays for the next time.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref isTold, 0);
        try
        {
            await WriteAsync(ofKeys, uses => keys.NoteUsesAsync(uses, cancellationToken));
            await WriteAsync(ofTokens, uses => tokens.NoteUsesAsync(uses, cancellationToken));
        }
        finally
        {
            if (!ofKeys.IsEmpty || !ofTokens.IsEmpty)
                Tell();
        }
    }

    private static async Task WriteAsync(ConcurrentDictionary<long, Instant> unwritten, Func<KeyValuePair<long, Instant>[], Task> write)
    {
        foreach (KeyValuePair<long, Instant>[] uses in unwritten.ToArray().Chunk(WrittenAtOnce))
        {
            await write(uses);
            foreach (KeyValuePair<long, Instant> use in uses)
                unwritten.TryRemove(use);
        }
    }

    private void Tell()
    {
        if (Interlocked.Exchange(ref isTold, 1) == 0)
            news.Writer.TryWrite(true);
    }
}
