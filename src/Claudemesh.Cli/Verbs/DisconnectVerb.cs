using Claudemesh.Cli.CommandLine;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh disconnect PEER | --stale TIME | --all</c></summary>
internal static class DisconnectVerb
{
    public static Verb Declare(Surroundings around) => PeerChoice.Declare(
        around,
        "disconnect",
        "Ends connections of others, who come back at once: for peers that hang. For owners and admins.",
        "They come back by themselves.",
        "disconnected",
        (daemon, request, token) => daemon.DisconnectAsync(request, token));
}
