using Claudemesh.Cli.CommandLine;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh invite</c></summary>
internal static class InviteVerb
{
    public static Verb Declare(Surroundings around) => InviteCreateVerb.DeclareAs(
        around,
        "invite",
        "Makes an invite to your workspace: a link, and a QR code where it fits the terminal.",
        ["invite", "invite --uses 5 --expires 12h", "invite --json=url", "invite list"],
        [InviteCreateVerb.Declare(around), InviteListVerb.Declare(around), InviteRevokeVerb.Declare(around)]);
}
