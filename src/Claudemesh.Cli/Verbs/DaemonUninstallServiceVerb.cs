using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Cli.Service;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh daemon uninstall-service</c>. That there is none is a success: it is what was asked for.</summary>
internal static class DaemonUninstallServiceVerb
{
    private static readonly JsonShape Shape = new(CliJson.Default.ServicePrinted);

    public static Verb Declare(Surroundings around) => new("uninstall-service", "Takes that back. The daemon stops; verbs start it when they need it.")
    {
        Examples = ["daemon uninstall-service"],
        Prints = Shape,
        RunAsync = async (_, cancellationToken) =>
        {
            ServiceOutcome outcome = await DaemonService.UninstallAsync(around, cancellationToken);
            return outcome.Problem is { } problem
                ? around.Terminal.Fail(problem)
                : around.Terminal.Show(
                    new ServicePrinted(outcome.Installed, outcome.File, outcome.Sentence), Shape, printed => around.Terminal.WriteLine(PlainText.Line(printed.Detail)));
        },
    };
}
