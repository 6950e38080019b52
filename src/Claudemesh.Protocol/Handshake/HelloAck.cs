using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>The answer to the 1.x handshakes. Original clients need its type alone; the cold CLI also shows what was restored.</summary>
/// <param name="MemberProfile">Absent when a session came back to its own presence.</param>
/// <param name="Restored">True when the workspace remembered this member; absent otherwise, and so are the next four.</param>
/// <param name="RestoredGroups">The remembered groups, when the hello gave none.</param>
public sealed record HelloAck(
    string PresenceId,
    string MemberDisplayName,
    MemberProfile? MemberProfile = null,
    MeshPolicy? MeshPolicy = null,
    bool? Restored = null,
    string? LastSummary = null,
    DateTimeOffset? LastSeenAt = null,
    GroupTag[]? RestoredGroups = null,
    RestoredStats? RestoredStats = null) : IMessage
{
    public static string WireType => "hello_ack";
}

/// <param name="RoleTag">Written even when null, as 1.x does.</param>
public sealed record MemberProfile(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? RoleTag,
    GroupTag[] Groups,
    MessageMode MessageMode);

/// <summary>What 1.x members may change of themselves.</summary>
public sealed record MeshPolicy(SelfEditable SelfEditable);

public sealed record SelfEditable(bool DisplayName, bool RoleTag, bool Groups, bool MessageMode)
{
    /// <summary>Everything; a workspace of ours has no other policy.</summary>
    public static SelfEditable All { get; } = new(true, true, true, true);
}

public sealed record RestoredStats(long MessagesIn, long MessagesOut, long ToolCalls, long Errors);

/// <summary>How a 1.x member wants its messages.</summary>
[JsonConverter(typeof(WordConverter<MessageMode>))]
public enum MessageMode
{
    Push,
    Inbox,
    Off,
}
