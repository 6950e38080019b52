using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Topics;

/// <summary>A topic as the broker lists it for this person.</summary>
/// <param name="Role">Null: he has not joined.</param>
/// <param name="ReadThrough">The position up to which he has read; 0 for nothing.</param>
internal sealed record TopicRow(
    string Id,
    string Name,
    string? Description,
    string Visibility,
    int Members,
    string? Role,
    long CreatedAt,
    long? ArchivedAt,
    int? RetentionDays,
    bool Plain,
    long ReadThrough)
{
    public bool IsPublic => Visibility is TopicVisibilities.Public;

    public bool IsDm => Visibility is TopicVisibilities.Dm;

    public string Scope => RootReference.TopicScope(Id);

    /// <summary>What a change leaves out stays: read marks never go back, and who was not told of plain text keeps what he knew.</summary>
    public static TopicRow Of(TopicInfo info, TopicRow? before) => new(
        info.Id,
        info.Name.Value,
        info.Description,
        info.Visibility.ToString().ToLowerInvariant(),
        info.MemberCount,
        info.Role?.ToString().ToLowerInvariant(),
        info.CreatedAt.ToUnixTimeMilliseconds(),
        info.ArchivedAt?.ToUnixTimeMilliseconds(),
        info.RetentionDays,
        info.PlainIn ?? before?.Plain ?? false,
        Math.Max(info.LastReadPosition ?? 0, before?.ReadThrough ?? 0));
}
