using Claudemesh.Broker.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Claudemesh.Broker.Rest;

/// <summary>
/// Which pages' scripts may read answers: the broker's own and those that the operator named, as for sockets. Another page's requests come without
/// cookies, so it has only the key or token that its user gave it.
/// </summary>
internal sealed class CrossOrigin(IOptions<SocketOptions> options)
{
    private const string AskedHeaders = "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, X-Workspace";
    private const string ShownHeaders = "ETag, Idempotency-Replayed, RateLimit, RateLimit-Policy, Retry-After";
    private const string KeptSeconds = "3600";

    public Task AllowAsync(HttpContext context, RequestDelegate next)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.Append(HeaderNames.Vary, HeaderNames.Origin);
        if (IsAdmitted(context.Request))
        {
            headers.AccessControlAllowOrigin = context.Request.Headers.Origin;
            headers.AccessControlExposeHeaders = ShownHeaders;
        }

        return next(context);
    }

    /// <summary>The answer to OPTIONS, which a browser sends before anything that a form could not: what the path takes.</summary>
    public void Describe(HttpContext context, string methods)
    {
        IHeaderDictionary headers = context.Response.Headers;
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        if (!IsAdmitted(context.Request))
            return;

        headers.AccessControlAllowMethods = methods;
        headers.AccessControlAllowHeaders = AskedHeaders;
        headers.AccessControlMaxAge = KeptSeconds;
    }

    private bool IsAdmitted(HttpRequest request) => request.Headers.Origin.Count == 1 && OriginRule.Admits(request, options.Value.AllowedOrigins);
}
