using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh invite list</c></summary>
internal static class InviteListVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.InviteList, "invites");

    public static Verb Declare(Surroundings around) => Listing.Declare(
        around,
        "list",
        "Lists the invites with which somebody can still join. For owners and admins.",
        ["invite list", "invite list --json=id,uses_left,expires_at"],
        Shape,
        (daemon, workspace, token) => daemon.ListInvitesAsync(workspace, token),
        list => Print(around, list));

    private static void Print(Surroundings around, InviteList list)
    {
        if (list.Invites.Count == 0)
            around.Terminal.WriteLine("No invite is open: claudemesh invite makes one.");

        around.Terminal.Write(Table.Of(
        [
            .. list.Invites.Select(invite => new[]
            {
                PlainText.Line(invite.Id),
                invite.Role,
                $"{invite.UsesLeft} of {invite.UsesMax} left",
                "until " + around.Minute(invite.ExpiresAt),
                "by " + PlainText.Line(invite.MadeBy),
            }),
        ]));
    }
}
