using System.CommandLine;
using Claudemesh.Cli.CommandLine;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh state delete KEY [--if-revision N]</c></summary>
internal static class StateDeleteVerb
{
    public static Verb Declare(Surroundings around)
    {
        Argument<string> key = StateSetVerb.Key();
        Option<long?> revision = StateSetVerb.Revision();
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("delete", "Takes a value away, for all members.")
        {
            Arguments = { key },
            Options = { revision, workspace },
            Examples = ["state delete deploy", "state delete deploy --if-revision 7"],
            Prints = StateSetVerb.Shape,
            RunAsync = (parsed, cancellationToken) =>
            {
                (string name, string? where, long? after) = (parsed.GetRequiredValue(key), parsed.GetValue(workspace), parsed.GetValue(revision));
                return StateSetVerb.AskAsync(around, (daemon, token) => daemon.DeleteStateAsync(name, where, after, token), once: true, cancellationToken);
            },
        };
    }
}
