using System.Text.Json.Serialization;

namespace Claudemesh.Local;

/// <param name="Version">The daemon's own version, as in <c>2.0.0</c>.</param>
/// <param name="Api">The version of this API, <c>v1</c>.</param>
/// <param name="Pid">The process that answers.</param>
public sealed record DaemonVersion(string Version, string Api, int Pid);

/// <param name="MemoryBytes">Resident memory.</param>
/// <param name="Pending">Messages in the outbox that no broker has accepted yet.</param>
/// <param name="Unread">Messages in the inbox that nobody has seen yet.</param>
public sealed record DaemonStatus(
    string Version,
    int Pid,
    DateTimeOffset StartedAt,
    string Home,
    long MemoryBytes,
    long Pending,
    long Unread,
    IReadOnlyList<WorkspaceStatus> Workspaces)
{
    /// <summary>What its person should do about his accounts, one sentence each; null where nothing is open.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Hints { get; init; }
}

/// <param name="State">One of <see cref="ConnectionStates"/>.</param>
/// <param name="Detail">Why the connection is not open; null when it is.</param>
public sealed record WorkspaceStatus(string Slug, string Broker, string State, string? Detail, long Pending, long Unread);

/// <summary>What a workspace's connection to its broker is doing.</summary>
public static class ConnectionStates
{
    public const string Connecting = "connecting";
    public const string Open = "open";

    /// <summary>Lost or never reached; tried again by itself.</summary>
    public const string Offline = "offline";

    /// <summary>The broker does not admit this member. Not tried again before the daemon restarts.</summary>
    public const string Refused = "refused";

    /// <summary>An admin ended the connection. Not tried again before this person says so (<c>daemon reconnect</c>).</summary>
    public const string Kicked = "kicked";

    /// <summary>This member was removed from the workspace. Not tried again before this person says so.</summary>
    public const string Removed = "removed";
}

public sealed record LogLocation(string Path);

/// <summary>The daemon has begun to stop.</summary>
public sealed record Stopping(int Pid);
