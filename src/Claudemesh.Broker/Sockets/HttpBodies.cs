using System.Buffers;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Sockets;

/// <summary>Bodies of the REST doors: read within a bound, refused and answered in one form.</summary>
internal static class HttpBodies
{
    public const int BytesMax = 64 * 1024;

    /// <summary>Null, with the refusal already sent, when the body is too large or not of the documented form.</summary>
    public static async ValueTask<T?> ReadAsync<T>(HttpContext context, bool? ok = null)
        where T : class
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BytesMax + 1);
        try
        {
            int length = 0;
            while (length <= BytesMax && await context.Request.Body.ReadAsync(buffer.AsMemory(length), context.RequestAborted) is > 0 and var read)
                length += read;

            MeshError? refusal = MeshError.PayloadTooLarge;
            if (length <= BytesMax && FrameReader.TryReadBody(buffer.AsSpan(0, length), out T? body, out refusal))
                return body;

            await RefuseAsync(context, refusal!, ok);
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <param name="ok">False where 1.x clients look for <c>ok</c>.</param>
    public static Task RefuseAsync(HttpContext context, MeshError error, bool? ok = null)
    {
        context.RequestServices.GetRequiredService<SocketMetrics>().Refused(error);
        context.Response.StatusCode = error.HttpStatus;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(
            Problem.From(error, ok), ProtocolJson.TypeInfo<Problem>(), Problem.ContentType, context.RequestAborted);
    }

    public static Task ReplyAsync<T>(HttpContext context, int status, T body)
        where T : class
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(body, ProtocolJson.TypeInfo<T>(), contentType: null, context.RequestAborted);
    }
}
