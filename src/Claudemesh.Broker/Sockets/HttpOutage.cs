using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Sockets;

/// <summary>While the database takes no writes, a request over HTTP is told the same as a frame: that nothing was kept, and to try again.</summary>
internal static class HttpOutage
{
    public static async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (DatabaseUnavailableException) when (!context.Response.HasStarted)
        {
            await HttpBodies.RefuseAsync(context, MeshError.Unavailable, ok: false);
        }
    }
}
