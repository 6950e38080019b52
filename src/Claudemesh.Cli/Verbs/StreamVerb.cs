using System.CommandLine;
using System.Globalization;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Cli.Tail;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh stream [TOPIC …]</c>: posts for scripts, one line each.</summary>
internal static class StreamVerb
{
    private const int CountMax = 1_000_000_000;

    private static readonly JsonShape Shape = new(LocalJson.Default.Post);

    public static Verb Declare(Surroundings around)
    {
        var topics = new Argument<string[]>("TOPIC") { Description = "names, with or without #, or ids; dms by the other one's name; all topics if left out", Arity = ArgumentArity.ZeroOrMore };
        var after = new Option<string?>("--after") { Description = "go on behind this post: its id, or its sequence; 0 is before all that are here; now if left out", HelpName = "ID" };
        Option<int> count = SharedOptions.Number("--count", "end after so many posts; 0 goes on", 0, 0, CountMax);
        Option<TimeSpan?> longest = SharedOptions.OptionalDuration("--for", "end after this time, and fail if --count asked for more posts");
        var noFollow = new Option<bool>("--no-follow") { Description = "end when all that your daemon has behind --after is printed" };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("stream", "Prints posts as they come, for scripts: each in one line of fields with a tab between them, or with --json as one object.")
        {
            Arguments = { topics },
            Options = { after, count, longest, noFollow, workspace },
            Examples = ["stream deploys --json=id,sender,text", "stream deploys --count 1 --for 10m", "stream --after 0000A3f9q3Zb0fWx --no-follow"],
            Prints = Shape,
            FindMistake = parsed => parsed.GetValue(noFollow) && parsed.GetValue(after) is null
                ? "--no-follow prints what is behind --after: say it too; --after 0 is all that is here."
                : (parsed.GetValue(topics) ?? []).Length > LocalLimits.FollowedTopicsMax
                    ? $"At most {LocalLimits.FollowedTopicsMax} topics are named; without a name it is all of them."
                    : null,
            RunAsync = (parsed, cancellationToken) =>
            {
                var reader = new Reader(around, parsed.GetValue(count), parsed.GetValue(longest), parsed.GetValue(noFollow));
                return Interruptible.RunAsync(
                    around.Terminal, token => reader.RunAsync(parsed.GetValue(topics) ?? [], parsed.GetValue(workspace), parsed.GetValue(after), token), cancellationToken);
            },
        };
    }

    /// <summary>One reading, and when it is at its end.</summary>
    /// <param name="count">0: no end.</param>
    /// <param name="longest">Null: no end.</param>
    private sealed class Reader(Surroundings around, int count, TimeSpan? longest, bool endsWhenCurrent)
    {
        private int printed;

        public async Task<ExitCode> RunAsync(string[] topics, string? workspace, string? after, CancellationToken cancellationToken)
        {
            using var time = longest is { } bound ? new CancellationTokenSource(bound, around.Clock) : new CancellationTokenSource();
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, time.Token);
            var stream = new PostStream(around.Daemon, topics, workspace, after, around.Terminal.Warn) { EndsWhenCurrent = endsWhenCurrent };
            try
            {
                await foreach (LocalReply<Post> next in stream.ReadAllAsync(either.Token))
                {
                    if (next.Value is not { } post)
                        return around.Terminal.Fail(next.Problem!);
                    if (Print(post))
                        return ExitCode.Ok;
                }
            }
            catch (OperationCanceledException) when (time.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                return count == 0 ? ExitCode.Ok : around.Terminal.Fail(TooFew());
            }

            return ExitCode.Ok;
        }

        /// <returns>That it was the last.</returns>
        private bool Print(Post post)
        {
            // What it turns out to be comes anew, so that each post is one line.
            if (post.Unreadable is UnreadableReasons.WaitingForKey)
                return false;

            around.Terminal.Emit(post, Shape, one => around.Terminal.WriteLine(PostLine.Of(one)));
            printed++;
            return printed == count;
        }

        private LocalProblem TooFew() => LocalProblem.Of(
            "too_few_posts",
            string.Create(CultureInfo.InvariantCulture, $"{printed} of {count} posts came in {Duration.Words(longest!.Value)}."),
            408,
            ExitCode.Network,
            retryable: true);
    }
}
