using System.CommandLine;
using System.Globalization;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh inbox flush</c>. Without saying what it removes nothing.</summary>
internal static class InboxFlushVerb
{
    public static readonly JsonShape Shape = new(LocalJson.Default.InboxRemoved);

    public static Verb Declare(Surroundings around)
    {
        Option<DateTimeOffset?> before = SharedOptions.Moment("--before", "what was received earlier: a date, a time, or for how long it has been here", around.Clock);
        var from = new Option<string?>("--from") { Description = "what one sender wrote: a name, a key or its beginning", HelpName = "PEER" };
        var all = new Option<bool>("--all") { Description = "everything, read or not" };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("flush", "Deletes messages from your inbox, for good.")
        {
            Options = { before, from, all, workspace },
            Examples = ["inbox flush --before 30d", "inbox flush --from mou --before 2026-01-31", "inbox flush --all"],
            Prints = Shape,
            FindMistake = parsed => (parsed.GetValue(all), parsed.GetValue(before) is not null || parsed.GetValue(from) is not null) switch
            {
                (false, false) => "Say what to delete: --before TIME, --from PEER, or --all.",
                (true, true) => "--all deletes everything; leave it out to delete a part.",
                _ => null,
            },
            RunAsync = async (parsed, cancellationToken) =>
            {
                LocalReply<InboxRemoved> reply = await around.Daemon.AskAsync(
                    (daemon, token) => daemon.FlushInboxAsync(parsed.GetValue(workspace), parsed.GetValue(from), parsed.GetValue(before), parsed.GetValue(all), token),
                    cancellationToken);
                return around.Terminal.Show(reply, Shape, removed => Print(around.Terminal, removed));
            },
        };
    }

    public static void Print(Terminal terminal, InboxRemoved removed)
    {
        string what = removed.Removed == 1 ? "message" : "messages";
        terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{removed.Removed} {what} deleted from the inbox of {PlainText.Line(removed.Workspace)}."));
    }
}
