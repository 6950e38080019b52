using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Moderation;

/// <summary>A removal shuts every door at once, and no invite opens one again.</summary>
public sealed class RemovalDoorTests
{
    private const WebSocketCloseStatus Gone = (WebSocketCloseStatus)4002;

    [Fact]
    [Trait("rest", "7.1 A8")]
    [Trait("rest", "7.1 A11")]
    public async Task A_removal_ends_sockets_sessions_keys_streams_tokens_and_what_the_account_may_there()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer owner = await mesh.OwnerAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        await using TestPeer laptop = await bob.ConnectAsync("laptop");
        await using TestPeer desk = await bob.ConnectAsync("desk", presence: false);
        await laptop.OpenSessionAsync("s1");
        using TestKey key = await bob.MakeKeyAsync();
        using TestAccount account = await TestAccount.CreateAsync(mesh.Broker, "bob");
        await MyMeshTests.ClaimAsync(account, mesh, bob.Key);
        RestAnswer made = await MyMeshTests.SendAsync(account.Http, HttpMethod.Post, "/api/my/tokens", """{"name":"ci","scopes":["read"],"expiresInDays":7}""");
        using HttpClient token = new() { BaseAddress = mesh.Broker.Url };
        token.DefaultRequestHeaders.Authorization = new("Bearer", (string)made.Body!["token"]!);
        Assert.Equal(200, (await MyMeshTests.SendAsync(token, HttpMethod.Get, "/api/v1/members")).Status);
        using TestStream byKey = await TestStream.OpenAsync(key.Http, "/stream");
        using TestStream bySession = await TestStream.OpenAsync(account.Http, "/stream");
        using TestStream byToken = await TestStream.OpenAsync(token, "/stream");
        long before = mesh.Log.State.Epoch;

        await mesh.Log.RemoveAsync(bob.Key.Public);

        Assert.Equal((Gone, Gone), (await laptop.Socket.ClosedAsync(), await desk.Socket.ClosedAsync()));
        foreach (TestStream stream in new[] { byKey, bySession, byToken })
            await EndAsync(stream);
        Assert.Equal(before + 1, mesh.Log.State.Epoch);
        Assert.Equal(401, (await key.GetAsync("/members")).Status);
        Assert.Equal((404, 404), ((await MyMeshTests.GetAsync(account, "/api/v1/members")).Status, (await MyMeshTests.SendAsync(token, HttpMethod.Get, "/api/v1/members")).Status));
        Assert.Empty((await MyMeshTests.GetAsync(account, "/api/my/meshes")).Body!["meshes"]!.AsArray());
        Assert.DoesNotContain((await owner.AskAsync(new ListPeers()))["peers"]!.AsArray(), peer => (string?)peer!["memberPubkey"] == bob.Key.Public.ToString());
    }

    [Fact]
    [Trait("wire", "7.3 #14")]
    public async Task No_invite_of_before_and_no_later_one_brings_the_account_back_under_any_key()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Mixed);
        await using TestPeer owner = await mesh.OwnerAsync();
        using MemberSecretKey own = MemberSecretKey.Generate();
        using MemberSecretKey fresh = MemberSecretKey.Generate();
        using TestAccount account = await TestAccount.CreateAsync(mesh.Broker, "bob");
        TestInvite held = await mesh.Log.InviteAsync(uses: 10);
        LegacyInviteToken old = await mesh.InviteAsync(uses: 10);
        Assert.Equal(200, (await MyMeshTests.JoinAsync(account, mesh, held, own)).Status);
        await mesh.Log.ReadOnAsync();
        await MyMeshTests.ClaimAsync(account, mesh, own);
        await mesh.Log.RemoveAsync(own.Public);

        // Whoever has an old link, by whichever key.
        Assert.Equal("invite_revoked", await CodeAsync(mesh.Log.PostJoinAsync(held.Id, fresh, "bob", mesh.Log.Join(await mesh.Log.InviteAsync(), fresh, RandomBytes.NextId()))));
        Assert.Equal("invite_revoked", await CodeAsync(mesh.Log.PostJoinAsync(held.Id, fresh, "bob")));
        Assert.Equal("member_removed", await CodeAsync(mesh.Log.PostJoinAsync(held.Id, own, "bob")));
        foreach (MemberSecretKey key in new[] { own, fresh })
        {
            foreach (bool proves in new[] { true, false })
                Assert.Equal(key == own ? "member_removed" : "invite_revoked", await CodeAsync(mesh.PostJoinAsync(old, key, "bob", proves)));
        }

        // A later link, with the key of before, by code alone, or as the account with another key.
        TestInvite later = await mesh.Log.InviteAsync(uses: 10);
        LegacyInviteToken laterToken = await mesh.InviteAsync(uses: 10);
        Assert.Equal("member_removed", await CodeAsync(mesh.Log.PostJoinAsync(later.Id, own, "bob")));
        Assert.Equal("member_removed", await CodeAsync(mesh.PostJoinAsync(laterToken, own, "bob")));
        Assert.Equal((403, "member_removed"), MyMeshTests.Refusal(await MyMeshTests.JoinAsync(account, mesh, later, fresh)));

        // And if he hides whose account he is, the account does not get that member.
        await mesh.Log.PostJoinAsync(later.Id, fresh, "somebody", mesh.Log.Join(later, fresh, RandomBytes.NextId()));
        Assert.Equal((403, "member_removed"), MyMeshTests.Refusal(await MyMeshTests.ClaimAsync(account, mesh, fresh)));
        Assert.Equal(404, (await MyMeshTests.GetAsync(account, "/api/v1/members")).Status);
    }

    [Fact]
    public async Task An_admin_who_admits_him_again_brings_all_of_it_back()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestAccount account = await TestAccount.CreateAsync(mesh.Broker, "bob");
        await MyMeshTests.ClaimAsync(account, mesh, bob.Key);
        await mesh.Log.RemoveAsync(bob.Key.Public);

        await mesh.Log.AdmitAsync(bob.Id, bob.Key.Public);

        await using TestPeer back = await bob.ConnectAsync();
        Assert.Equal(200, (await MyMeshTests.GetAsync(account, "/api/v1/members")).Status);
        Assert.Equal(bob.Id, (string?)(await MyMeshTests.GetAsync(account, "/api/my/meshes")).Body!["meshes"]![0]!["memberId"]);
    }

    private static async Task EndAsync(TestStream stream)
    {
        while (await stream.NextAsync() is not null)
        {
        }
    }

    private static async Task<string?> CodeAsync(Task<HttpResponseMessage> asked)
    {
        using HttpResponseMessage response = await asked;
        JsonNode body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        return (string?)body["code"] ?? (string?)body["error"];
    }
}
