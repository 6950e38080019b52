using Claudemesh.Cli.CommandLine;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh kick PEER | --stale TIME | --all</c></summary>
internal static class KickVerb
{
    public static Verb Declare(Surroundings around) => PeerChoice.Declare(
        around,
        "kick",
        "Ends connections of others, who stay away until their person reconnects. For owners and admins.",
        "They stay away until they reconnect themselves.",
        "kicked",
        (daemon, request, token) => daemon.KickAsync(request, token));
}
