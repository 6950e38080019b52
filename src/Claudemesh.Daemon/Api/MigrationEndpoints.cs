using Claudemesh.Daemon.Migrating;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>Members that get another key. At the door of all workspaces only: it reads a file with keys of any of them.</summary>
internal sealed class MigrationEndpoints(IdentityMigration migration)
{
    public async Task RunAsync(HttpContext context)
    {
        LocalReply<MigrateIdentity> body = LocalHttp.DoorWorkspace(context) is null
            ? await LocalHttp.ReadBodyAsync(context, LocalJson.Default.MigrateIdentity)
            : LocalProblem.Of(LocalErrors.Forbidden, "This socket is limited to one workspace.", 403, ExitCode.Denied);

        // Not ended with the caller: what is begun is better ended than left to the next call.
        LocalReply<MigrationReport> done = body.Value is { } request ? await migration.RunAsync(request, CancellationToken.None) : body.Problem!;
        await LocalHttp.WriteAsync(context, done, LocalJson.Default.MigrationReport);
    }
}
