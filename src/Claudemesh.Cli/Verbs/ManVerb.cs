using System.CommandLine;
using System.Text;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Manual;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh man [VERB ...]</c></summary>
internal static class ManVerb
{
    private static readonly JsonShape Shape = new(CliJson.Default.ManualPrinted);

    public static Verb Declare(Surroundings around)
    {
        var words = new Argument<string[]>("VERB") { Description = "the verb whose page it is; the program's own if left out", Arity = ArgumentArity.ZeroOrMore };
        var folder = new Option<string?>("--all") { Description = "write the page of every verb into this folder instead", HelpName = "FOLDER" };
        return new Verb("man", "Prints a manual page, for man -l -.")
        {
            Arguments = { words },
            Options = { folder },
            Examples = ["man send", "man daemon up", "man --all share/man/man1"],
            Prints = Shape,
            RunAsync = (parsed, _) =>
            {
                Verb root = Verb.RootOf(parsed);
                if (parsed.GetValue(folder) is { } target)
                    return Task.FromResult(WriteAll(around.Terminal, root, target));

                (Verb? verb, string? mistake) = Find(root, parsed.GetValue(words) ?? []);
                if (verb is null)
                    return Task.FromResult(around.Terminal.Fail(LocalProblem.Of(Problems.BadArguments, mistake!, 400, ExitCode.BadArguments)));

                var printed = new ManualPrinted([ManPage.Name(verb)], ManPage.Of(verb));
                return Task.FromResult(around.Terminal.Show(printed, Shape, _ => around.Terminal.Write(printed.Roff!)));
            },
        };
    }

    private static (Verb? Verb, string? Mistake) Find(Verb root, string[] words)
    {
        Verb verb = root;
        foreach (string word in words)
        {
            Verb[] below = [.. verb.Subcommands.OfType<Verb>().Where(one => !one.Hidden)];
            if (below.FirstOrDefault(one => string.Equals(one.Name, word, StringComparison.Ordinal)) is not { } next)
            {
                string? meant = NearestMatch.Find(word, below.Select(one => one.Name));
                return (null, $"'{HelpPage.FullName(verb)}' has no verb '{word}'.{NearestMatch.DidYouMean(meant)}");
            }

            verb = next;
        }

        return (verb, null);
    }

    private static ExitCode WriteAll(Terminal terminal, Verb root, string folder)
    {
        Directory.CreateDirectory(folder);
        List<string> pages = [];
        foreach (Verb verb in root.Visible())
        {
            pages.Add(ManPage.Name(verb));
            File.WriteAllText(Path.Combine(folder, ManPage.Name(verb) + ".1"), ManPage.Of(verb), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        }

        return terminal.Show(new ManualPrinted(pages), Shape, _ => terminal.WriteLine($"{pages.Count} pages are in {PlainText.Line(folder)}."));
    }
}
