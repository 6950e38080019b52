using Claudemesh.Local;

namespace Claudemesh.Daemon.Workspaces;

/// <summary>
/// Why this daemon stays away from a workspace until its person says otherwise: the broker took it off. Kept over restarts, so that nothing but the
/// person brings it back.
/// </summary>
/// <param name="Kind"><see cref="ConnectionStates.Kicked"/> or <see cref="ConnectionStates.Removed"/>.</param>
/// <param name="Reason">The broker's sentence.</param>
internal sealed record Absence(string Kind, string Reason)
{
    public bool IsRemoval => Kind is ConnectionStates.Removed;

    /// <summary>What a connection's end means; null when it is to be tried again as ever.</summary>
    /// <param name="code">The broker's error code, <c>kicked</c> or <c>banned</c>.</param>
    public static Absence? Of(string? code, string reason) => code switch
    {
        "kicked" => new Absence(ConnectionStates.Kicked, reason),
        "banned" or "revoked" or "workspace_ended" => new Absence(ConnectionStates.Removed, reason),
        _ => null,
    };

    /// <summary>The answer to every verb that needs the workspace.</summary>
    public LocalProblem ToProblem(string slug) => IsRemoval
        ? LocalProblem.Of(
            LocalErrors.Removed,
            $"You are not in {slug} any more: {Reason} `claudemesh daemon reconnect -w {slug}` tries again once you are let in; `claudemesh leave {slug}` deletes it here.",
            403,
            ExitCode.Denied)
        : LocalProblem.Of(LocalErrors.Kicked, $"You are disconnected from {slug}: {Reason} `claudemesh daemon reconnect -w {slug}` connects again.", 403, ExitCode.Denied);
}
