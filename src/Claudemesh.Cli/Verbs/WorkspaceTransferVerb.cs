using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh workspace transfer PEER</c>: what <c>member role PEER owner</c> does.</summary>
internal static class WorkspaceTransferVerb
{
    public static Verb Declare(Surroundings around)
    {
        var peer = new Argument<string>("PEER") { Description = "who is to own it: a name, a key, or a beginning of a key" };
        Option<string?> workspace = SharedOptions.Workspace();
        Option<bool> yes = Confirmation.Yes();
        return new Verb("transfer", "Hands a workspace to another member; you become an admin. For its owner.")
        {
            Arguments = { peer },
            Options = { workspace, yes },
            Examples = ["workspace transfer bob", "workspace transfer bob -w acme --yes"],
            Prints = MemberChange.Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new ChangeRole(parsed.GetRequiredValue(peer), "owner", parsed.GetValue(workspace));
                string question = $"Hand the workspace to {request.Peer}? You become an admin, and only the new owner can give it back.";
                if (Confirmation.Find(around, parsed, yes, question) is { } problem)
                    return around.Terminal.Fail(problem);

                LocalReply<ChangedMember> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.ChangeRoleAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, MemberChange.Shape, changed => MemberChange.Print(around.Terminal, changed));
            },
        };
    }
}
