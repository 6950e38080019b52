using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh workspace delete WORKSPACE</c></summary>
internal static class WorkspaceDeleteVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.LeftWorkspace);

    public static Verb Declare(Surroundings around)
    {
        var workspace = new Argument<string>("WORKSPACE") { Description = "its short name, as `claudemesh list` shows it" };
        var yes = new Option<string?>("--yes", "-y") { Description = "its name once more: do it without asking", HelpName = "NAME" };
        return new Verb("delete", "Ends a workspace for everybody at once and deletes all of it, here and at its broker. For its owner.")
        {
            Arguments = { workspace },
            Options = { yes },
            Examples = ["workspace delete acme", "workspace delete acme --yes acme"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                string name = parsed.GetRequiredValue(workspace);
                string question = $"{name} ends for all its members: messages, topics, state and keys are deleted, and nothing brings them back.";
                (string? typed, LocalProblem? problem) = Confirmation.FindTyped(around, parsed, yes, name, question);
                if (problem is not null)
                    return around.Terminal.Fail(problem);

                var request = new DeleteWorkspace(name, typed!);
                LocalReply<LeftWorkspace> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.DeleteWorkspaceAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, gone => around.Terminal.WriteLine($"{PlainText.Line(gone.Workspace)} is deleted, for everybody."));
            },
        };
    }
}
