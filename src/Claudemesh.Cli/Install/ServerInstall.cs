using Claudemesh.Cli.Claude;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Install;

/// <summary>Our server in Claude Code's list, added and taken away by Claude Code's own commands.</summary>
/// <param name="limit">All that sessions are to be left; null: what they have.</param>
internal sealed class ServerInstall(ClaudeCode claude, InstallRecord record, string self, bool isDryRun, string? limit = null)
{
    private readonly IReadOnlyList<string> words = ClaudeCode.ServerArgumentsFor(limit);

    private static readonly string[] OfTheUser = ["--scope", "user"];

    public async Task<(string State, LocalProblem? Problem)> InstallAsync(CancellationToken cancellationToken)
    {
        McpEntry? there = claude.FindEntry();
        if (there?.Starts(self, words) == true)
        {
            Installation earlier = record.Find(claude.ConfigFolder);
            if (earlier.Server is null && !isDryRun)
                record.Keep(earlier with { Server = new InstalledServer(self, null) });
            return (ServerStates.Unchanged, null);
        }

        string command = $"{self} {string.Join(' ', words)}";
        if (claude.FindProgram() is not { } program)
        {
            return (ServerStates.Failed, ClaudeCode.Missing(
                $"The skill {(isDryRun ? "would be" : "is")} installed all the same. Install Claude Code and run `claudemesh install` again, or give it the MCP server yourself: {ClaudeCode.ServerName}, {command}"));
        }

        string state = there is null ? ServerStates.Added : ServerStates.Replaced;
        if (isDryRun)
            return (state, null);

        Installation known = record.Find(claude.ConfigFolder);
        // An entry that we wrote with another path is no earlier one: nobody wants it back.
        bool isOurOwn = known.Server is { } mine && there?.StartsOurs(mine.Command) == true;
        record.Keep(known with { Server = new InstalledServer(self, isOurOwn ? known.Server!.Earlier : there?.Json ?? known.Server?.Earlier) });
        if (there is not null && await RemoveAsync(program, cancellationToken) is { } problem)
            return (ServerStates.Failed, problem);

        ChildEnd added = await claude.RunMcpAsync(
            program, ["add", .. OfTheUser, ClaudeCode.ServerName, "--", self, .. words], cancellationToken);
        return claude.FindEntry()?.Starts(self, words) == true
            ? (state, null)
            : (ServerStates.Failed, Refused("add", added, $"Add the server yourself: claude mcp add --scope user {ClaudeCode.ServerName} -- {command}"));
    }

    public async Task<(string State, LocalProblem? Problem)> UninstallAsync(CancellationToken cancellationToken)
    {
        Installation known = record.Find(claude.ConfigFolder);
        McpEntry? there = claude.FindEntry();
        string ours = known.Server?.Command ?? self;
        string? earlier = known.Server?.Earlier;
        if (there is not null && !there.StartsOurs(ours))
        {
            // Somebody has made it his own, or it was never ours, or it is back already.
            Forget(known);
            return (ServerStates.Kept, null);
        }

        if (there is null && earlier is null)
        {
            Forget(known);
            return (ServerStates.Absent, null);
        }

        if (claude.FindProgram() is not { } program)
        {
            return (ServerStates.Failed, ClaudeCode.Missing(
                $"Its entry for claudemesh is still there; where Claude Code is, run: claude mcp remove --scope user {ClaudeCode.ServerName}"));
        }

        if (isDryRun)
            return (earlier is null ? ServerStates.Removed : ServerStates.Restored, null);

        if (there is not null && await RemoveAsync(program, cancellationToken) is { } problem)
            return (ServerStates.Failed, problem);

        if (earlier is not null && await RestoreAsync(program, earlier, cancellationToken) is { } notRestored)
            return (ServerStates.Failed, notRestored);

        Forget(known);
        return (earlier is null ? ServerStates.Removed : ServerStates.Restored, null);
    }

    private void Forget(Installation known)
    {
        if (known.Server is not null && !isDryRun)
            record.Keep(record.Find(claude.ConfigFolder) with { Server = null });
    }

    private async Task<LocalProblem?> RemoveAsync(string program, CancellationToken cancellationToken)
    {
        ChildEnd removed = await claude.RunMcpAsync(program, ["remove", .. OfTheUser, ClaudeCode.ServerName], cancellationToken);
        return claude.FindEntry() is null
            ? null
            : Refused("remove", removed, $"Remove the server yourself: claude mcp remove --scope user {ClaudeCode.ServerName}");
    }

    private async Task<LocalProblem?> RestoreAsync(string program, string earlier, CancellationToken cancellationToken)
    {
        ChildEnd restored = await claude.RunMcpAsync(program, ["add-json", .. OfTheUser, ClaudeCode.ServerName, earlier], cancellationToken);
        return claude.FindEntry() is not null
            ? null
            : Refused("add-json", restored, $"The entry that was there before is kept in {record.FilePath}");
    }

    private static LocalProblem Refused(string verb, ChildEnd end, string whatToDo) => LocalProblem.Of(
        "claude_refused", $"`claude mcp {verb}` did not do it ({end.LastLine}). {whatToDo}", 502, ExitCode.Internal);
}
