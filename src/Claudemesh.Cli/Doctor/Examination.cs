using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Verbs;
using Claudemesh.Local;

namespace Claudemesh.Cli.Doctor;

/// <summary>
/// Looks at everything that claudemesh stands on, from the bottom up. What needs the network or the database is asked of the daemon; what must be
/// known also when there is no daemon is looked at here.
/// </summary>
internal static class Examination
{
    /// <param name="root">The whole program: the skill on the disk is compared with it.</param>
    public static async Task<IReadOnlyList<Finding>> RunAsync(Surroundings around, Verb root, CancellationToken cancellationToken)
    {
        List<Finding> findings = [.. FolderChecks.Run(around)];
        findings.AddRange(await ProgramChecks.RunAsync(around, cancellationToken));
        (DaemonFound? daemon, LocalProblem? problem) = await around.Daemon.StartAsync(cancellationToken);
        findings.Add(daemon is null ? Dead(problem!) : Alive(daemon));
        if (daemon is not null)
            findings.AddRange(await AskDaemonAsync(around, cancellationToken));

        findings.AddRange(ClaudeChecks.Run(around, root));
        return findings;
    }

    private static async Task<IEnumerable<Finding>> AskDaemonAsync(Surroundings around, CancellationToken cancellationToken)
    {
        LocalReply<Checkup> checkup = await around.Daemon.AskRunningAsync((daemon, token) => daemon.CheckAsync(null, token), cancellationToken);
        LocalReply<DaemonStatus> status = await around.Daemon.AskRunningAsync((daemon, token) => daemon.GetStatusAsync(token), cancellationToken);
        if (!checkup.Succeeded || !status.Succeeded)
            return [Dead(checkup.Problem ?? status.Problem!)];

        LocalReply<WorkspaceList> workspaces = await around.Daemon.AskRunningAsync((daemon, token) => daemon.ListWorkspacesAsync(token), cancellationToken);
        IReadOnlyList<Finding> accounts = await AccountChecks.RunAsync(around, cancellationToken);
        return [.. accounts, .. BrokerChecks.Run(checkup.Value, status.Value), .. LogChecks.Run(workspaces.Value), OutboxCheck.Run(checkup.Value, status.Value, around.Clock)];
    }

    private static Finding Alive(DaemonFound daemon) => daemon.Version.Version == VersionVerb.Current
        ? Finding.Ok("daemon", $"{daemon.Version.Version}, process {daemon.Version.Pid}{(daemon.Started ? ", started for this" : "")}")
        : Finding.Error(
            "daemon", ExitCode.Internal, $"The daemon that runs is {daemon.Version.Version}, and this program {VersionVerb.Current}: there is another install.", "which -a claudemesh");

    private static Finding Dead(LocalProblem problem) => Finding.Error(
        "daemon",
        (ExitCode)problem.ExitCode,
        problem.Detail,
        problem.Error is LocalErrors.HomeUnusable ? $"export {DaemonHome.Variable}=/a/folder/of/your/own" : "claudemesh daemon logs");
}
