using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Self;

/// <summary>What this person has said of himself, or of one session of his, in a workspace. Null: nothing was said.</summary>
/// <param name="Profile">Null or with at least one part.</param>
/// <param name="Groups">All of them, once one was joined or left here; null: those that the broker knows.</param>
internal sealed record SelfFacts(
    DisplayName? Name = null,
    PresenceStatus? Status = null,
    string? Summary = null,
    bool? Visible = null,
    PeerProfile? Profile = null,
    IReadOnlyList<GroupTag>? Groups = null)
{
    public static SelfFacts Nothing { get; } = new();
}
