using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh topic rename OLD NEW</c></summary>
internal static class TopicRenameVerb
{
    public static Verb Declare(Surroundings around)
    {
        Argument<string> which = Topics.Topic();
        var name = new Argument<string>("NEW") { Description = "its new name, with or without #" };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("rename", "Gives a topic another name, for everybody.")
        {
            Arguments = { which, name },
            Options = { workspace },
            Examples = ["topic rename deploys releases"],
            Prints = Topics.Shape,
            RunAsync = (parsed, cancellationToken) => Topics.ChangeAsync(
                around,
                new ChangeTopic(parsed.GetRequiredValue(which), Name: parsed.GetRequiredValue(name), Workspace: parsed.GetValue(workspace)),
                topic => $"It is {Topics.In(topic)} now.",
                cancellationToken),
        };
    }
}
