using System.Diagnostics.Metrics;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Claudemesh.Broker.Health;

/// <summary>
/// <c>/metrics</c>, the Prometheus text of the capabilities' meters. The only place that knows what exports them (ADR 0007).
/// </summary>
internal static class MetricsEndpoint
{
    private const string RuntimeMeterName = "System.Runtime";

    private static readonly double[] SecondsBuckets =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private static readonly double[] MessagesBuckets = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

    public static void AddMetricsExport(this IServiceCollection services) => services
        .AddSingleton<SocketMetrics>().AddSingleton<StorageMetrics>().AddSingleton<DeliveryMetrics>().AddSingleton<RetentionMetrics>().AddSingleton<ApiKeyMetrics>()
        .AddOpenTelemetry()
        .ConfigureResource(resource => resource.AddService("claudemesh-broker", serviceVersion: BrokerFeatures.VersionNumber, autoGenerateServiceInstanceId: false))
        .WithMetrics(metrics => metrics
            .AddMeter(SocketMetrics.MeterName, DeliveryMetrics.MeterName, StorageMetrics.MeterName, RuntimeMeterName)
            .AddPrometheusExporter(exporter => exporter.ScopeInfoEnabled = false))
        .Services.ConfigureOpenTelemetryMeterProvider((provider, metrics) =>
            metrics.AddView(instrument => View(instrument, provider.GetRequiredService<IMeterFactory>())));

    public static void MapMetrics(this IEndpointRouteBuilder endpoints)
    {
        // Observed instruments exist once somebody has asked for them.
        endpoints.ServiceProvider.GetRequiredService<DeliveryMetrics>();
        endpoints.ServiceProvider.GetRequiredService<RetentionMetrics>();
        endpoints.ServiceProvider.GetRequiredService<ApiKeyMetrics>();
        endpoints.MapPrometheusScrapingEndpoint("/metrics");
    }

    private static MetricStreamConfiguration? View(Instrument instrument, IMeterFactory ours)
    {
        // Several brokers in one process have meters of one name; each tells its own.
        if (instrument.Meter.Scope is { } scope && scope != ours)
            return MetricStreamConfiguration.Drop;

        if (instrument is Histogram<double>)
            return new ExplicitBucketHistogramConfiguration { Boundaries = SecondsBuckets };

        return instrument is Histogram<long> ? new ExplicitBucketHistogramConfiguration { Boundaries = MessagesBuckets } : null;
    }
}
