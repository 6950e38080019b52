using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh member admit PEER</c></summary>
internal static class MemberAdmitVerb
{
    public static Verb Declare(Surroundings around)
    {
        var peer = new Argument<string>("PEER") { Description = "who waits: a name, a key, or a beginning of a key" };
        Option<string> role = MemberRoleVerb.RoleOption("what it becomes: member or admin", "member", "admin");
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("admit", "Lets somebody in who waits, or a removed member in again. For owners and admins.")
        {
            Arguments = { peer },
            Options = { role, workspace },
            Examples = ["member admit carol", "member admit 4f19c2aa --role admin"],
            Prints = MemberChange.Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new AdmitMember(parsed.GetRequiredValue(peer), parsed.GetRequiredValue(role), parsed.GetValue(workspace));
                LocalReply<ChangedMember> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.AdmitMemberAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, MemberChange.Shape, changed => MemberChange.Print(around.Terminal, changed));
            },
        };
    }
}
