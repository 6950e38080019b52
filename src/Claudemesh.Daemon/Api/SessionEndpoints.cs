using Claudemesh.Daemon.Sessions;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>The running sessions of this person.</summary>
internal sealed class SessionEndpoints(OpenSessions sessions)
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

        LocalReply<Session> opened = await sessions.OpenAsync(body.Value with { Workspace = scope.Value.Workspace }, context.RequestAborted);
        await LocalHttp.WriteAsync(context, opened, LocalJson.Default.Session, StatusCodes.Status201Created);
    }

    public async Task CloseAsync(HttpContext context)
    {
        string id = (string)context.Request.RouteValues["id"]!;
        LocalReply<Session> closed = await sessions.CloseAsync(id, LocalHttp.DoorWorkspace(context), context.RequestAborted);
        await LocalHttp.WriteAsync(context, closed, LocalJson.Default.Session);
    }
}
