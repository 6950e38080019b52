using System.Diagnostics.Metrics;

namespace Claudemesh.Broker.Messaging;

/// <summary>What retention took out.</summary>
internal sealed class RetentionMetrics
{
    private readonly Counter<long> rounds;
    private readonly Counter<long> failures;
    private readonly Counter<long> expired;
    private readonly Counter<long> refiled;
    private readonly Counter<long> readers;
    private readonly Histogram<double> roundSeconds;

    public RetentionMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(DeliveryMetrics.MeterName);
        rounds = meter.CreateCounter<long>("claudemesh_retention_rounds", description: "Rounds of retention that went through");
        failures = meter.CreateCounter<long>("claudemesh_retention_failures", description: "Rounds that broke off");
        expired = meter.CreateCounter<long>("claudemesh_retention_expired_entries", description: "Entries that nobody took in time");
        refiled = meter.CreateCounter<long>("claudemesh_retention_refiled_entries", description: "Entries of closed sessions that were offered to their members");
        readers = meter.CreateCounter<long>("claudemesh_retention_dropped_readers", description: "Readers that were not seen for the retention's time");
        roundSeconds = meter.CreateHistogram<double>("claudemesh_retention_round_seconds", unit: "s", description: "How long a round took");
    }

    public void Round(TimeSpan took)
    {
        rounds.Add(1);
        roundSeconds.Record(took.TotalSeconds);
    }

    public void Failed() => failures.Add(1);

    public void Expired(int entries) => expired.Add(entries);

    public void Refiled(int entries) => refiled.Add(entries);

    public void DroppedReaders(int count) => readers.Add(count);
}
