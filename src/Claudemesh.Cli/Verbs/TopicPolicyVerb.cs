using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh topic policy TOPIC plain yes|no</c></summary>
internal static class TopicPolicyVerb
{
    private const string Yes = "yes";
    private const string No = "no";

    public static Verb Declare(Surroundings around)
    {
        Argument<string> which = Topics.Topic();
        var policy = new Argument<string>("POLICY")
        {
            Description = "plain: whether posts are taken that the server can read",
            CustomParser = result =>
            {
                string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
                if (text is not "plain")
                    result.AddError($"There is one policy, plain, and not '{text}'.");
                return text;
            },
        };
        policy.CompletionSources.Add("plain");
        Argument<string> choice = SharedOptions.OneOfArgument("yes|no", "whether it is so", Yes, No);
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("policy", "Lets scripts and 1.x programs post plain text in a topic, or no longer; signed, so that no server can say it by itself.")
        {
            Arguments = { which, policy, choice },
            Options = { workspace },
            Examples = ["topic policy alerts plain yes", "topic policy alerts plain no"],
            Prints = Topics.Shape,
            RunAsync = (parsed, cancellationToken) => Topics.ChangeAsync(
                around,
                new ChangeTopic(parsed.GetRequiredValue(which), Plain: parsed.GetRequiredValue(choice) is Yes, Workspace: parsed.GetValue(workspace)),
                topic => topic.Plain
                    ? $"{Topics.In(topic)} takes plain text; what you post stays encrypted."
                    : $"{Topics.In(topic)} takes encrypted posts only.",
                cancellationToken),
        };
    }
}
