using System.Text.Json;

namespace Claudemesh.Daemon.Topics;

/// <summary>A part of all topics.</summary>
/// <param name="WorkspaceNo">Null: of all workspaces.</param>
/// <param name="Topics">Null: all there are, also those that come. A topic's id is its workspace's own.</param>
internal sealed record PostPart(long? WorkspaceNo, IReadOnlyList<(long WorkspaceNo, string TopicId)>? Topics = null)
{
    public static PostPart Of(long workspaceNo, string topicId) => new(workspaceNo, [(workspaceNo, topicId)]);

    /// <summary>As SQLite reads a list.</summary>
    public string? TopicList => Topics is null ? null : $"[{string.Join(',', Topics.Select(topic => $"\"{JsonEncodedText.Encode($"{topic.WorkspaceNo}/{topic.TopicId}")}\""))}]";
}
