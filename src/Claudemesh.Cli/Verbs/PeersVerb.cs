using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh peers</c></summary>
internal static class PeersVerb
{
    private const int KeyDigitsShown = 12;

    private static readonly JsonShape Shape = new(LocalJson.Default.PeerList, "peers");

    public static Verb Declare(Surroundings around)
    {
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("peers", "Lists who is online, in all of your workspaces or in one.")
        {
            Options = { workspace },
            Examples = ["peers", "peers --workspace acme", "peers --json=name,key,status"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                string? one = parsed.GetValue(workspace);
                LocalReply<PeerList> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ListPeersAsync(one, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, list => Print(around, list));
            },
        };
    }

    private static void Print(Surroundings around, PeerList list)
    {
        foreach (StaleWorkspace stale in list.Stale)
            around.Terminal.Warn(Tell(stale, around.Clock));

        if (list.Peers.Count == 0 && list.Stale.Count == 0)
            around.Terminal.WriteLine("Nobody is online.");

        around.Terminal.Write(Table.Of([.. list.Peers.OrderBy(peer => peer.Workspace, StringComparer.Ordinal).ThenBy(peer => !peer.Self).Select(Row)]));
    }

    private static string Tell(StaleWorkspace stale, TimeProvider clock)
    {
        string workspace = PlainText.Line(stale.Workspace);
        string why = PlainText.Line(stale.Why ?? "Its broker cannot be reached now.");
        return stale.StaleSince is { } since
            ? $"Who is listed in {workspace} was online {Duration.Words(clock.GetUtcNow() - since)} ago. {why}"
            : $"Who is online in {workspace} is not known, and has not been since the daemon started. {why}";
    }

    private static string[] Row(Peer peer) =>
    [
        PlainText.Line(peer.Workspace),
        PlainText.Line(peer.Name) + (peer.Self ? " (you)" : peer.Verified ? " (verified)" : peer.KeyChangedAt is not null ? " (new key)" : ""),
        peer.Key[..Math.Min(KeyDigitsShown, peer.Key.Length)],
        PlainText.Line(peer.Status),
        string.Join(' ', peer.Groups.Select(group => "@" + PlainText.Line(group.TrimStart('@')))),
        PlainText.Line(peer.Summary ?? peer.Cwd ?? peer.Hostname ?? ""),
    ];
}
