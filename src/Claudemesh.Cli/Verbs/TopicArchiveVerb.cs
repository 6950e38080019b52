using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh topic archive TOPIC</c></summary>
internal static class TopicArchiveVerb
{
    public static Verb Declare(Surroundings around)
    {
        Argument<string> which = Topics.Topic();
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("archive", "Ends posting in a topic and takes it off the list; what was posted can still be read.")
        {
            Arguments = { which },
            Options = { workspace },
            Examples = ["topic archive deploys"],
            Prints = Topics.Shape,
            RunAsync = (parsed, cancellationToken) => Topics.ChangeAsync(
                around,
                new ChangeTopic(parsed.GetRequiredValue(which), Archived: true, Workspace: parsed.GetValue(workspace)),
                topic => $"{Topics.In(topic)} is archived; claudemesh topic unarchive brings it back.",
                cancellationToken),
        };
    }
}
