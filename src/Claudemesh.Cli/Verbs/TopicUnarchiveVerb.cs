using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh topic unarchive TOPIC</c></summary>
internal static class TopicUnarchiveVerb
{
    public static Verb Declare(Surroundings around)
    {
        Argument<string> which = Topics.Topic();
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("unarchive", "Brings an archived topic back.")
        {
            Arguments = { which },
            Options = { workspace },
            Examples = ["topic unarchive deploys"],
            Prints = Topics.Shape,
            RunAsync = (parsed, cancellationToken) => Topics.ChangeAsync(
                around,
                new ChangeTopic(parsed.GetRequiredValue(which), Archived: false, Workspace: parsed.GetValue(workspace)),
                topic => $"{Topics.In(topic)} is back.",
                cancellationToken),
        };
    }
}
