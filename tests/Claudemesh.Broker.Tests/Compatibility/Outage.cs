using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Compatibility;

/// <summary>Ends the broker and starts it again where the recording's notes say that this was done.</summary>
internal sealed class Outage(TestMesh mesh)
{
    private Task stopping = Task.CompletedTask;

    public async Task FollowAsync(string note)
    {
        switch (note)
        {
            case "broker: SIGTERM":
                stopping = mesh.Broker.StopAsync();
                break;
            case "broker: SIGKILL":
                // What a kill leaves of the database is tested with the built program; here every socket ends without a word.
                Workspace workspace = await mesh.OpenAsync();
                foreach (SocketConnection connection in workspace.Sockets.Connections)
                    connection.Abort();

                stopping = mesh.Broker.StopAsync();
                break;
            case "broker: started again":
                await stopping;
                await mesh.Broker.StartAgainAsync();
                break;
        }
    }
}
