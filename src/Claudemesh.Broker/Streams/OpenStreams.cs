using System.Net;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;
using Microsoft.Extensions.Options;

namespace Claudemesh.Broker.Streams;

/// <summary>
/// All open streams of this broker: how many of each key, token or session and from each address, one watch over each of these, one timer for the
/// heartbeats of all, and their end when the broker stops.
/// </summary>
internal sealed class OpenStreams : IDisposable
{
    private static readonly TimeSpan BetweenHeartbeats = TimeSpan.FromSeconds(30);

    private readonly RestOptions options;
    private readonly StreamCredentials credentials;
    private readonly StreamMetrics metrics;
    private readonly TimeProvider clock;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    private readonly Dictionary<StreamOwner, KeyStreams> ofKey = [];
    private readonly Dictionary<IPAddress, int> fromAddress = [];
    private int count;
    private bool stopping;

    public OpenStreams(IOptions<RestOptions> options, StreamCredentials credentials, StreamMetrics metrics, TimeProvider clock)
    {
        this.options = options.Value;
        this.credentials = credentials;
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

    /// <summary>From here on the stream ends when what it was opened by is over.</summary>
    /// <returns>Why there may be no further one, or null.</returns>
    public async ValueTask<MeshError?> TryAddAsync(TopicStream stream, IPAddress address, CancellationToken cancellationToken)
    {
        StreamOwner owner = StreamOwner.Of(stream.Caller);
        KeyWatch? watch = null;
        try
        {
            while (true)
            {
                lock (gate)
                {
                    if (Refuse(owner, address) is { } refusal)
                        return refusal;
                    if (TryAdd(stream, owner, address, ref watch))
                        return null;
                }

                // The first stream of a key brings the watch; the others hang on it.
                watch = await credentials.WatchAsync(stream.Caller, cancellationToken);
                if (watch is null)
                    return owner.Over;
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
                if (ofKey.GetValueOrDefault(streams.Owner) == streams)
                    ofKey.Remove(streams.Owner);
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

    private MeshError? Refuse(StreamOwner owner, IPAddress address)
    {
        if (stopping)
            return MeshError.BrokerStopping;

        int already = ofKey.TryGetValue(owner, out KeyStreams? streams) ? streams.Open.Count : 0;
        return already >= options.StreamsPerKey || fromAddress.GetValueOrDefault(address) >= options.StreamsPerAddress ? MeshError.TooManyStreams : null;
    }

    /// <param name="watch">Taken over if it is needed.</param>
    /// <returns>False when a watch is needed and there is none.</returns>
    private bool TryAdd(TopicStream stream, StreamOwner owner, IPAddress address, ref KeyWatch? watch)
    {
        if (!ofKey.TryGetValue(owner, out KeyStreams? streams) || streams.IsOver)
        {
            if (watch is null)
                return false;

            // A key that was rotated is another one here, while the streams under its former secret end.
            ofKey[owner] = streams = new KeyStreams(owner, watch);
            watch = null;
            streams.Watch.Over.UnsafeRegister(ended => EndOf((KeyStreams)ended!), streams);
        }

        stream.OfKey = streams;
        streams.Open.Add(stream);
        fromAddress[address] = fromAddress.GetValueOrDefault(address) + 1;
        if (count++ == 0)
            timer.Change(BetweenHeartbeats, BetweenHeartbeats);
        if (streams.IsOver)
            stream.End(owner.Over);

        metrics.Opened();
        return true;
    }

    private void EndOf(KeyStreams streams)
    {
        lock (gate)
        {
            streams.IsOver = true;
            streams.End(streams.Owner.Over);
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

/// <summary>The open streams of one key, token or session, in turn of <see cref="OpenStreams"/>.</summary>
internal sealed class KeyStreams(StreamOwner owner, KeyWatch watch)
{
    public StreamOwner Owner { get; } = owner;

    public KeyWatch Watch { get; } = watch;

    public HashSet<TopicStream> Open { get; } = [];

    public bool IsOver { get; set; }

    public void End(MeshError why)
    {
        foreach (TopicStream stream in Open)
            stream.End(why);
    }
}
