using Claudemesh.Protocol;

namespace Claudemesh.Client;

/// <summary>What a member or a session says of itself each time it arrives.</summary>
/// <param name="DisplayName">Null: the name that it had.</param>
/// <param name="Groups">Null: the groups that it had; of a session, its member's.</param>
/// <param name="Standing">Null: as it was.</param>
public sealed record Introduction(DisplayName? DisplayName = null, GroupTag[]? Groups = null, Standing? Standing = null);
