using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary>A verb that lists what there is in one workspace, or in each of them.</summary>
internal static class Listing
{
    public static Verb Declare<T>(
        Surroundings around,
        string name,
        string description,
        string[] examples,
        JsonShape shape,
        Func<LocalClient, string?, CancellationToken, Task<LocalReply<T>>> ask,
        Action<T> print)
        where T : class
    {
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb(name, description)
        {
            Options = { workspace },
            Examples = examples,
            Prints = shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                string? where = parsed.GetValue(workspace);
                LocalReply<T> reply = await around.Daemon.AskAsync((daemon, token) => ask(daemon, where, token), cancellationToken);
                return around.Terminal.Show(reply, shape, print);
            },
        };
    }
}
