using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh me topics</c></summary>
internal static class MeTopicsVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.MyTopicList, "topics");

    public static Verb Declare(Surroundings around)
    {
        var unread = new Option<bool>("--unread") { Description = "only those in which something is unread" };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("topics", "Lists the topics that you are in, over all of your workspaces, those with the newest posts first.")
        {
            Options = { unread, workspace },
            Examples = ["me topics", "me topics --unread", "me topics --json=workspace,name,unread"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                string? where = parsed.GetValue(workspace);
                bool onlyUnread = parsed.GetValue(unread);
                LocalReply<MyTopicList> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ListMyTopicsAsync(where, token), cancellationToken);
                if (reply.Value is { } mine && onlyUnread)
                    reply = mine with { Topics = [.. mine.Topics.Where(topic => topic.Unread > 0)] };
                return around.Terminal.Show(reply, Shape, list => Print(around, list, onlyUnread));
            },
        };
    }

    private static void Print(Surroundings around, MyTopicList list, bool onlyUnread)
    {
        Terminal terminal = around.Terminal;
        MeVerb.WarnOf(terminal, list.Stale);
        if (list.Topics.Count == 0)
            terminal.WriteLine(onlyUnread ? "Nothing unread." : "You are in no topic: claudemesh topic list shows those there are.");

        terminal.Write(Table.Of([.. list.Topics.Select(topic => Row(around, topic))]));
        if (list.Topics.Count > 1)
            terminal.WriteLine(terminal.Dim($"{MeVerb.Count(list.Totals.Topics, "topic", "topics")}, {MeVerb.Count(list.Totals.Unread, "post", "posts")} unread"));
    }

    private static string[] Row(Surroundings around, MyTopic topic) =>
    [
        PlainText.Line(topic.Workspace),
        topic.With is { } peer ? $"dm with {PlainText.Line(peer)}" : "#" + PlainText.Line(topic.Name),
        topic.Unread > 0 ? $"{topic.Unread} unread" : "",
        topic.LastPostAt is { } at ? $"{around.Minute(at)} by {PlainText.Line(topic.LastPostBy ?? "")}" : "nothing posted",
    ];
}
