namespace Claudemesh.Local;

/// <summary>What is read to a member over another channel: where both sides see the same, nobody stands between them.</summary>
/// <param name="Key">The member key that is pinned here.</param>
/// <param name="SafetyNumber">60 digits in two blocks, the same on both sides; the 30 digits of 1.x where the member uses that.</param>
/// <param name="Verified">This person has compared it and said so. A key that changes drops it.</param>
/// <param name="Changed">The broker shows another key for this member than the pinned one. Nothing is sent to him.</param>
/// <param name="KeyChangedAt">When the member changed its key, signed by the one before; null where it did not, and once the new number was compared.</param>
public sealed record Safety(
    string Workspace,
    string Name,
    string Key,
    string Kind,
    string SafetyNumber,
    bool Verified,
    DateTimeOffset? VerifiedAt,
    bool Changed,
    DateTimeOffset? KeyChangedAt = null);

/// <summary>A member's key has changed, signed by the one before. What was compared of that says nothing of the new one.</summary>
public sealed record KeyChange(string Workspace, string Name, string Key, string FormerKey, DateTimeOffset At);

public sealed record SafetyList(IReadOnlyList<Safety> Members);

/// <param name="Peer">A member's or session's name, a key or a unique prefix of one.</param>
/// <param name="Workspace">Null: the one in which <paramref name="Peer"/> is known.</param>
/// <param name="Verified">False takes the mark away.</param>
public sealed record MarkVerified(string Peer, string? Workspace = null, bool Verified = true);
