using Claudemesh.Broker.Log;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Topics;

/// <summary>Who is in a private topic is what its log says; who the workspace lets in or out is in #general, or in nothing any more.</summary>
internal sealed class TopicFollower(TopicSeating seating) : ILogFollower
{
    public ILogPart? Follow(LogChange change)
    {
        if (change.Scope is not RootReference.MeshScope)
            return new TopicPart(change, seating);

        return change.Records.Any(record => record.Body is LogBody.Join or LogBody.Admit or LogBody.Remove) ? new WorkspacePart(change, seating) : null;
    }
}
