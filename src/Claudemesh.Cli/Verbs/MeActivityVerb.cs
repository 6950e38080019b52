using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh me activity [--since TIME]</c></summary>
internal static class MeActivityVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.MyActivity, "posts");

    public static Verb Declare(Surroundings around)
    {
        Option<DateTimeOffset?> since = SharedOptions.Moment("--since", "since then; a day ago if left out", around.Clock);
        Option<int> limit = SharedOptions.Number("--limit", "how many of the last at most", LocalLimits.PostPageDefault, 1, LocalLimits.PostPageMax);
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("activity", "Shows what others have posted lately, in all topics of all of your workspaces, the newest last.")
        {
            Options = { since, limit, workspace },
            Examples = ["me activity", "me activity --since 2h", "me activity --since 2026-01-31 --json=workspace,topic,sender,text"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                (string? where, DateTimeOffset? from, int count) = (parsed.GetValue(workspace), parsed.GetValue(since), parsed.GetValue(limit));
                LocalReply<MyActivity> reply = await around.Daemon.AskAsync(
                    (daemon, token) => daemon.ReadMyActivityAsync(where, from, count, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, activity => Print(around, activity));
            },
        };
    }

    private static void Print(Surroundings around, MyActivity activity)
    {
        Terminal terminal = around.Terminal;
        var lines = new PostLines(around);
        if (activity.Posts.Count == 0)
            terminal.WriteLine($"Nobody else has posted since {around.Minute(activity.Since)}.");
        if (activity.More)
            terminal.WriteLine(terminal.Dim("There are older ones: --limit shows more of them."));

        string place = "";
        foreach (Post post in activity.Posts)
        {
            string there = $"#{PlainText.Line(post.Topic)} of {PlainText.Line(post.Workspace)}";
            if (there != place)
                terminal.WriteLine(terminal.Bold(there));
            place = there;
            lines.Print(post);
        }
    }
}
