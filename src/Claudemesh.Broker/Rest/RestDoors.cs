using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Rest;

/// <summary>
/// Hangs the table of routes into the web server. Whatever else is asked of a path of it is told which methods the path takes, and every path
/// below <c>/api</c> that is none is told so.
/// </summary>
internal static class RestDoors
{
    public static void MapRest(this WebApplication app)
    {
        RestDoor door = app.Services.GetRequiredService<RestDoor>();
        CrossOrigin origins = app.Services.GetRequiredService<CrossOrigin>();
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal), api => api.Use(origins.AllowAsync));
        foreach (IGrouping<string, RestRoute> path in app.Services.GetRequiredService<RestRoutes>().All.GroupBy(ShapeOf, StringComparer.Ordinal))
        {
            foreach (RestRoute route in path)
                app.MapMethods(route.FullPath, route.Method == HttpMethods.Get ? [HttpMethods.Get, HttpMethods.Head] : [route.Method], context => door.RunAsync(route, context));

            string allow = string.Join(", ", path.Select(route => route.Method).SelectMany(WithHead).Append(HttpMethods.Options));
            app.Map(path.First().FullPath, context => AnswerOtherAsync(context, allow, origins));
        }

        app.Map("/api/{**rest}", static context => HttpBodies.RefuseAsync(context, MeshError.NoSuchRoute));
    }

    /// <summary>Two paths are one where only the words for what stands in them differ.</summary>
    private static string ShapeOf(RestRoute route) => string.Join('/', route.FullPath.Split('/').Select(
        part => part.StartsWith('{') && !part.StartsWith("{**", StringComparison.Ordinal) ? "{}" : part));

    private static IEnumerable<string> WithHead(string method) => method == HttpMethods.Get ? [method, HttpMethods.Head] : [method];

    private static Task AnswerOtherAsync(HttpContext context, string allow, CrossOrigin origins)
    {
        context.Response.Headers.Allow = allow;
        if (!HttpMethods.IsOptions(context.Request.Method))
            return HttpBodies.RefuseAsync(context, MeshError.MethodNotAllowed);

        origins.Describe(context, allow);
        return Task.CompletedTask;
    }
}
