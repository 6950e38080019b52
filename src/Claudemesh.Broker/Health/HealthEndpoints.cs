using System.Text.Json.Serialization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Health;

/// <summary><c>/health</c> in the 1.x shape, and what an orchestrator asks: does it live, may it get traffic.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        Database database = endpoints.ServiceProvider.GetRequiredService<Database>();
        TimeProvider clock = endpoints.ServiceProvider.GetRequiredService<TimeProvider>();
        long started = clock.GetTimestamp();

        endpoints.MapGet("/health", (HttpContext context) => WriteAsync(
            context,
            StatusCodes.Status200OK,
            new HealthReport("ok", database.Healthy ? "up" : "down", BrokerFeatures.VersionNumber, (long)clock.GetElapsedTime(started).TotalSeconds)));
        endpoints.MapGet("/health/live", (HttpContext context) => context.Response.WriteAsync("live\n", context.RequestAborted));
        endpoints.MapGet("/health/ready", (HttpContext context) => database.Healthy
            ? WriteAsync(context, StatusCodes.Status200OK, new ReadyReport("ready", Reason: null))
            : WriteAsync(context, StatusCodes.Status503ServiceUnavailable, new ReadyReport("not_ready", "db_down")));
    }

    private static Task WriteAsync<T>(HttpContext context, int status, T report)
        where T : class
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(report, typeof(T), HealthJson.Default, contentType: null, context.RequestAborted);
    }
}

/// <param name="Uptime">Seconds.</param>
internal sealed record HealthReport(string Status, string Db, string Version, long Uptime);

internal sealed record ReadyReport(string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(ReadyReport))]
internal sealed partial class HealthJson : JsonSerializerContext;
