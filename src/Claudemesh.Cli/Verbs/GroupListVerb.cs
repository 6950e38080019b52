using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh group list</c></summary>
internal static class GroupListVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.GroupList, "groups");

    public static Verb Declare(Surroundings around) => Listing.Declare(
        around,
        "list",
        "Lists the groups that anybody is in, and who.",
        ["group list", "group list --workspace acme --json=name,members"],
        Shape,
        (daemon, workspace, token) => daemon.ListGroupsAsync(workspace, token),
        list => Print(around.Terminal, list));

    private static void Print(Terminal terminal, GroupList list)
    {
        if (list.Groups.Count == 0)
            terminal.WriteLine("Nobody is in a group yet: claudemesh group join NAME.");

        terminal.Write(Table.Of([.. list.Groups.Select(Row)]));
    }

    private static string[] Row(Group group) =>
    [
        PlainText.Line(group.Workspace),
        "@" + PlainText.Line(group.Name),
        group.Mine ? group.Role is { } role ? $"you, {PlainText.Line(role)}" : "you" : "",
        PlainText.Line(string.Join(", ", group.Members)),
    ];
}
