using System.Net;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;
using Microsoft.Extensions.Options;

namespace Claudemesh.Broker.Streams;

/// <summary>
/// All open streams of this broker: how many of each key and from each address, one timer for the heartbeats of all, and their end when the broker
/// stops.
/// </summary>
internal sealed class OpenStreams : IDisposable
{
    private static readonly TimeSpan BetweenHeartbeats = TimeSpan.FromSeconds(30);

    private readonly RestOptions options;
    private readonly StreamMetrics metrics;
    private readonly TimeProvider clock;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    private readonly HashSet<TopicStream> all = [];
    private readonly Dictionary<string, int> ofKey = new(StringComparer.Ordinal);
    private readonly Dictionary<IPAddress, int> fromAddress = [];
    private bool stopping;

    public OpenStreams(IOptions<RestOptions> options, StreamMetrics metrics, TimeProvider clock)
    {
        this.options = options.Value;
        this.metrics = metrics;
        this.clock = clock;
        timer = clock.CreateTimer(static streams => ((OpenStreams)streams!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Count
    {
        get
        {
            lock (gate)
                return all.Count;
        }
    }

    /// <returns>Why there may be no further one, or null.</returns>
    public MeshError? TryAdd(TopicStream stream, IPAddress address)
    {
        string key = stream.Caller.Key!.Id;
        lock (gate)
        {
            if (stopping)
                return MeshError.BrokerStopping;
            if (ofKey.GetValueOrDefault(key) >= options.StreamsPerKey || fromAddress.GetValueOrDefault(address) >= options.StreamsPerAddress)
                return MeshError.TooManyStreams;

            ofKey[key] = ofKey.GetValueOrDefault(key) + 1;
            fromAddress[address] = fromAddress.GetValueOrDefault(address) + 1;
            all.Add(stream);
            if (all.Count == 1)
                timer.Change(BetweenHeartbeats, BetweenHeartbeats);
        }

        metrics.Opened();
        return null;
    }

    public void Remove(TopicStream stream, IPAddress address)
    {
        lock (gate)
        {
            all.Remove(stream);
            Decrement(ofKey, stream.Caller.Key!.Id);
            Decrement(fromAddress, address);
        }

        metrics.Closed();
    }

    /// <summary>The broker stops: readers are told so, and come back when it is there again.</summary>
    public void Stop()
    {
        lock (gate)
        {
            stopping = true;
            foreach (TopicStream stream in all)
                stream.End(MeshError.BrokerStopping);
        }
    }

    public void Dispose() => timer.Dispose();

    private static void Decrement<T>(Dictionary<T, int> counts, T of)
        where T : notnull
    {
        if (--counts[of] == 0)
            counts.Remove(of);
    }

    private void Ring()
    {
        lock (gate)
        {
            if (all.Count > 0)
                Beat(clock.GetUtcNow());
            else
                timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private void Beat(DateTimeOffset now)
    {
        OutboxFlush flush = new();
        SharedFrame heartbeat = StreamFrames.Heartbeat(now);
        foreach (TopicStream stream in all)
        {
            if (stream.Beat(heartbeat))
                flush.Add(stream.Outbox);
        }

        heartbeat.Release();
        flush.Release();
    }
}
