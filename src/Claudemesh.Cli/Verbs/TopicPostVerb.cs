using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh topic post TOPIC TEXT</c>. Returns when the post is on the daemon's disk, like <c>send</c>.</summary>
internal static class TopicPostVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.SendResult);

    public static Verb Declare(Surroundings around)
    {
        Argument<string> topic = Topics.Topic();
        var text = new Argument<string[]>("TEXT") { Description = "what to say; - reads it from standard input", Arity = ArgumentArity.OneOrMore };
        var replyTo = new Option<string?>("--reply-to")
        {
            Description = $"the post that this one answers: its id, or the first {LocalLimits.PostPrefixMin} characters of it or more", HelpName = "ID",
        };
        var mentions = new Option<string[]>("--mention")
        {
            Description = "a name to mention besides those after an @ in the text; give it several times for several", HelpName = "PEER",
        };
        Option<string?> wait = SharedOptions.OneOf("--wait", "return only when it is that far", MessageStates.Accepted, MessageStates.Delivered);
        Option<TimeSpan> timeout = SharedOptions.Duration("--timeout", "how long --wait waits, at most 10m", "30s");
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("post", "Posts in a topic, encrypted; who is mentioned finds it in his inbox, too.")
        {
            Arguments = { topic, text },
            Options = { replyTo, mentions, wait, timeout, workspace },
            Examples =
            [
                "topic post deploys \"v2 is out\"",
                "topic post deploys \"@bob please look\" --reply-to 0000A3f9",
                "topic post deploys - < notes.md",
            ],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                (string content, LocalProblem? problem) = await MessageText.ReadAsync(around.Terminal, parsed.GetValue(text) ?? [], cancellationToken);
                TimeSpan patience = parsed.GetValue(timeout);
                problem ??= MessageText.FindTooPatient(patience);
                if (problem is not null)
                    return around.Terminal.Fail(problem);

                string[] names = parsed.GetValue(mentions) ?? [];
                string to = parsed.GetRequiredValue(topic);
                var message = new SendMessage(
                    to.StartsWith('#') ? to : "#" + to,
                    content,
                    ClientMessageId: Guid.CreateVersion7(around.Clock.GetUtcNow()).ToString("N"),
                    Workspace: parsed.GetValue(workspace),
                    Session: around.Session,
                    ReplyTo: parsed.GetValue(replyTo),
                    Wait: parsed.GetValue(wait) ?? (around.Daemon.IsForOneCall ? MessageStates.Accepted : null),
                    WaitMilliseconds: (int)patience.TotalMilliseconds,
                    Mentions: names.Length == 0 ? null : names);
                return await SendVerb.SendAsync(around, message, cancellationToken);
            },
        };
    }
}
