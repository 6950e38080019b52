using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh state list</c></summary>
internal static class StateListVerb
{
    public static readonly JsonShape Shape = new(LocalJson.Default.SharedStateList, "entries");

    public static Verb Declare(Surroundings around) => Listing.Declare(
        around,
        "list",
        "Lists the values that the members have in common.",
        ["state list", "state list -w acme --json=key,value,revision"],
        Shape,
        (daemon, workspace, token) => daemon.ListStateAsync(workspace, null, token),
        list => Print(around, list));

    private static void Print(Surroundings around, SharedStateList list)
    {
        if (list.Entries.Count == 0)
            around.Terminal.WriteLine("Nothing is set: claudemesh state set KEY VALUE.");

        around.Terminal.Write(Table.Of(
        [
            .. list.Entries.Select(entry => new[]
            {
                PlainText.Line(entry.Workspace), PlainText.Line(entry.Key), StatePrint.Short(entry), StatePrint.Circumstances(around, entry),
            }),
        ]));
        around.Terminal.Flush();
        foreach (SharedState entry in list.Entries)
            StatePrint.WarnOf(around.Terminal, entry);
    }
}
