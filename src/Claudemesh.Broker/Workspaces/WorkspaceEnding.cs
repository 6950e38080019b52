using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Handshake;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Workspaces;

/// <summary>Closes what is open of a workspace that has ended: sockets, streams, keys, and the workspace itself. Call after the store has it as ended.</summary>
internal sealed class WorkspaceEnding(OpenWorkspaces workspaces, ApiKeyBook keys, WorkspaceDeletion deletion)
{
    /// <param name="farewell">What the clients of its members are told.</param>
    public void TakeDown(Workspace workspace, MeshError farewell)
    {
        keys.Forget(key => key.Mesh == workspace.Id);
        workspace.Streams.EndAll(farewell);
        foreach (SocketConnection connection in workspace.Sockets.Connections)
        {
            if (connection.IsOurs)
                connection.Refuse(farewell);

            workspace.Lose(connection, goodbye: true);
            _ = connection.CloseAsync(Refusals.Banned, "ended");
        }

        workspaces.Close(workspace.Id);
        deletion.Wake();
    }
}
