using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh member role PEER ROLE</c></summary>
internal static class MemberRoleVerb
{
    public static Verb Declare(Surroundings around)
    {
        var peer = new Argument<string>("PEER") { Description = "a name, a key, or a beginning of a key" };
        var role = new Argument<string>("ROLE") { Description = "member, admin or owner" };
        role.AcceptOnlyFromAmong("member", "admin", "owner");
        Option<string?> workspace = SharedOptions.Workspace();
        Option<bool> yes = Confirmation.Yes();
        return new Verb("role", "Gives a member another role; owner hands the workspace over. For the owner.")
        {
            Arguments = { peer, role },
            Options = { workspace, yes },
            Examples = ["member role bob admin", "member role bob owner --yes"],
            Prints = MemberChange.Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new ChangeRole(parsed.GetRequiredValue(peer), parsed.GetRequiredValue(role), parsed.GetValue(workspace));
                string question = $"Hand the workspace to {request.Peer}? You become an admin, and only the new owner can give it back.";
                if (request.Role is "owner" && Confirmation.Find(around, parsed, yes, question) is { } problem)
                    return around.Terminal.Fail(problem);

                LocalReply<ChangedMember> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.ChangeRoleAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, MemberChange.Shape, changed => MemberChange.Print(around.Terminal, changed));
            },
        };
    }

    /// <summary>An option that takes a role.</summary>
    public static Option<string> RoleOption(string description, params string[] roles)
    {
        var option = new Option<string>("--role") { Description = description, HelpName = "ROLE", DefaultValueFactory = _ => roles[0] };
        option.AcceptOnlyFromAmong(roles);
        return option;
    }
}
