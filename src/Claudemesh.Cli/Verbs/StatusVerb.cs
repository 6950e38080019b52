using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh status</c>; <c>daemon status</c> prints the same, and does not start a daemon.</summary>
internal static class StatusVerb
{
    public static readonly JsonShape Shape = new(LocalJson.Default.DaemonStatus);

    public static Verb Declare(Surroundings around) => new("status", "Shows your daemon and its connections; 'status set' says whether you can be disturbed.")
    {
        Subcommands = { StatusSetVerb.Declare(around) },
        Examples = ["status", "status --json=workspaces"],
        Prints = Shape,
        RunAsync = async (_, cancellationToken) =>
        {
            LocalReply<DaemonStatus> reply = await around.Daemon.AskAsync((daemon, token) => daemon.GetStatusAsync(token), cancellationToken);
            return around.Terminal.Show(reply, Shape, status => Print(around, status));
        },
    };

    public static void Print(Surroundings around, DaemonStatus status)
    {
        Terminal terminal = around.Terminal;
        TimeSpan up = around.Clock.GetUtcNow() - status.StartedAt;
        terminal.WriteLine($"daemon {status.Version}, process {status.Pid}, up {Duration.Words(up)}, {status.MemoryBytes / 1_048_576} MB, {PlainText.Line(status.Home)}");
        terminal.WriteLine($"{status.Unread} unread, {status.Pending} waiting to be sent");
        terminal.Write(Table.Of(
        [
            .. status.Workspaces.Select(one => new[]
            {
                "  " + PlainText.Line(one.Slug), one.State, PlainText.Line(one.Broker), PlainText.Line(one.Detail ?? ""),
            }),
        ]));
        foreach (string hint in status.Hints ?? [])
            terminal.WriteLine(terminal.Dim("→ " + PlainText.Line(hint)));
    }
}
