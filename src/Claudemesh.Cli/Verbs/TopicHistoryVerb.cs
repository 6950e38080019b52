using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh topic history TOPIC</c></summary>
internal static class TopicHistoryVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.PostPage, "posts");

    public static Verb Declare(Surroundings around)
    {
        Argument<string> topic = Topics.Topic();
        Option<int> limit = SharedOptions.Number("--limit", "how many at most", LocalLimits.PostPageDefault, 1, LocalLimits.PostPageMax);
        var before = new Option<string?>("--before") { Description = "only older ones than this post", HelpName = "ID" };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("history", "Shows what was posted in a topic, the newest last.")
        {
            Arguments = { topic },
            Options = { limit, before, workspace },
            Examples = ["topic history deploys", "topic history deploys --limit 50 --before 0000A3f9", "topic history deploys --json=sender,text"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var query = new PostQuery(parsed.GetRequiredValue(topic), parsed.GetValue(limit), parsed.GetValue(before), parsed.GetValue(workspace));
                LocalReply<PostPage> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ReadPostsAsync(query, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, page => Print(around, page));
            },
        };
    }

    private static void Print(Surroundings around, PostPage page)
    {
        var lines = new PostLines(around);
        if (page.Trouble is { } trouble)
            around.Terminal.Warn($"Older posts may be missing. {PlainText.Line(trouble)}");
        if (page.Posts.Count == 0)
            around.Terminal.WriteLine("Nothing was posted.");
        foreach (Post post in page.Posts)
            lines.Print(post);
        if (page.More)
            around.Terminal.WriteLine(around.Terminal.Dim($"There are older ones: --before {PostLines.ShortId(page.Posts[0])}"));
    }
}
