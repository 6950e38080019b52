using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh me search WORD…</c></summary>
internal static class MeSearchVerb
{
    private const int IdLengthShown = 8;

    private static readonly JsonShape Shape = new(LocalJson.Default.SearchResult, "messages");

    public static Verb Declare(Surroundings around)
    {
        var words = new Argument<string[]>("WORD") { Description = "what its words begin with; a message has all of them", Arity = ArgumentArity.OneOrMore };
        var topic = new Option<string?>("--topic") { Description = "only what was posted there", HelpName = "TOPIC" };
        var from = new Option<string?>("--from") { Description = "only from this sender: a name, a key, or a beginning of a key", HelpName = "PEER" };
        Option<int> limit = SharedOptions.Number("--limit", "how many at most", LocalLimits.FoundDefault, 1, LocalLimits.FoundMax);
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("search", "Finds messages, posts and topics by their words, the newest first. Your daemon searches what it has opened; it needs no broker.")
        {
            Arguments = { words },
            Options = { topic, from, limit, workspace },
            Examples = ["me search schema migration", "me search deploy --topic deploys --from mou", "me search timeout --json=sender,text,sent_at"],
            Prints = Shape,
            FindMistake = parsed => string.Join(' ', parsed.GetValue(words) ?? []).Length > LocalLimits.QueryCharsMax
                ? $"WORD has at most {LocalLimits.QueryCharsMax:N0} characters."
                : null,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var search = new SearchMessages(
                    string.Join(' ', parsed.GetRequiredValue(words)), parsed.GetValue(topic), parsed.GetValue(from), parsed.GetValue(workspace), parsed.GetValue(limit));
                LocalReply<SearchResult> reply = await around.Daemon.AskAsync((daemon, token) => daemon.SearchAsync(search, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, found => Print(around, found));
            },
        };
    }

    private static void Print(Surroundings around, SearchResult found)
    {
        Terminal terminal = around.Terminal;
        if (!found.Complete)
            terminal.Warn("Messages from before your daemon could search are still being looked through; what is missing is found in a moment.");
        if (found.Topics.Count == 0 && found.Messages.Count == 0)
            terminal.WriteLine("Nothing that is here has these words.");

        foreach (Topic topic in found.Topics)
            terminal.WriteLine($"{terminal.Bold(Topics.Words(topic))}  {terminal.Dim($"topic of {PlainText.Line(topic.Workspace)}{(topic.Description is { } what ? ": " + PlainText.Line(what) : "")}")}");
        foreach (FoundMessage message in found.Messages)
        {
            terminal.WriteLine($"{terminal.Bold(PlainText.Line(message.Sender))}  {terminal.Dim(string.Join(", ", Facts(around, message)))}");
            terminal.WriteLine("  " + PlainText.Line(message.Excerpt));
        }

        if (found.More)
            terminal.WriteLine(terminal.Dim("There are older ones: more words narrow it, --limit shows more."));
    }

    private static IEnumerable<string> Facts(Surroundings around, FoundMessage message)
    {
        yield return PlainText.Line(message.Workspace);
        yield return around.Minute(message.SentAt);
        if (message.To is not ("member" or "session"))
            yield return $"to {PlainText.Line(message.To)}";
        if (!message.Encrypted)
            yield return "not encrypted, the sender vouched for by the server";
        else if (!message.Verified)
            yield return "the sender is not verified";
        if ((message.MessageId ?? message.ClientMessageId) is { } id)
            yield return PlainText.Line(id[..Math.Min(IdLengthShown, id.Length)]);
    }
}
