using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Workspaces;

/// <summary>Tells the devices of its members what a workspace is called now, and whether it can only be read.</summary>
internal static class WorkspaceNews
{
    public static void Changed(Workspace workspace)
    {
        SharedFrame frame = FrameEncoder.Encode(new WorkspaceChanged(workspace.Row.Slug, workspace.Row.Name, workspace.ArchivedAt));
        foreach (SocketConnection connection in workspace.Sockets.Connections.Where(each => each.WantsLog))
        {
            connection.Outbox.EnqueueEvent(frame.Share());
            connection.Outbox.Kick();
        }

        frame.Release();
    }
}
