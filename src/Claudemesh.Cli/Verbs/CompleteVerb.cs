using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Completions;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary>
/// <c>claudemesh __complete -- WORDS</c>, what the shells' scripts ask at a key: one possible word a line, and after a tab what it means. It never
/// starts a daemon, and never fails: a shell shows what a program says in the middle of the line that is being typed.
/// </summary>
internal static class CompleteVerb
{
    private static readonly JsonShape Shape = new(CliJson.Default.CompletionList, "completions");

    public static Verb Declare(Surroundings around)
    {
        var words = new Argument<string[]>("WORDS") { Description = "the line so far; the last word is the one being typed", Arity = ArgumentArity.ZeroOrMore };
        return new Verb("__complete", "Lists what could stand at the end of a line.")
        {
            Hidden = true,
            Arguments = { words },
            Examples = ["__complete -- send bo"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                Possible possible = Completer.Find(Verb.RootOf(parsed), parsed.GetValue(words) ?? []);
                IReadOnlyList<Completion> live = await LiveCompletions.AskAsync(around, possible.Live, cancellationToken);
                return around.Terminal.Show(new CompletionList([.. possible.Fixed, .. live]), Shape, list => Print(around.Terminal, list));
            },
        };
    }

    private static void Print(Terminal terminal, CompletionList list)
    {
        foreach (Completion one in list.Completions)
            terminal.WriteLine(one.Description.Length == 0 ? one.Word : $"{one.Word}\t{one.Description}");
    }
}
