using System.Net;
using System.Text.Json.Nodes;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Compatibility;

/// <summary>
/// What a recorded hook did to a session's status. The hooks' own door, which asks nobody who they are, is not on this broker; the
/// session says its status itself.
/// </summary>
internal sealed class HookedStatus(TestMesh mesh)
{
    public const string Path = "/hook/set-status";

    private readonly Dictionary<int, ReplayedConnection> byPid = [];

    public async Task FollowAsync(JsonObject body, IEnumerable<ReplayedConnection> connections)
    {
        HttpResponseMessage response = await mesh.PostAsync(Path, body.ToJsonString());
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        if (body["pid"] is not { } pid)
            return;

        if ((string?)body["session_id"] is { } session)
            byPid[(int)pid] = connections.Single(each => each.IsOpen && each.Session == session);

        if (byPid.TryGetValue((int)pid, out ReplayedConnection? hooked))
        {
            await hooked.Socket.SendAsync(new SetStatus(Enum.Parse<PresenceStatus>((string)body["status"]!, ignoreCase: true)));
            await hooked.SettleAsync();
        }
    }
}
