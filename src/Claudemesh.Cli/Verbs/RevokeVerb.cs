using Claudemesh.Cli.CommandLine;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh revoke PEER CAPABILITY…</c></summary>
internal static class RevokeVerb
{
    public static Verb Declare(Surroundings around) => GrantChange.DeclareWithCapabilities(
        around,
        "revoke",
        "Lets a member do less to you. What it sends against that is refused, and it is told so.",
        "revoke bob broadcast",
        (peer, capabilities) => new ChangeGrant(peer, Take: capabilities));
}
