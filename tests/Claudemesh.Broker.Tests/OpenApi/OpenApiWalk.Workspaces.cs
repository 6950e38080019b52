using System.Text.Json;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.OpenApi;

/// <content>What was done, the life of a workspace, and whose members are whose. What ends a workspace is done to another one.</content>
internal sealed partial class OpenApiWalk
{
    private TestMesh? another;
    private TestAccount? owner;
    private TestAccount? leaver;

    private IEnumerable<WalkStep> Workspaces =>
    [
        new("GET", "/audit", "/audit?after=0&limit=10"),
        new("GET", "/audit/head", "/audit/head"),
        new("POST", "/invites/{id}/mail", "/invites/<invite>/mail", () => """{"email":"ann@example.org"}"""),
        new("PATCH", "/workspace", "/workspace", () => """{"name":"Acme Labs"}"""),
        new("POST", "/workspace/archive", "/workspace/archive") { By = walk => walk.owner!.Http },
        new("POST", "/workspace/unarchive", "/workspace/unarchive") { By = walk => walk.owner!.Http },
        new("POST", "/workspace/leave", "/workspace/leave") { By = walk => walk.leaver!.Http },
        new("DELETE", "/workspace", $"/workspace?confirm={another!.Slug}") { By = walk => walk.owner!.Http },
        new("GET", "/api/my/meshes", "/api/my/meshes"),
        new("PUT", "/api/my/meshes/{id}", $"/api/my/meshes/{Mesh.Id}", () => JsonSerializer.Serialize(Claim(), ProtocolJson.Default.MemberClaim)),
        new("POST", "/api/my/account-invites", "/api/my/account-invites", () => """{"uses":1,"expiresInDays":7}""") { By = walk => walk.owner!.Http },
    ];

    private async Task MakeAnotherAsync()
    {
        another = await TestMesh.StartAsync(broker: Mesh.Broker);
        owner = await TestAccount.CreateAsync(Mesh.Broker, "otto", isOperator: true);
        await owner.OwnMemberAsync(Mesh.Broker, another.OwnerId);
        leaver = await TestAccount.CreateAsync(Mesh.Broker, "lea");
        await leaver.OwnMemberAsync(Mesh.Broker, (await another.AddMemberAsync("lea")).Id);
    }

    private MemberClaim Claim()
    {
        long now = Mesh.Log.Now;
        PublicKey key = Bob.Member.Key.Public;
        return new MemberClaim(key, now, Bob.Member.Key.Sign(new MemberClaimText(Mesh.Id, Account.Id.Value, key, now)));
    }
}
