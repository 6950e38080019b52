using System.Diagnostics.Metrics;
using Claudemesh.Broker.Sockets;

namespace Claudemesh.Broker.Streams;

/// <summary>What goes on in the streams of REST.</summary>
internal sealed class StreamMetrics
{
    private readonly UpDownCounter<long> open;
    private readonly Counter<long> events;
    private readonly Counter<long> cut;

    public StreamMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(SocketMetrics.MeterName);
        open = meter.CreateUpDownCounter<long>("claudemesh_streams_open", description: "Streams of events that are open");
        events = meter.CreateCounter<long>("claudemesh_stream_messages", description: "Messages put into streams");
        cut = meter.CreateCounter<long>("claudemesh_streams_cut", description: "Streams cut because their reader is too slow");
    }

    public void Opened() => open.Add(1);

    public void Closed() => open.Add(-1);

    public void Told(int messages) => events.Add(messages);

    public void Cut() => cut.Add(1);
}
