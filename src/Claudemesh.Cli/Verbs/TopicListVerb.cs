using System.CommandLine;
using System.Globalization;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh topic list</c></summary>
internal static class TopicListVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.ListedTopics, "topics");

    public static Verb Declare(Surroundings around)
    {
        var archived = new Option<bool>("--archived") { Description = "those too in which nobody posts any more" };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("list", "Lists the topics that you are in or may join, in all of your workspaces or in one.")
        {
            Options = { archived, workspace },
            Examples = ["topic list", "topic list --archived -w acme", "topic list --json=name,role,unread"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                (string? one, bool all) = (parsed.GetValue(workspace), parsed.GetValue(archived));
                LocalReply<ListedTopics> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ListTopicsAsync(one, all, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, list => Print(around.Terminal, list));
            },
        };
    }

    private static void Print(Terminal terminal, ListedTopics list)
    {
        foreach (StaleWorkspace stale in list.Stale)
            terminal.Warn($"What is listed of {PlainText.Line(stale.Workspace)} is what was known last. {PlainText.Line(stale.Why ?? "Its broker cannot be reached now.")}");

        if (list.Topics.Count == 0)
            terminal.WriteLine("There is no topic: claudemesh topic create NAME makes one.");

        terminal.Write(Table.Of([.. list.Topics.Select(Row)]));
    }

    private static string[] Row(Topic topic) =>
    [
        PlainText.Line(topic.Workspace),
        Topics.Words(topic),
        topic.Visibility is TopicVisibilities.Public ? "" : PlainText.Line(topic.Visibility),
        string.Create(CultureInfo.InvariantCulture, $"{topic.Members} {(topic.Members == 1 ? "member" : "members")}"),
        PlainText.Line(topic.Role ?? "not joined"),
        topic.Unread > 0 ? string.Create(CultureInfo.InvariantCulture, $"{topic.Unread} unread") : "",
        string.Join(", ", Facts(topic)),
    ];

    private static IEnumerable<string> Facts(Topic topic)
    {
        if (topic.ArchivedAt is not null)
            yield return "archived";
        if (topic.Plain)
            yield return "takes plain text";
        if (topic.RetentionDays is { } days)
            yield return string.Create(CultureInfo.InvariantCulture, $"kept {days}d");
        if (topic.Description is { } description)
            yield return PlainText.Line(description);
    }
}
