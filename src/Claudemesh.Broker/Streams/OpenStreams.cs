using System.Net;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;
using Microsoft.Extensions.Options;

namespace Claudemesh.Broker.Streams;

/// <summary>
/// All open streams of this broker: how many of each key and from each address, one watch over each key, one timer for the heartbeats of all, and
/// their end when the broker stops.
/// </summary>
internal sealed class OpenStreams : IDisposable
{
    private static readonly TimeSpan BetweenHeartbeats = TimeSpan.FromSeconds(30);

    private readonly RestOptions options;
    private readonly ApiKeyBook keys;
    private readonly StreamMetrics metrics;
    private readonly TimeProvider clock;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    private readonly Dictionary<long, KeyStreams> ofKey = [];
    private readonly Dictionary<IPAddress, int> fromAddress = [];
    private int count;
    private bool stopping;

    public OpenStreams(IOptions<RestOptions> options, ApiKeyBook keys, StreamMetrics metrics, TimeProvider clock)
    {
        this.options = options.Value;
        this.keys = keys;
        this.metrics = metrics;
        this.clock = clock;
        timer = clock.CreateTimer(static streams => ((OpenStreams)streams!).Beat(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Count
    {
        get
        {
            lock (gate)
                return count;
        }
    }

    /// <summary>From here on the stream ends when its key is over.</summary>
    /// <returns>Why there may be no further one, or null.</returns>
    public async ValueTask<MeshError?> TryAddAsync(TopicStream stream, IPAddress address, CancellationToken cancellationToken)
    {
        ApiKey key = stream.Caller.Key!;
        KeyWatch? watch = null;
        try
        {
            while (true)
            {
                lock (gate)
                {
                    if (Refuse(key, address) is { } refusal)
                        return refusal;
                    if (TryAdd(stream, address, ref watch))
                        return null;
                }

                // The first stream of a key brings the watch; the others hang on it.
                watch = await keys.WatchAsync(key, cancellationToken);
                if (watch is null)
                    return MeshError.ApiKeyInvalid;
            }
        }
        finally
        {
            watch?.Dispose();
        }
    }

    public void Remove(TopicStream stream, IPAddress address)
    {
        lock (gate)
        {
            KeyStreams streams = stream.OfKey!;
            streams.Open.Remove(stream);
            count--;
            if (--fromAddress[address] == 0)
                fromAddress.Remove(address);
            if (streams.Open.Count == 0)
            {
                if (ofKey.GetValueOrDefault(streams.Watch.Key.No) == streams)
                    ofKey.Remove(streams.Watch.Key.No);
                streams.Watch.Dispose();
            }

            if (count == 0)
                timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        metrics.Closed();
    }

    /// <summary>The broker stops: readers are told so, and come back when it is there again.</summary>
    public void Stop()
    {
        lock (gate)
        {
            stopping = true;
            foreach (KeyStreams streams in ofKey.Values)
                streams.End(MeshError.BrokerStopping);
        }
    }

    public void Dispose() => timer.Dispose();

    private MeshError? Refuse(ApiKey key, IPAddress address)
    {
        if (stopping)
            return MeshError.BrokerStopping;

        int already = ofKey.TryGetValue(key.No, out KeyStreams? streams) ? streams.Open.Count : 0;
        return already >= options.StreamsPerKey || fromAddress.GetValueOrDefault(address) >= options.StreamsPerAddress ? MeshError.TooManyStreams : null;
    }

    /// <param name="watch">Taken over if it is needed.</param>
    /// <returns>False when a watch is needed and there is none.</returns>
    private bool TryAdd(TopicStream stream, IPAddress address, ref KeyWatch? watch)
    {
        long key = stream.Caller.Key!.No;
        if (!ofKey.TryGetValue(key, out KeyStreams? streams) || streams.IsOver)
        {
            if (watch is null)
                return false;

            // A key that was rotated is another one here, while the streams under its former secret end.
            ofKey[key] = streams = new KeyStreams(watch);
            watch = null;
            streams.Watch.Over.UnsafeRegister(ended => EndOf((KeyStreams)ended!), streams);
        }

        stream.OfKey = streams;
        streams.Open.Add(stream);
        fromAddress[address] = fromAddress.GetValueOrDefault(address) + 1;
        if (count++ == 0)
            timer.Change(BetweenHeartbeats, BetweenHeartbeats);
        if (streams.IsOver)
            stream.End(MeshError.ApiKeyInvalid);

        metrics.Opened();
        return true;
    }

    private void EndOf(KeyStreams streams)
    {
        lock (gate)
        {
            streams.IsOver = true;
            streams.End(MeshError.ApiKeyInvalid);
        }
    }

    private void Beat()
    {
        OutboxFlush flush = new();
        SharedFrame heartbeat = StreamFrames.Heartbeat(clock.GetUtcNow());
        lock (gate)
        {
            foreach (TopicStream stream in ofKey.Values.SelectMany(static streams => streams.Open))
            {
                if (stream.Beat(heartbeat))
                    flush.Add(stream.Outbox);
            }
        }

        heartbeat.Release();
        flush.Release();
    }
}

/// <summary>The open streams of one key, in turn of <see cref="OpenStreams"/>.</summary>
internal sealed class KeyStreams(KeyWatch watch)
{
    public KeyWatch Watch { get; } = watch;

    public HashSet<TopicStream> Open { get; } = [];

    public bool IsOver { get; set; }

    public void End(MeshError why)
    {
        foreach (TopicStream stream in Open)
            stream.End(why);
    }
}
