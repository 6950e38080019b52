using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh summary [TEXT|--clear]</c></summary>
internal static class SummaryVerb
{
    public static Verb Declare(Surroundings around)
    {
        var me = new AboutMe(around);
        var text = new Argument<string[]>("TEXT") { Description = "one line; what the others see now if left out", Arity = ArgumentArity.ZeroOrMore };
        var clear = new Option<bool>("--clear") { Description = "say nothing any more" };
        var verb = new Verb("summary", "Says what you work on, in one line that the others see beside your name.")
        {
            Arguments = { text },
            Options = { clear },
            Examples = ["summary \"fixing the build\"", "summary", "summary --clear"],
            Prints = AboutMe.Shape,
            FindMistake = parsed => parsed.GetValue(clear) && TextOf(parsed.GetValue(text)).Length > 0
                ? "--clear takes the summary away; leave the text out, or --clear."
                : null,
            RunAsync = (parsed, cancellationToken) =>
            {
                string typed = TextOf(parsed.GetValue(text));
                bool isCleared = parsed.GetValue(clear);
                return typed.Length == 0 && !isCleared
                    ? me.ShowAsync(parsed, self => Print(me, self), cancellationToken)
                    : me.ChangeAsync(parsed, new ChangeSelf(new WhoAmI(), Summary: typed), self => Print(me, self), cancellationToken);
            },
        };
        return verb.With(me.Options);
    }

    private static string TextOf(string[]? words) => string.Join(' ', words ?? []).Trim();

    private static void Print(AboutMe me, Self self) => me.WriteLine(self.Summary is { } summary
        ? $"{me.Name(self)} in {PlainText.Line(self.Workspace)}: {PlainText.Line(summary)}"
        : $"{me.Name(self)} in {PlainText.Line(self.Workspace)} says nothing.");
}
