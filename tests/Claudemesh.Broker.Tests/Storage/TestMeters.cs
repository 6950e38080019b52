using System.Diagnostics.Metrics;

namespace Claudemesh.Broker.Tests.Storage;

/// <summary>Meters that nobody reads.</summary>
internal sealed class TestMeters : IMeterFactory
{
    private readonly List<Meter> made = [];

    public Meter Create(MeterOptions options)
    {
        Meter meter = new(options);
        made.Add(meter);
        return meter;
    }

    public void Dispose() => made.ForEach(static meter => meter.Dispose());
}
