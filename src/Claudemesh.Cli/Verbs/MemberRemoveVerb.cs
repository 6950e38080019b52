using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh member remove PEER</c></summary>
internal static class MemberRemoveVerb
{
    public static Verb Declare(Surroundings around)
    {
        var peer = new Argument<string>("PEER") { Description = "a name, a key, or a beginning of a key" };
        var reason = new Option<string?>("--reason") { Description = "kept in the log, for every member to read", HelpName = "TEXT" };
        Option<string?> workspace = SharedOptions.Workspace();
        Option<bool> yes = Confirmation.Yes();
        return new Verb("remove", "Removes a member, and makes a new key that it does not get. For owners and admins.")
        {
            Arguments = { peer },
            Options = { reason, workspace, yes },
            Examples = ["member remove bob", "member remove bob --reason \"left the company\" --yes"],
            Prints = MemberChange.Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new RemoveMember(parsed.GetRequiredValue(peer), parsed.GetValue(reason), parsed.GetValue(workspace));
                string question = $"Remove {request.Peer}? What waits for it is refused to its senders, and every open invite of the workspace ends.";
                if (Confirmation.Find(around, parsed, yes, question) is { } problem)
                    return around.Terminal.Fail(problem);

                LocalReply<ChangedMember> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.RemoveMemberAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, MemberChange.Shape, changed => MemberChange.Print(around.Terminal, changed));
            },
        };
    }
}
