using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.TopicKeys;

/// <summary>Where a topic may have a key of 1.x, and who may hold it: the same behind a socket and over REST.</summary>
internal static class TopicKeyRules
{
    /// <summary>Whoever is in the topic may hold its key.</summary>
    public static IEnumerable<MeshMember> Holders(Workspace workspace, Topic topic) => topic.Seats.Seats
        .Select(seat => workspace.Members.Find(seat.Owner)).OfType<MeshMember>()
        .Where(member => !member.Removed)
        .OrderBy(member => member.No.Value);

    public static bool Holds(TopicKey key, MeshMember member) => key.Copies.TryGetValue(member.No, out PublicKey to) && to == member.Key;

    /// <summary>Null where the topic is one that has such a key, and the member is in it.</summary>
    public static async ValueTask<MeshError?> RefuseAsync(Workspace workspace, Topic topic, MemberNo member, CancellationToken cancellationToken)
    {
        if (topic.RoleOf(member) is null)
            return MeshError.NotInTopic.With("The topic's key is invalid to ask about for who is not in the topic. Join it first.");

        Membership log = topic.IsPublic ? workspace.Logs.Mesh.Log : (await workspace.Logs.GetAsync(topic.Scope, cancellationToken)).Log;
        return log.TakesPlain(topic.Id) ? null : MeshError.TopicKeyInLog;
    }
}
