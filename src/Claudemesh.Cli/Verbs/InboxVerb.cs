using System.CommandLine;
using System.Globalization;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh inbox</c>. What it prints counts as seen from then on.</summary>
internal static class InboxVerb
{
    // Enough to name it in `inbox delete`.
    private const int IdLengthShown = 8;

    private static readonly JsonShape Shape = new(LocalJson.Default.InboxPage, "items");

    public static Verb Declare(Surroundings around)
    {
        var unread = new Option<bool>("--unread") { Description = "only what was not seen yet" };
        Option<int> limit = SharedOptions.Number("--limit", "how many at most", LocalLimits.InboxPageDefault, 1, LocalLimits.InboxPageMax);
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("inbox", "Shows the messages that you were sent, the newest last, and marks them as seen.")
        {
            Options = { unread, limit, workspace },
            Subcommands = { InboxFlushVerb.Declare(around), InboxDeleteVerb.Declare(around) },
            Examples = ["inbox", "inbox --unread", "inbox --limit 5 --json=sender,text"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var query = new InboxQuery(parsed.GetValue(workspace), Unread: parsed.GetValue(unread), Limit: parsed.GetValue(limit), MarkSeen: true);
                LocalReply<InboxPage> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ReadInboxAsync(query, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, page => Print(around, page, query));
            },
        };
    }

    private static void Print(Surroundings around, InboxPage page, InboxQuery query)
    {
        Terminal terminal = around.Terminal;
        foreach (KeyChange change in page.KeyChanges ?? [])
            terminal.WriteLine(KeyChanges.Tell(change, around.Clock));
        if (page.Items.Count == 0)
            terminal.WriteLine(query.Unread ? "Nothing unread." : "Nobody has written yet.");

        foreach (InboxItem item in page.Items)
        {
            terminal.WriteLine($"{terminal.Bold(PlainText.Line(item.Sender))}  {terminal.Dim(Circumstances(around.Clock, item))}");
            terminal.WriteLine(PlainText.Block(item.Text ?? $"(could not be read: {item.Unreadable})", "  "));
        }

        if (page.Unread > 0)
            terminal.WriteLine(terminal.Dim($"{page.Unread} more unread: claudemesh inbox --unread"));
    }

    private static string Circumstances(TimeProvider clock, InboxItem item)
    {
        DateTimeOffset sent = TimeZoneInfo.ConvertTime(item.SentAt, clock.LocalTimeZone);
        bool isToday = sent.Date == clock.GetLocalNow().Date;
        List<string> facts = [PlainText.Line(item.Workspace), sent.ToString(isToday ? "HH:mm" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)];
        if (item.To is not ("member" or "session"))
            facts.Add($"to {PlainText.Line(item.To)}");
        if (!item.Encrypted)
            facts.Add("not encrypted, the sender vouched for by the server");
        else if (!item.Verified)
            facts.Add("the sender is not verified");
        if (item.SeenAt is null)
            facts.Add("new");
        facts.Add(PlainText.Line(item.MessageId[..Math.Min(IdLengthShown, item.MessageId.Length)]));

        return string.Join(", ", facts);
    }
}
