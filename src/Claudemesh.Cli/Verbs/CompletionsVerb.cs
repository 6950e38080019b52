using System.CommandLine;
using System.CommandLine.Completions;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Completions;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh completions SHELL</c></summary>
internal static class CompletionsVerb
{
    private static readonly JsonShape Shape = new(CliJson.Default.CompletionScriptPrinted);

    public static Verb Declare(Surroundings around)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish", CompletionSources = { _ => ShellScripts.Shells.Select(name => new CompletionItem(name)) } };
        return new Verb("completions", "Prints a script that lets your shell complete verbs, options, and the names of peers, groups and workspaces.")
        {
            Arguments = { shell },
            Examples = ["completions bash", "completions fish"],
            Prints = Shape,
            RunAsync = (parsed, _) =>
            {
                string asked = parsed.GetRequiredValue(shell);
                if (!ShellScripts.Shells.Contains(asked, StringComparer.Ordinal))
                {
                    string meant = NearestMatch.DidYouMean(NearestMatch.Find(asked, ShellScripts.Shells));
                    return Task.FromResult(around.Terminal.Fail(LocalProblem.Of(
                        Problems.BadArguments, $"There are completions for bash, zsh and fish, not for '{asked}'.{meant}", 400, ExitCode.BadArguments)));
                }

                var printed = new CompletionScriptPrinted(asked, ShellScripts.Of(asked));
                return Task.FromResult(around.Terminal.Show(printed, Shape, _ => around.Terminal.Write(printed.Script)));
            },
        };
    }
}
