using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Topics;

/// <summary>What a topic's bodies must be, by the log: a public topic goes by the workspace's, a private one by its own where it has one.</summary>
internal static class TopicPolicy
{
    public static string ScopeOf(Topic topic) => topic.IsPublic ? RootReference.MeshScope : topic.Scope;

    /// <summary>Whether bodies that the broker can read are taken. What was said of the topic, in either log, holds.</summary>
    public static bool TakesPlain(Workspace workspace, Topic topic) => workspace.Logs.Mesh.Log.TakesPlain(topic.Id);
}
