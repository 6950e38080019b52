using System.Globalization;
using Claudemesh.Daemon.Inbox;
using Claudemesh.Daemon.Outbox;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>The daemon itself: which version, how it is, where its log is, and its end.</summary>
internal sealed class DaemonEndpoints(
    DaemonHome home, JoinedWorkspaces workspaces, OutboxStore outbox, InboxStore inbox, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    private readonly DateTimeOffset startedAt = clock.GetUtcNow();

    public static Task GetVersionAsync(HttpContext context) => LocalHttp.WriteAsync(
        context, new DaemonVersion(DaemonBuild.Version, "v1", Environment.ProcessId), LocalJson.Default.DaemonVersion);

    public Task GetStatusAsync(HttpContext context)
    {
        LocalReply<Scope> scope = LocalHttp.ReadScope(context);
        if (!scope.Succeeded)
            return LocalHttp.WriteProblemAsync(context, scope.Problem);

        List<WorkspaceStatus> each = [.. workspaces.In(scope.Value.Workspace).Select(Describe)];
        return LocalHttp.WriteAsync(
            context,
            new DaemonStatus(
                DaemonBuild.Version,
                Environment.ProcessId,
                startedAt,
                home.Folder,
                Environment.WorkingSet,
                each.Sum(workspace => workspace.Pending),
                each.Sum(workspace => workspace.Unread),
                each),
            LocalJson.Default.DaemonStatus);
    }

    public Task FindLogAsync(HttpContext context) =>
        LocalHttp.WriteAsync(context, new LogLocation(home.LogFile), LocalJson.Default.LogLocation);

    public async Task ShutDownAsync(HttpContext context)
    {
        if (LocalHttp.DoorWorkspace(context) is not null)
        {
            await LocalHttp.WriteProblemAsync(context, LocalProblem.Of(
                LocalErrors.Forbidden, "The daemon is stopped at its own socket, not at a workspace's.", 403, ExitCode.Denied));
            return;
        }

        // Who wants a certain process to end must not end the one that has taken its place.
        if (LocalHttp.Query(context, "pid") is { } pid && pid != Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
        {
            await LocalHttp.WriteProblemAsync(context, LocalProblem.Of(
                LocalErrors.InvalidRequest, $"This daemon is process {Environment.ProcessId}, not {pid}.", 409, ExitCode.NotFound));
            return;
        }

        await LocalHttp.WriteAsync(context, new Stopping(Environment.ProcessId), LocalJson.Default.Stopping, StatusCodes.Status202Accepted);
        await context.Response.CompleteAsync();
        lifetime.StopApplication();
    }

    private WorkspaceStatus Describe(LiveWorkspace workspace) => workspace.DescribeConnection() with
    {
        Pending = outbox.CountWaiting(workspace.Row.No),
        Unread = inbox.CountUnread(workspace.Row.No),
    };
}
