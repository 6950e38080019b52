using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh topic describe TOPIC TEXT</c></summary>
internal static class TopicDescribeVerb
{
    public static Verb Declare(Surroundings around)
    {
        Argument<string> which = Topics.Topic();
        var text = new Argument<string[]>("TEXT") { Description = "what it is for, at most 500 characters; empty: nothing", Arity = ArgumentArity.OneOrMore };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("describe", "Says what a topic is for. The server can read it.")
        {
            Arguments = { which, text },
            Options = { workspace },
            Examples = ["topic describe deploys \"what goes out, and when\"", "topic describe deploys \"\""],
            Prints = Topics.Shape,
            RunAsync = (parsed, cancellationToken) => Topics.ChangeAsync(
                around,
                new ChangeTopic(parsed.GetRequiredValue(which), Description: string.Join(' ', parsed.GetValue(text) ?? []), Workspace: parsed.GetValue(workspace)),
                topic => topic.Description is { } now ? $"{Topics.In(topic)}: {PlainText.Line(now)}" : $"{Topics.In(topic)} has no description.",
                cancellationToken),
        };
    }
}
