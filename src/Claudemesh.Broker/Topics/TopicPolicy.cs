using Claudemesh.Broker.Workspaces;

namespace Claudemesh.Broker.Topics;

/// <summary>What a topic's bodies must be, by the log: a public topic goes by the workspace's, a private one by its own where it has one.</summary>
internal static class TopicPolicy
{
    /// <summary>Whether bodies that the broker can read are taken; null where its log is not in memory, which nobody waits for here.</summary>
    public static bool? TakesPlain(Workspace workspace, Topic topic)
    {
        if (topic.IsPublic)
            return workspace.Logs.Mesh.Log.TakesPlain(topic.Id);

        return workspace.Logs.Find(topic.Scope)?.Log.TakesPlain(topic.Id);
    }
}
