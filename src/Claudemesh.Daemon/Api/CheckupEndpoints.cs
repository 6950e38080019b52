using Claudemesh.Client;
using Claudemesh.Daemon.Checkups;
using Claudemesh.Daemon.Outbox;
using Claudemesh.Daemon.Storage;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>What <c>claudemesh doctor</c> asks: the daemon is the one that has the network and the database.</summary>
internal sealed class CheckupEndpoints(
    DaemonHome home, JoinedWorkspaces workspaces, OutboxStore outbox, DaemonDatabase database, HttpClient http, TimeProvider clock)
{
    public async Task CheckAsync(HttpContext context)
    {
        LocalReply<Scope> scope = LocalHttp.ReadScope(context);
        LocalReply<LiveWorkspace[]> within = scope.Value is null ? scope.Problem! : workspaces.Require(scope.Value.Workspace);
        if (within.Value is not { } chosen)
        {
            await LocalHttp.WriteProblemAsync(context, within.Problem!);
            return;
        }

        var examination = new BrokerExamination(http, SystemProxy.Instance, clock);
        BrokerCheck[] brokers = await Task.WhenAll(chosen
            .GroupBy(workspace => workspace.Row.Broker, workspace => workspace.Row.Slug, StringComparer.Ordinal)
            .Select(broker => examination.ExamineAsync(broker.Key, [.. broker], context.RequestAborted)));
        // A daemon that has just started is not yet as connected as it will be.
        await Task.WhenAll(chosen.Select(workspace => workspace.WaitForFirstAttemptAsync(context.RequestAborted)));
        long?[] waiting = [.. chosen.Select(workspace => outbox.FindOldestWaiting(workspace.Row.No))];
        var checkup = new Checkup(
            brokers,
            waiting.Min() is { } oldest ? DateTimeOffset.FromUnixTimeMilliseconds(oldest) : null,
            FileBytes(home.Database) + FileBytes(home.Database + "-wal"),
            database.Read(CountRows));
        await LocalHttp.WriteAsync(context, checkup, LocalJson.Default.Checkup);
    }

    private static long FileBytes(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    /// <summary>An index is counted by the tables that it is kept in: it has no rows of its own.</summary>
    private static List<TableSize> CountRows(Sql sql) =>
    [
        .. sql.Query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name", row => row.GetString(0))
            .Select(name => new TableSize(name, sql.Number($"SELECT COUNT(*) FROM \"{name}\""))),
    ];
}
