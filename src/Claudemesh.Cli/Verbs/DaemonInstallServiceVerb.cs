using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Cli.Service;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh daemon install-service</c></summary>
internal static class DaemonInstallServiceVerb
{
    private static readonly JsonShape Shape = new(CliJson.Default.ServicePrinted);

    public static Verb Declare(Surroundings around) => new("install-service", "Has the system start the daemon when you log in to it, and again when it dies. A login does that by itself.")
    {
        Examples = ["daemon install-service"],
        Prints = Shape,
        RunAsync = async (_, cancellationToken) =>
        {
            ServiceOutcome outcome = await DaemonService.InstallAsync(around, cancellationToken);
            return outcome.Problem is { } problem
                ? around.Terminal.Fail(problem)
                : around.Terminal.Show(
                    new ServicePrinted(outcome.Installed, outcome.File, outcome.Sentence), Shape, printed => around.Terminal.WriteLine(PlainText.Line(printed.Detail)));
        },
    };
}
