using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Invites;

/// <summary>Tells the devices of owners and admins that somebody waits to be admitted: they list the members.</summary>
internal static class WaitingNews
{
    private static readonly Resync Waiting = new("waiting");

    public static void SomebodyWaits(Workspace workspace)
    {
        SharedFrame frame = FrameEncoder.Encode(Waiting);
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
