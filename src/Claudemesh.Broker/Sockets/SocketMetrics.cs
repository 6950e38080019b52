using System.Diagnostics.Metrics;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Sockets;

/// <summary>
/// What goes on at the doors. Connections keep the names that 1.x operators know (wire reference 6). Labels are kinds and
/// error codes, never who or what: there is a known number of each.
/// </summary>
internal sealed class SocketMetrics
{
    public const string MeterName = "Claudemesh.Broker";

    private readonly Counter<long> opened;
    private readonly Counter<long> rejected;
    private readonly UpDownCounter<long> active;
    private readonly Counter<long> received;
    private readonly Counter<long> sent;
    private readonly Counter<long> sentBytes;
    private readonly Counter<long> refusals;
    private readonly Counter<long> crowded;
    private readonly Counter<long> cut;
    private readonly Counter<long> droppedEvents;

    public SocketMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(MeterName);
        opened = meter.CreateCounter<long>("broker_connections_total", description: "Sockets that were opened");
        rejected = meter.CreateCounter<long>("broker_connections_rejected_total", description: "Sockets closed before or at their hello, by error code");
        active = meter.CreateUpDownCounter<long>("broker_connections_active", description: "Sockets that are open");
        received = meter.CreateCounter<long>("claudemesh_frames_received", description: "Messages read from sockets");
        sent = meter.CreateCounter<long>("claudemesh_frames_sent", description: "Frames written to sockets");
        sentBytes = meter.CreateCounter<long>("claudemesh_frame_bytes_sent", description: "Bytes of those frames");
        refusals = meter.CreateCounter<long>("claudemesh_refusals", description: "Requests that were refused, by error code");
        crowded = meter.CreateCounter<long>("claudemesh_outboxes_crowded", description: "Outboxes that passed their high mark: pushes stop there");
        cut = meter.CreateCounter<long>("claudemesh_outboxes_cut", description: "Sockets cut because their peer asks and does not read");
        droppedEvents = meter.CreateCounter<long>("claudemesh_outbox_events_dropped", description: "Events that gave way to one resync");
    }

    public void Opened()
    {
        opened.Add(1);
        active.Add(1);
    }

    public void Closed() => active.Add(-1);

    public void Rejected(MeshError why) => rejected.Add(1, new KeyValuePair<string, object?>("reason", why.Code));

    public void Refused(MeshError why) => refusals.Add(1, new KeyValuePair<string, object?>("code", why.Code));

    public void Received() => received.Add(1);

    public void Sent(int frames, int bytes)
    {
        sent.Add(frames);
        sentBytes.Add(bytes);
    }

    public void Crowded() => crowded.Add(1);

    public void Cut() => cut.Add(1);

    public void DroppedEvent() => droppedEvents.Add(1);
}
