using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh grants</c></summary>
internal static class GrantsVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.GrantList, "grants");

    public static Verb Declare(Surroundings around) => Listing.Declare(
        around,
        "grants",
        "Lists what you let whom do to you, where that is not the default.",
        ["grants", "grants --json=name,capabilities"],
        Shape,
        (daemon, workspace, token) => daemon.ListGrantsAsync(workspace, token),
        list => Print(around.Terminal, list));

    private static void Print(Terminal terminal, GrantList list)
    {
        foreach (PeerGrant grant in list.Grants)
            terminal.WriteLine(GrantChange.Tell(grant));

        if (list.Grants.Count == 0)
            terminal.WriteLine("Everybody may do what is the default: read, dm, broadcast, state-read.");
    }
}
