using Claudemesh.Cli.CommandLine;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh block PEER</c></summary>
internal static class BlockVerb
{
    public static Verb Declare(Surroundings around) => GrantChange.Declare(
        around,
        "block",
        "Lets a member do nothing to you. Its messages are refused, and it is told so.",
        peer => new ChangeGrant(peer, Take: [Capabilities.All]));
}
