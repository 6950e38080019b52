using System.Diagnostics.Metrics;

namespace Claudemesh.Broker.Storage;

/// <summary>What the writer counts, under the meter <c>Claudemesh.Broker.Storage</c>.</summary>
internal sealed class StorageMetrics
{
    public const string MeterName = "Claudemesh.Broker.Storage";

    private readonly Meter meter;
    private readonly Counter<long> commits;
    private readonly Counter<long> failures;
    private readonly Counter<long> messages;
    private readonly Counter<long> steps;
    private readonly Counter<long> writes;
    private readonly Counter<long> cursors;
    private readonly Histogram<long> batchMessages;
    private readonly Histogram<double> commitSeconds;

    public StorageMetrics(IMeterFactory meters)
    {
        meter = meters.Create(MeterName);
        commits = meter.CreateCounter<long>("claudemesh_storage_commits", description: "Transactions made durable");
        failures = meter.CreateCounter<long>("claudemesh_storage_commit_failures", description: "Transactions rolled back");
        messages = meter.CreateCounter<long>("claudemesh_storage_messages", description: "Messages made durable");
        steps = meter.CreateCounter<long>("claudemesh_storage_steps", description: "Delivery steps made durable");
        writes = meter.CreateCounter<long>("claudemesh_storage_writes", description: "Other writes that were run");
        cursors = meter.CreateCounter<long>("claudemesh_storage_cursor_rows", description: "Cursor rows written");
        batchMessages = meter.CreateHistogram<long>("claudemesh_storage_batch_messages", description: "Messages of one transaction");
        commitSeconds = meter.CreateHistogram<double>(
            "claudemesh_storage_commit_seconds", unit: "s", description: "From the begin of a transaction until it is durable");
    }

    public void Committed(int stepCount, int messageCount, int writeCount, int cursorRows, TimeSpan took)
    {
        commits.Add(1);
        steps.Add(stepCount);
        messages.Add(messageCount);
        writes.Add(writeCount);
        cursors.Add(cursorRows);
        batchMessages.Record(messageCount);
        commitSeconds.Record(took.TotalSeconds);
    }

    /// <param name="waiting">How many writes other than delivery steps wait for the writer.</param>
    public void Watch(Func<long> waiting) => meter.CreateObservableGauge(
        "claudemesh_storage_waiting_writes", waiting, description: "Writes that wait for the writer; above 1,024 the next waits outside");

    public void Failed() => failures.Add(1);
}
