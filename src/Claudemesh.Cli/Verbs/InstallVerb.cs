using System.CommandLine;
using System.Text;
using Claudemesh.Cli.Claude;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Install;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh install</c>. Doing it again changes nothing that is right already.</summary>
internal static class InstallVerb
{
    private static readonly JsonShape Shape = new(CliJson.Default.InstallPrinted);

    public static Verb Declare(Surroundings around)
    {
        Option<bool> dryRun = DryRun();
        Option<string?> limit = SessionLimitVerb.Words(McpVerb.LimitOption, "leave every session from now on these and no others, for automated runs");
        return new Verb("install", "Makes Claude Code know claudemesh: adds the MCP server and the skill. Can be repeated, and undone by uninstall.")
        {
            Options = { dryRun, limit },
            Examples = ["install", "install --dry-run", "install --limit read,send"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var claude = new ClaudeCode(around);
                var record = new InstallRecord(around.Home);
                bool isDryRun = parsed.GetValue(dryRun);
                SkillPrinted skill = new SkillInstall(claude, record, isDryRun).Install(Encoding.UTF8.GetBytes(SkillPage.Of(Verb.RootOf(parsed))));
                (string state, LocalProblem? problem) = await new ServerInstall(claude, record, around.Self, isDryRun, parsed.GetValue(limit)).InstallAsync(cancellationToken);
                ServerPrinted server = new(state, ClaudeCode.ServerName, around.Self, ClaudeCode.ServerArgumentsFor(parsed.GetValue(limit)));
                return Show(around.Terminal, new InstallPrinted(isDryRun, server, skill, problem));
            },
        };
    }

    public static Option<bool> DryRun() => new("--dry-run") { Description = "only say what would be done" };

    /// <summary>Prints what was done; then, when a part failed, why.</summary>
    public static ExitCode Show(Terminal terminal, InstallPrinted done)
    {
        terminal.Show(done, Shape, _ => Print(terminal, done));
        if (done.Problem is not { } problem)
            return ExitCode.Ok;

        return terminal.Json is null ? terminal.Fail(problem) : (ExitCode)problem.ExitCode;
    }

    private static void Print(Terminal terminal, InstallPrinted done)
    {
        if (done.DryRun)
            terminal.WriteLine(terminal.Dim("Nothing is changed: this is what would be done."));

        terminal.WriteLine($"skill:      {done.Skill.State}, {PlainText.Line(done.Skill.Path)}");
        if (done.Skill.Backup is { } backup)
            terminal.WriteLine($"            what somebody wrote there is kept as {PlainText.Line(backup)}");

        terminal.WriteLine($"MCP server: {done.Server.State}, {done.Server.Name} = {PlainText.Line(done.Server.Command)} {string.Join(' ', done.Server.Args)}");
        if (done.Server.State is ServerStates.Kept)
            terminal.WriteLine($"            Claude Code's entry {done.Server.Name} is not the one that was installed; claude mcp get {done.Server.Name} shows it");
        if (done.Server.State is ServerStates.Added or ServerStates.Replaced && !done.DryRun)
            terminal.WriteLine(terminal.Dim("Sessions that you start from now on know it."));
    }
}
