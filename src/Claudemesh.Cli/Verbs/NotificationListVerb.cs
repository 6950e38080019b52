using System.CommandLine;
using System.Globalization;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh notification list</c>, and the same under <c>claudemesh me notifications</c></summary>
internal static class NotificationListVerb
{
    private const int IdLengthShown = 8;

    private static readonly JsonShape Shape = new(LocalJson.Default.MyNotificationList, "notifications");

    /// <param name="name">The word it is called by there.</param>
    /// <param name="path">What stands before that word.</param>
    public static Verb Declare(Surroundings around, string name, string path)
    {
        var unread = new Option<bool>("--unread") { Description = "only those that are not read yet" };
        Option<DateTimeOffset?> since = SharedOptions.Moment("--since", "since then; however old if left out", around.Clock);
        Option<int> limit = SharedOptions.Number("--limit", "how many of the newest at most", LocalLimits.PostPageDefault, 1, LocalLimits.PostPageMax);
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb(name, "Lists posts that mention you, the newest first, in all of your workspaces or in one.")
        {
            Options = { unread, since, limit, workspace },
            Examples = [$"{path} {name}", $"{path} {name} --unread --since 2d", $"{path} {name} --json=workspace,topic,sender,snippet"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var query = new NotificationQuery(parsed.GetValue(unread), parsed.GetValue(since), parsed.GetValue(limit), parsed.GetValue(workspace));
                LocalReply<MyNotificationList> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ListNotificationsAsync(query, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, list => Print(around, list, query.Unread));
            },
        };
    }

    /// <summary>Beside what is done: in which workspaces it could not be.</summary>
    public static void WarnOf(Terminal terminal, IEnumerable<StaleWorkspace> all)
    {
        foreach (StaleWorkspace stale in all)
            terminal.Warn($"{PlainText.Line(stale.Workspace)} could not be asked. {PlainText.Line(stale.Why ?? "Its broker cannot be reached now.")}");
    }

    private static void Print(Surroundings around, MyNotificationList list, bool onlyUnread)
    {
        Terminal terminal = around.Terminal;
        WarnOf(terminal, list.Stale);
        if (list.Notifications.Count == 0)
            terminal.WriteLine(onlyUnread ? "Nothing unread." : "Nobody has mentioned you.");

        terminal.Write(Table.Of([.. list.Notifications.Select(one => Row(around, one))]));
        if (list.More)
            terminal.WriteLine(terminal.Dim("There are older ones: --limit shows more of them."));
        if (list.Unread > 0)
            terminal.WriteLine(terminal.Dim(string.Create(CultureInfo.InvariantCulture, $"{list.Unread} unread: claudemesh notification read ID, --topic or --all marks them.")));
    }

    private static string[] Row(Surroundings around, MyNotification one) =>
    [
        one.Read ? "" : "unread",
        around.Minute(one.SentAt),
        PlainText.Line(one.Workspace),
        "#" + PlainText.Line(one.Topic),
        PlainText.Line(one.Sender),
        "#" + PlainText.Line(one.Id[..Math.Min(IdLengthShown, one.Id.Length)]),
        (one.Encrypted ? "" : "[not encrypted] ") + (one.Snippet is { } text ? PlainText.Line(text) : $"(could not be read: {PlainText.Line(one.Unreadable ?? "")})"),
    ];
}
