using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh recall QUERY [--tag TAG] [--limit N]</c></summary>
internal static class RecallVerb
{
    public static readonly JsonShape Shape = new(LocalJson.Default.MemoryList, "memories");

    public static Verb Declare(Surroundings around)
    {
        var query = new Argument<string[]>("QUERY") { Description = "words to look for", Arity = ArgumentArity.OneOrMore };
        Option<string?> tag = Tag();
        Option<int> limit = Limit();
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("recall", "Finds what was kept by its words, the best first. Your daemon searches; it needs no broker.")
        {
            Arguments = { query },
            Options = { tag, limit, workspace },
            Examples = ["recall staging database", "recall deploy --tag runbook --limit 3", "recall port --json=text,tags"],
            Prints = Shape,
            FindMistake = parsed => string.Join(' ', parsed.GetValue(query) ?? []).Length > LocalLimits.QueryCharsMax
                ? $"QUERY has at most {LocalLimits.QueryCharsMax:N0} characters."
                : null,
            RunAsync = (parsed, cancellationToken) => ListAsync(
                around, parsed.GetValue(workspace), string.Join(' ', parsed.GetRequiredValue(query)), parsed.GetValue(tag), parsed.GetValue(limit),
                "Nothing that was kept has these words.", cancellationToken),
        };
    }

    public static Option<string?> Tag() => new("--tag") { Description = "only what was kept with this tag", HelpName = "TAG" };

    public static Option<int> Limit() => SharedOptions.Number("--limit", "how many at most", LocalLimits.MemoriesDefault, 1, LocalLimits.MemoriesMax);

    public static async Task<ExitCode> ListAsync(
        Surroundings around, string? workspace, string? query, string? tag, int limit, string nothing, CancellationToken cancellationToken)
    {
        LocalReply<MemoryList> reply = await around.Daemon.AskAsync(
            (daemon, token) => daemon.ListMemoriesAsync(workspace, query, tag, limit, token), cancellationToken);
        return around.Terminal.Show(reply, Shape, list => Print(around, list, nothing));
    }

    private static void Print(Surroundings around, MemoryList list, string nothing)
    {
        Terminal terminal = around.Terminal;
        if (list.Memories.Count == 0)
            terminal.WriteLine(nothing);

        foreach (Memory memory in list.Memories)
        {
            List<string> facts = [PlainText.Line(memory.Workspace), around.Minute(memory.WrittenAt), "by " + PlainText.Line(memory.WrittenBy)];
            if (!memory.Encrypted)
                facts.Add("not encrypted, the writer vouched for by the server");
            facts.AddRange(memory.Tags.Select(tag => "#" + PlainText.Line(tag)));
            terminal.WriteLine($"{terminal.Bold(PlainText.Line(memory.Id))}  {terminal.Dim(string.Join(", ", facts))}");
            terminal.WriteLine(PlainText.Block(memory.Text, "  "));
        }
    }
}
