using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh list</c></summary>
internal static class ListVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.WorkspaceList, "workspaces");

    /// <param name="line">How it is typed, in examples.</param>
    public static Verb Declare(Surroundings around, string line = "list") => new("list", "Lists the workspaces that you are in.")
    {
        Examples = [line, $"{line} --json=slug,role,state"],
        Prints = Shape,
        RunAsync = async (_, cancellationToken) =>
        {
            LocalReply<WorkspaceList> reply = await around.Daemon.AskAsync((daemon, token) => daemon.ListWorkspacesAsync(token), cancellationToken);
            return around.Terminal.Show(reply, Shape, list => Print(around.Terminal, list));
        },
    };

    private static string Standing(Workspace one) => one switch
    {
        { Forked: true } => $"{one.Role}, FORKED: claudemesh log verify -w {PlainText.Line(one.Slug)}",
        { Waiting: true } => "waiting to be let in",
        { ArchivedAt: not null } => $"{one.Role}, archived",
        _ => one.Role,
    };

    private static void Print(Terminal terminal, WorkspaceList list)
    {
        if (list.Workspaces.Count == 0)
            terminal.WriteLine("You are in no workspace yet: claudemesh new NAME makes one, claudemesh join LINK takes you into one.");

        terminal.Write(Table.Of(
        [
            .. list.Workspaces.Select(one => new[]
            {
                PlainText.Line(one.Slug), one.State, Standing(one), $"as {PlainText.Line(one.DisplayName)}", PlainText.Line(one.Broker),
            }),
        ]));
    }
}
