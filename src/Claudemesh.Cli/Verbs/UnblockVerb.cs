using Claudemesh.Cli.CommandLine;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh unblock PEER</c></summary>
internal static class UnblockVerb
{
    public static Verb Declare(Surroundings around) => GrantChange.Declare(
        around,
        "unblock",
        "Lets a member do to you what everybody may by default.",
        peer => new ChangeGrant(peer, Reset: true));
}
