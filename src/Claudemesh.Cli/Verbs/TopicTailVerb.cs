using System.CommandLine;
using System.Globalization;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Cli.Tail;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh topic tail TOPIC</c>. Ends well with Ctrl-C.</summary>
internal static class TopicTailVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.Post);

    public static Verb Declare(Surroundings around)
    {
        Argument<string> topic = Topics.Topic();
        Option<int> limit = SharedOptions.Number("--limit", "how many of the last posts to begin with", LocalLimits.PostPageDefault, 1, LocalLimits.PostPageMax);
        var forwardOnly = new Option<bool>("--forward-only") { Description = "only what is posted from now on" };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("tail", "Shows a topic's last posts and goes on as they come, until Ctrl-C; with --json one object in each line.")
        {
            Arguments = { topic },
            Options = { limit, forwardOnly, workspace },
            Examples = ["topic tail deploys", "topic tail deploys --forward-only", "topic tail deploys --json=sender,text"],
            Prints = Shape,
            RunAsync = (parsed, cancellationToken) =>
            {
                var query = new PostQuery(parsed.GetRequiredValue(topic), parsed.GetValue(limit), Workspace: parsed.GetValue(workspace));
                return Interruptible.RunAsync(around.Terminal, token => TailAsync(around, query, parsed.GetValue(forwardOnly), token), cancellationToken);
            },
        };
    }

    private static async Task<ExitCode> TailAsync(Surroundings around, PostQuery query, bool forwardOnly, CancellationToken cancellationToken)
    {
        Terminal terminal = around.Terminal;
        LocalReply<PostPage> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ReadPostsAsync(query, token), cancellationToken);
        if (reply.Value is not { } page)
            return terminal.Fail(reply.Problem!);

        var lines = new PostLines(around);
        if (page.Trouble is { } trouble)
            terminal.Warn($"Older posts may be missing. {PlainText.Line(trouble)}");
        foreach (Post post in forwardOnly ? [] : page.Posts)
            terminal.Emit(post, Shape, lines.Print);

        var stream = new PostStream(around.Daemon, [query.Topic], query.Workspace, page.After.ToString(CultureInfo.InvariantCulture), terminal.Warn);
        await foreach (LocalReply<Post> next in stream.ReadAllAsync(cancellationToken))
        {
            if (next.Value is not { } post)
                return terminal.Fail(next.Problem!);

            terminal.Emit(post, Shape, lines.Print);
        }

        return ExitCode.Ok;
    }
}
