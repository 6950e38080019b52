using Claudemesh.Daemon.Sessions;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>The running sessions of this person.</summary>
internal sealed class SessionEndpoints(OpenSessions sessions, SessionGuard guard)
{
    public Task ListAsync(HttpContext context)
    {
        LocalReply<Scope> scope = LocalHttp.ReadScope(context);
        return scope.Succeeded
            ? LocalHttp.WriteAsync(context, new SessionList([.. sessions.List(scope.Value.Workspace)]), LocalJson.Default.SessionList)
            : LocalHttp.WriteProblemAsync(context, scope.Problem);
    }

    public async Task OpenAsync(HttpContext context)
    {
        LocalReply<OpenSession> body = await LocalHttp.ReadBodyAsync(context, LocalJson.Default.OpenSession);
        LocalReply<Scope> scope = LocalHttp.ReadScope(context, body.Value?.Workspace);
        if (!body.Succeeded || !scope.Succeeded)
        {
            await LocalHttp.WriteProblemAsync(context, body.Problem ?? scope.Problem!);
            return;
        }

        LocalReply<Session> opened = await sessions.OpenAsync(
            body.Value with { Workspace = scope.Value.Workspace }, guard.Find(context, out _), context.RequestAborted);
        await LocalHttp.WriteAsync(context, opened, LocalJson.Default.Session, StatusCodes.Status201Created);
    }

    public async Task LimitAsync(HttpContext context)
    {
        LocalReply<LimitSession> body = LocalHttp.DoorWorkspace(context) is null
            ? await LocalHttp.ReadBodyAsync(context, LocalJson.Default.LimitSession)
            : LocalProblem.Of(LocalErrors.Forbidden, "Sessions are limited at the daemon's own socket, not at a workspace's.", 403, ExitCode.Denied);
        await LocalHttp.WriteAsync(
            context, body.Succeeded ? await sessions.LimitAsync(body.Value, context.RequestAborted) : body.Problem, LocalJson.Default.Session);
    }

    public async Task CloseAsync(HttpContext context)
    {
        string id = (string)context.Request.RouteValues["id"]!;
        if (guard.Find(context, out _) is not null && !SessionGuard.NamedBy(context).Contains(id, StringComparer.Ordinal))
        {
            await LocalHttp.WriteProblemAsync(context, LocalProblem.Of(
                LocalErrors.Forbidden, "This is forbidden for this session: a limited session closes itself and no other.", 403, ExitCode.Denied));
            return;
        }

        LocalReply<Session> closed = await sessions.CloseAsync(id, LocalHttp.DoorWorkspace(context), context.RequestAborted);
        await LocalHttp.WriteAsync(context, closed, LocalJson.Default.Session);
    }
}
