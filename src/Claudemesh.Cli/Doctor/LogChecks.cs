using Claudemesh.Local;

namespace Claudemesh.Cli.Doctor;

/// <summary>No broker shows another log than the one that was signed, and nobody waits to be let in unawares.</summary>
internal static class LogChecks
{
    /// <param name="list">Null where it could not be asked for, which another check says.</param>
    public static IEnumerable<Finding> Run(WorkspaceList? list)
    {
        foreach (Workspace workspace in list?.Workspaces ?? [])
        {
            if (workspace.Forked)
            {
                yield return Finding.Error(
                    "keys",
                    ExitCode.Denied,
                    $"The broker shows another log of {workspace.Slug} than the one that was signed: nothing is sent there. Compare its head with another member.",
                    $"claudemesh log verify -w {workspace.Slug}");
            }
            else if (workspace.Waiting)
            {
                yield return Finding.Warning("keys", $"You wait to be let into {workspace.Slug}: an admin has to admit you.", "claudemesh list");
            }
        }
    }
}
