using Claudemesh.Cli.CommandLine;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh grant PEER CAPABILITY…</c></summary>
internal static class GrantVerb
{
    public static Verb Declare(Surroundings around) => GrantChange.DeclareWithCapabilities(
        around,
        "grant",
        "Lets a member do more to you.",
        "grant bob state-write file-read",
        (peer, capabilities) => new ChangeGrant(peer, Give: capabilities));
}
