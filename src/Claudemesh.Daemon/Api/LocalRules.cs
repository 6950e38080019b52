using Claudemesh.Daemon.Storage;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>
/// What holds for every request: it is for this machine's own name and from no web page (a browser cannot reach a unix socket, but a proxy in front of
/// it could be tricked), and every answer that is no success is a problem with a code.
/// </summary>
internal sealed partial class LocalRules(DaemonHome home, ILogger<LocalRules> logger)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        // A program of a later version learns in passing that it is time to replace this one.
        context.Response.Headers.Server = LocalClient.ServerName + DaemonBuild.Version;
        if (context.Request.Headers.Origin.Count > 0 || !IsLocalHost(context.Request.Host.Host))
        {
            await LocalHttp.WriteProblemAsync(context, LocalProblem.Of(
                LocalErrors.Forbidden, "The local API is not for web pages; send no Origin, and Host localhost.", 403, ExitCode.Denied));
            return;
        }

        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone.
        }
#pragma warning disable CA1031 // The one place where a bug becomes an answer.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogFailed(error, context.Request.Method, context.Request.Path.Value);
            if (!context.Response.HasStarted)
                await LocalHttp.WriteProblemAsync(context, Explain(error));
            return;
        }

        if (!context.Response.HasStarted && context.Response.ContentLength is null)
            await ExplainEmptyAsync(context);
    }

    private static bool IsLocalHost(string host) => host is "" or "localhost" or "127.0.0.1" or "[::1]" or "::1";

    private LocalProblem Explain(Exception error) =>
        StorageFault.Explain(error, home) ?? LocalProblem.Of(LocalErrors.Internal, "The daemon failed at this request; see its log.", 500, ExitCode.Internal);

    private static Task ExplainEmptyAsync(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => LocalHttp.WriteProblemAsync(context, LocalProblem.Of(
            LocalErrors.RouteNotFound, $"There is no {context.Request.Path}; the daemon may be older than this program.", 404, ExitCode.Internal)),
        StatusCodes.Status405MethodNotAllowed => LocalHttp.WriteProblemAsync(context, LocalProblem.Of(
            LocalErrors.MethodNotAllowed, $"{context.Request.Path} does not take {context.Request.Method}.", 405, ExitCode.Internal)),
        _ => Task.CompletedTask,
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private partial void LogFailed(Exception error, string method, string? path);
}
