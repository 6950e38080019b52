using Claudemesh.Local;

namespace Claudemesh.Cli.Output;

/// <summary>What <c>install</c> and <c>uninstall</c> did, or with <c>--dry-run</c> would do.</summary>
/// <param name="Problem">Why a part of it failed; null when all of it is done.</param>
internal sealed record InstallPrinted(bool DryRun, ServerPrinted Server, SkillPrinted Skill, LocalProblem? Problem = null);

/// <param name="State">One of <see cref="ServerStates"/>.</param>
/// <param name="Name">What Claude Code calls the server.</param>
/// <param name="Command">The program that it starts.</param>
internal sealed record ServerPrinted(string State, string Name, string Command, IReadOnlyList<string> Args);

/// <param name="State">One of <see cref="SkillStates"/>.</param>
/// <param name="Backup">Where somebody's own version was kept; null when there was none.</param>
internal sealed record SkillPrinted(string State, string Path, string? Backup = null);

internal static class ServerStates
{
    public const string Added = "added";
    public const string Replaced = "replaced";
    public const string Unchanged = "unchanged";
    public const string Failed = "failed";
    public const string Removed = "removed";

    /// <summary>Removed, and the entry that was there before is back.</summary>
    public const string Restored = "restored";

    /// <summary>The entry of that name is not ours.</summary>
    public const string Kept = "kept";

    public const string Absent = "absent";
}

internal static class SkillStates
{
    public const string Written = "written";
    public const string Updated = "updated";
    public const string Unchanged = "unchanged";
    public const string Removed = "removed";

    /// <summary>What was there before is back.</summary>
    public const string Restored = "restored";

    /// <summary>A file that we did not write.</summary>
    public const string Kept = "kept";

    public const string Absent = "absent";
}
