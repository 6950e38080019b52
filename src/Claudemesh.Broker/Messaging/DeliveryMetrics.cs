using System.Diagnostics.Metrics;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;

namespace Claudemesh.Broker.Messaging;

/// <summary>
/// What the open workspaces hold, added up when somebody asks: nothing is counted in between, and no label names a workspace.
/// </summary>
internal sealed class DeliveryMetrics
{
    public const string MeterName = "Claudemesh.Broker.Messaging";

    private readonly OpenWorkspaces workspaces;

    public DeliveryMetrics(IMeterFactory meters, OpenWorkspaces workspaces, Database database, SendRate rate)
    {
        this.workspaces = workspaces;
        Meter meter = meters.Create(MeterName);
        Gauge(meter, "claudemesh_delivery_waiting_entries", static figures => figures.Waiting, "Entries that wait in mailboxes touched lately");
        Gauge(meter, "claudemesh_delivery_in_flight_entries", static figures => figures.InFlight, "Entries pushed and not acknowledged");
        Gauge(meter, "claudemesh_delivery_held_bytes", static figures => figures.HeldBytes, "Bytes of messages accepted or parked and not yet durable");
        Gauge(meter, "claudemesh_delivery_parked_messages", static figures => figures.Parked, "Messages whose mailbox is being asked for");
        Gauge(meter, "claudemesh_delivery_remembered_submissions", static figures => figures.Remembered, "Client ids remembered in memory");
        Gauge(meter, "claudemesh_delivery_mailboxes", static figures => figures.Mailboxes, "Mailboxes in memory");
        Gauge(meter, "claudemesh_delivery_readers", static figures => figures.Readers, "Readers that are attached");
        Gauge(meter, "claudemesh_delivery_pages", static figures => figures.Pages, "Pages asked of the store and not answered");
        Gauge(meter, "claudemesh_delivery_tallies", static figures => figures.Tallies, "Messages whose receipts are counted in memory");
        Gauge(meter, "claudemesh_delivery_uncommitted_steps", static figures => figures.Outstanding, "Steps that wait for their commit");
        Gauge(meter, "claudemesh_delivery_ignored_inputs", static figures => figures.Ignored, "Acknowledgements and receipts of what was not pushed, since each workspace was opened");
        meter.CreateObservableGauge(
            "claudemesh_delivery_inputs", () => workspaces.All().Sum(static workspace => (long)workspace.Loop.InputCount),
            description: "Inputs that wait for their workspace's loop; sockets wait above 4,096 in one workspace");
        meter.CreateObservableGauge("claudemesh_workspaces_open", () => (long)workspaces.All().Count(), description: "Workspaces in use");
        meter.CreateObservableGauge("claudemesh_peers", CountPeers, description: "Peers that are connected, by kind");
        meter.CreateObservableGauge("claudemesh_peers_leased", CountLeased, description: "Peers that lost their connection and keep their place for the grace");
        meter.CreateObservableGauge("claudemesh_send_rate_members", () => (long)rate.Count, description: "Members whose rate is being watched; 100,000 at most");
        meter.CreateObservableGauge("broker_db_healthy", () => database.Healthy ? 1L : 0L, description: "1 while the database takes writes");
    }

    private void Gauge(Meter meter, string name, Func<DeliveryFigures, long> figure, string description) => meter.CreateObservableGauge(
        name, () => workspaces.All().Sum(workspace => figure(workspace.Loop.Figures)), unit: null, description);

    private IEnumerable<Measurement<long>> CountPeers()
    {
        long[] counts = new long[Enum.GetValues<PeerKind>().Length];
        foreach (RosterPeer peer in Peers().Where(static peer => peer.Online))
            counts[(int)peer.Identity.Kind]++;

        return
        [
            Of(PeerKind.Device, "device"), Of(PeerKind.Session, "session"),
            Of(PeerKind.LegacyMember, "legacy_member"), Of(PeerKind.LegacySession, "legacy_session"),
        ];

        Measurement<long> Of(PeerKind kind, string label) => new(counts[(int)kind], new KeyValuePair<string, object?>("kind", label));
    }

    private long CountLeased() => Peers().Count(static peer => !peer.Online);

    private IEnumerable<RosterPeer> Peers() => workspaces.All().SelectMany(static workspace => workspace.Roster.List());
}
