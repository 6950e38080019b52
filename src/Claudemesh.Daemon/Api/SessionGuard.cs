using Claudemesh.Daemon.Sessions;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Api;

/// <summary>
/// Stands before every route: a call that comes from a limited session's processes, or says that it is one's, does what that session was left and no more.
/// </summary>
internal sealed class SessionGuard(SessionLimits limits)
{
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint || Find(context, out string? session) is not { } allows)
            return next(context);

        string route = $"{context.Request.Method} {endpoint.RoutePattern.RawText}";
        return SessionTable.Allows(route, allows) ? next(context) : LocalHttp.WriteProblemAsync(context, Refuse(route, allows, session!));
    }

    /// <summary>All that the caller may do; null: he is not limited.</summary>
    public SessionCapabilities? Find(HttpContext context, out string? session) =>
        limits.FindFor(NamedBy(context), LocalHttp.CallerProcess(context), out session);

    /// <summary>The sessions that a request calls its own.</summary>
    public static IEnumerable<string> NamedBy(HttpContext context)
    {
        foreach (string? named in context.Request.Headers[SessionWords.Header].Append(LocalHttp.Query(context, "session")).Append(LocalHttp.Query(context, "caller")))
        {
            if (SessionId.TryParse(named, out SessionId id))
                yield return id.Value;
        }
    }

    private static LocalProblem Refuse(string route, SessionCapabilities allows, string session)
    {
        string left = allows is SessionCapabilities.None ? "nothing" : string.Join(", ", SessionCapabilityWords.Write(allows));
        string why = allows.HasFlag(SessionTable.NeededFor(route))
            ? "a limited session does not change a limit"
            : $"it lacks the capability {SessionCapabilityWords.Write(SessionTable.NeededFor(route))[0]}";
        return LocalProblem.Of(
            LocalErrors.SessionLimited,
            $"This is forbidden for this session: {why}; it was left {left}. Its person gives it more from outside of it: `claudemesh session limit {session} --allow …`.",
            403,
            ExitCode.Denied);
    }
}
