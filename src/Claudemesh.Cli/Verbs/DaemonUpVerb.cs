using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh daemon up</c></summary>
internal static class DaemonUpVerb
{
    private static readonly JsonShape Shape = new(CliJson.Default.DaemonPrinted);

    public static Verb Declare(Surroundings around) => new("up", "Starts the daemon, and returns when it is ready.")
    {
        Examples = ["daemon up"],
        Prints = Shape,
        RunAsync = async (_, cancellationToken) =>
        {
            (DaemonFound? found, LocalProblem? problem) = await around.Daemon.StartAsync(cancellationToken);
            if (found is null)
                return around.Terminal.Fail(problem!);

            var printed = new DaemonPrinted(true, found.Started, found.Version.Pid, found.Version.Version, around.Home.LogFile);
            return around.Terminal.Show(printed, Shape, _ => around.Terminal.WriteLine(
                $"The daemon {(found.Started ? "was started" : "is running already")}: version {found.Version.Version}, process {found.Version.Pid}."));
        },
    };
}
