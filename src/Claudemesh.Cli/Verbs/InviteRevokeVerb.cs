using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh invite revoke ID</c></summary>
internal static class InviteRevokeVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.RevokedInvite);

    public static Verb Declare(Surroundings around)
    {
        var id = new Argument<string>("ID") { Description = "an id of `claudemesh invite list`, or a beginning of one" };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("revoke", "Ends an invite: nobody joins with it any more. For owners and admins.")
        {
            Arguments = { id },
            Options = { workspace },
            Examples = ["invite revoke q3Zb0f"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                (string which, string? where) = (parsed.GetRequiredValue(id), parsed.GetValue(workspace));
                LocalReply<RevokedInvite> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.RevokeInviteAsync(which, where, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, gone => around.Terminal.WriteLine($"revoked invite {PlainText.Line(gone.Id)} of {PlainText.Line(gone.Workspace)}"));
            },
        };
    }
}
