using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Doctor;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh doctor</c>. Zero when nothing is an error; otherwise the code of the first error, in the order printed.</summary>
internal static class DoctorVerb
{
    private static readonly JsonShape Shape = new(CliJson.Default.DoctorPrinted, "findings");

    public static Verb Declare(Surroundings around) => new(
        "doctor", "Looks at the daemon, brokers, clocks, versions, permissions and Claude Code, and says what mends what is wrong. Ends with the code of the first error.")
    {
        Examples = ["doctor", "doctor --json=check,severity,mend"],
        Prints = Shape,
        RunAsync = async (parsed, cancellationToken) =>
        {
            DoctorPrinted result = DoctorPrinted.Of(await Examination.RunAsync(around, Verb.RootOf(parsed), cancellationToken));
            around.Terminal.Show(result, Shape, _ => Print(around.Terminal, result));
            return result.Code();
        },
    };

    private static void Print(Terminal terminal, DoctorPrinted result)
    {
        foreach (Finding finding in result.Findings)
        {
            string severity = finding.Severity.PadRight(9);
            terminal.WriteLine($"{(finding.Severity is Severities.Ok ? severity : terminal.Bold(severity))}{finding.Check.PadRight(11)}{PlainText.Line(finding.Detail)}");
            if (finding.Mend is { } mend)
                terminal.WriteLine($"{"",20}{terminal.Dim("mend it: ")}{PlainText.Line(mend)}");
        }

        terminal.WriteLine((result.Errors, result.Warnings) switch
        {
            (0, 0) => "Everything is well.",
            (0, 1) => "It works; there is 1 warning.",
            (0, var warnings) => $"It works; there are {warnings} warnings.",
            (1, _) => "There is 1 error.",
            (var errors, _) => $"There are {errors} errors.",
        });
    }
}
