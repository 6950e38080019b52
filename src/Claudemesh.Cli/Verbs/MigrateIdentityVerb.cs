using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh migrate-identity</c></summary>
internal static class MigrateIdentityVerb
{
    private const int KeyDigitsShown = 12;

    // Each broker that is away is waited for, one after the other.
    private static readonly TimeSpan BrokersAnswerWithin = TimeSpan.FromMinutes(5);

    private static readonly JsonShape Shape = new(LocalJson.Default.MigrationReport, "members");

    public static Verb Declare(Surroundings around)
    {
        var from = new Option<string?>("--from") { Description = "the 1.x configuration; ~/.claudemesh/config.json if left out. It is only read" };
        var apply = new Option<bool>("--apply") { Description = "do it; without it, only what would be done is shown" };
        var undo = new Option<bool>("--undo") { Description = "go back to the keys before, by a second signed record" };
        var confirm = new Option<bool>("--confirm") { Description = "keep it for good: after this there is no --undo" };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("migrate-identity", "Takes over your members of claudemesh 1.x, and moves members whose key is older than your login. Shows first what it would do.")
        {
            Options = { from, apply, undo, confirm, workspace },
            Examples = ["migrate-identity", "migrate-identity --apply", "migrate-identity --undo -w acme", "migrate-identity --confirm"],
            Prints = Shape,
            FindMistake = parsed => new[] { parsed.GetValue(apply), parsed.GetValue(undo), parsed.GetValue(confirm) }.Count(given => given) > 1
                ? "--apply, --undo and --confirm are different things to do; give one."
                : null,
            RunAsync = async (parsed, cancellationToken) =>
            {
                string action = parsed.GetValue(apply) ? MigrationActions.Apply
                    : parsed.GetValue(undo) ? MigrationActions.Undo
                    : parsed.GetValue(confirm) ? MigrationActions.Confirm
                    : MigrationActions.Plan;
                string? path = parsed.GetValue(from) is { } given ? Path.GetFullPath(given) : null;
                var request = new MigrateIdentity(action, path, parsed.GetValue(workspace));
                LocalReply<MigrationReport> reply = await around.Daemon.AskAsync(
                    (daemon, token) => daemon.MigrateIdentityAsync(request, token), cancellationToken, BrokersAnswerWithin);
                ExitCode shown = around.Terminal.Show(reply, Shape, report => Print(around.Terminal, report));
                return reply.Value?.Members.FirstOrDefault(member => member.Problem is not null)?.Problem is { } problem ? (ExitCode)problem.ExitCode : shown;
            },
        };
    }

    private static void Print(Terminal terminal, MigrationReport report)
    {
        if (report.Members.Count == 0)
            terminal.WriteLine(TellNothing(report));

        foreach (MigrationStep member in report.Members)
        {
            string name = member.Name is { } known ? $" as {PlainText.Line(known)}" : "";
            string broker = member.Broker.Length > 0 ? $" at {PlainText.Line(member.Broker)}" : "";
            terminal.WriteLine($"{terminal.Bold(PlainText.Line(member.Workspace))}{name}{broker}: {member.State}");
            if (Keys(member) is { } keys)
                terminal.WriteLine("  " + keys);
            if (member.Waiting is > 0)
                terminal.WriteLine($"  {member.Waiting} {(member.Waiting == 1 ? "message waits" : "messages wait")} for it");
            terminal.WriteLine(PlainText.Block(member.Says, "  "));
        }

        if (report.Action is MigrationActions.Plan && report.Members.Any(member => member.State is MigrationStates.Planned))
            terminal.WriteLine(terminal.Dim("Nothing was changed. Do it: claudemesh migrate-identity --apply"));
        else if (report.Action is MigrationActions.Apply && report.Members.Any(member => member.State is MigrationStates.Moved))
            terminal.WriteLine(terminal.Dim("Take it back: claudemesh migrate-identity --undo. Keep it for good: claudemesh migrate-identity --confirm"));
    }

    private static string TellNothing(MigrationReport report) => report switch
    {
        { Action: MigrationActions.Undo or MigrationActions.Confirm } => "Nothing was moved here.",
        { ConfigFound: false } => $"There is no 1.x configuration at {PlainText.Line(report.Config)}, and every member here has the key that it is to have.",
        _ => $"{PlainText.Line(report.Config)} names no workspace, and every member here has the key that it is to have.",
    };

    private static string? Keys(MigrationStep member)
    {
        if (member.Key is not { } key)
            return null;

        string next = (member.NewKeyFrom, member.NewKey) switch
        {
            (_, { } known) => $", then {Short(known)} of your login",
            ("random", null) => ", then a new one",
            _ => "",
        };
        return member.State is MigrationStates.Planned ? $"key {Short(key)}{next}" : $"key {Short(key)}";
    }

    private static string Short(string key) => key[..Math.Min(KeyDigitsShown, key.Length)];
}
