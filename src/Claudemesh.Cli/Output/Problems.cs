using System.Text;
using Claudemesh.Local;

namespace Claudemesh.Cli.Output;

/// <summary>How a refusal is told.</summary>
internal static class Problems
{
    /// <summary>The code of a command line that cannot be run.</summary>
    public const string BadArguments = "bad_arguments";

    public static JsonShape Shape { get; } = new(LocalJson.Default.LocalProblem);

    /// <summary>A mistake on the command line that the parser does not see.</summary>
    public static LocalProblem Bad(string detail) => LocalProblem.Of(BadArguments, detail, 400, ExitCode.BadArguments);

    public static string Tell(LocalProblem problem)
    {
        var text = new StringBuilder("claudemesh: ").Append(PlainText.Line(problem.Detail)).Append('\n');
        foreach (Candidate candidate in problem.Candidates ?? [])
        {
            text.Append("  ").Append(PlainText.Line(candidate.Address)).Append("  ").Append(PlainText.Line(candidate.Name))
                .Append(" (").Append(candidate.Kind).Append(" in ").Append(PlainText.Line(candidate.Workspace)).Append(")\n");
        }

        return text.ToString();
    }
}
