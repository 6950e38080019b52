namespace Claudemesh.Local;

/// <summary>Ends connections of others: exactly one of peer, all and stale says whose.</summary>
/// <param name="Peer">A name, a key, or a beginning of a key that only one has.</param>
/// <param name="All">Everybody whom you may disconnect.</param>
/// <param name="StaleSeconds">Those who have given no sign of life for this long.</param>
/// <param name="Workspace">Null where the daemon has only one, or at a workspace's own socket.</param>
public sealed record TakeOff(string? Peer = null, bool All = false, long? StaleSeconds = null, string? Workspace = null);

/// <param name="Affected">Whose connection was ended.</param>
/// <param name="Skipped">Names of 1.x daemons that a kick leaves alone: they would be back at once.</param>
public sealed record TakenOff(string Workspace, IReadOnlyList<AffectedPeer> Affected, IReadOnlyList<string> Skipped);

/// <param name="Key">The session's key if it is one, else the member's.</param>
public sealed record AffectedPeer(string Name, string Key, string MemberKey);

/// <param name="Peer">A name, a key, or a beginning of a key that only one has.</param>
/// <param name="Reason">Told to the banned member; at most 200 characters.</param>
public sealed record BanMember(string Peer, string? Reason = null, string? Workspace = null);

/// <summary>A member who was banned, or let in again.</summary>
public sealed record BannedMember(string Workspace, string Name, string Key);

/// <param name="BannedAt">When.</param>
public sealed record MemberBan(string Workspace, string Name, string Key, DateTimeOffset BannedAt);

public sealed record BanList(IReadOnlyList<MemberBan> Bans);

/// <summary>Tries again to connect a workspace from which the broker has taken this daemon off.</summary>
/// <param name="Workspace">Null: all that are not connected.</param>
public sealed record Reconnect(string? Workspace = null);

/// <summary>How the connections are after the attempt.</summary>
public sealed record Reconnected(IReadOnlyList<WorkspaceStatus> Workspaces);
