using System.Globalization;
using Claudemesh.Daemon.Account;
using Claudemesh.Daemon.Inbox;
using Claudemesh.Daemon.Outbox;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>The daemon itself: which version, how it is, where its log is, and its end.</summary>
internal sealed class DaemonEndpoints(
    DaemonHome home, JoinedWorkspaces workspaces, OutboxStore outbox, InboxStore inbox, AccountViews accounts, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    private readonly DateTimeOffset startedAt = clock.GetUtcNow();

    public static Task GetVersionAsync(HttpContext context) => LocalHttp.WriteAsync(
        context, new DaemonVersion(DaemonBuild.Version, "v1", Environment.ProcessId), LocalJson.Default.DaemonVersion);

    public async Task GetStatusAsync(HttpContext context)
    {
        LocalReply<Scope> scope = LocalHttp.ReadScope(context);
        if (!scope.Succeeded)
        {
            await LocalHttp.WriteProblemAsync(context, scope.Problem);
            return;
        }

        List<WorkspaceStatus> each = [.. workspaces.In(scope.Value.Workspace).Select(Describe)];
        await LocalHttp.WriteAsync(
            context,
            new DaemonStatus(
                DaemonBuild.Version,
                Environment.ProcessId,
                startedAt,
                home.Folder,
                Environment.WorkingSet,
                each.Sum(workspace => workspace.Pending),
                each.Sum(workspace => workspace.Unread),
                each)
            {
                Hints = await FindHintsAsync(context),
            },
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

    /// <summary>At the door of one workspace the account is nobody's business.</summary>
    private async Task<IReadOnlyList<string>?> FindHintsAsync(HttpContext context)
    {
        if (LocalHttp.DoorWorkspace(context) is not null)
            return null;

        AccountList known = await accounts.ListAsync(asks: false, context.RequestAborted);
        string[] hints = [.. known.Accounts.Select(one => one.FindHint()).OfType<string>()];
        return hints.Length == 0 ? null : hints;
    }

    private WorkspaceStatus Describe(LiveWorkspace workspace) => workspace.DescribeConnection() with
    {
        Pending = outbox.CountWaiting(workspace.Row.No),
        Unread = inbox.CountUnread(workspace.Row.No),
    };
}
