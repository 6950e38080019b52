using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Audit;

/// <summary>Tells the devices of owners and admins that the chain has grown: who follows it reads on.</summary>
internal sealed class AuditNews(OpenWorkspaces workspaces)
{
    private static readonly Resync Grown = new(Resync.OfAudit);

    public void Follow(Database database) => database.Audited = Tell;

    private void Tell(IReadOnlyCollection<MeshNo> grown)
    {
        foreach (Workspace workspace in workspaces.All().Where(each => grown.Contains(each.Row.No)))
            Tell(workspace);
    }

    private static void Tell(Workspace workspace)
    {
        SharedFrame frame = FrameEncoder.Encode(Grown);
        foreach (SocketConnection connection in workspace.Sockets.Connections)
        {
            if (!connection.WantsLog || connection.Caller is not { Role: >= MemberRole.Admin })
                continue;

            connection.Outbox.EnqueueEvent(frame.Share());
            connection.Outbox.Kick();
        }

        frame.Release();
    }
}
