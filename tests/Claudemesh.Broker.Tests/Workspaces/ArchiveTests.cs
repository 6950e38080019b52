using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Workspaces;

/// <summary>An archived workspace is read and not written, and lets nobody in.</summary>
public sealed class ArchiveTests
{
    [Fact]
    public async Task Nothing_is_sent_or_written_in_it_and_everything_is_read()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        Assert.Equal("forbidden", (await bob.AskAsync(new ArchiveWorkspace(Archived: true))).Code());

        Assert.NotNull((await owner.AskAsync(new ArchiveWorkspace(Archived: true)))["archivedAt"]);

        Assert.Equal("mesh_archived", (string?)(await bob.SendAsync(owner.Key, "hello?"))["code"]);
        Assert.Equal("mesh_archived", (await owner.AskAsync(new RenameWorkspace(Name: DisplayName.Parse("x")))).Code());
        Assert.Equal("mesh_archived", (await bob.AskAsync(new TopicCreate(TopicName.Parse("t")))).Code());
        Assert.Equal("members_list", (string?)(await bob.AskAsync(new ListMembers()))["type"]);
        Assert.Equal("state_list", (string?)(await bob.AskAsync(new ListState()))["type"]);
        await using TestPeer again = await bob.Member.ConnectAsync("another");
        Assert.NotNull(again.Welcome["archivedAt"]);

        await owner.AskAsync(new ArchiveWorkspace(Archived: false));
        Assert.Null((string?)(await bob.SendAsync(owner.Key, "hello!"))["code"]);
        await using TestPeer after = await bob.Member.ConnectAsync("third");
        Assert.Null(after.Welcome["archivedAt"]);
    }

    [Fact]
    public async Task No_invite_and_no_record_lets_anybody_in_while_it_is_archived_and_all_do_again_after()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Mixed);
        await using TestPeer owner = await mesh.OwnerAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        TestInvite invite = await mesh.Log.InviteAsync(uses: 5);
        LegacyInviteToken old = await mesh.InviteAsync(uses: 5);
        await owner.AskAsync(new ArchiveWorkspace(Archived: true));
        using MemberSecretKey ann = MemberSecretKey.Generate();
        using MemberSecretKey cid = MemberSecretKey.Generate();

        string[] refused =
        [
            await CodeAsync(await mesh.Log.PostJoinAsync(invite.Id, ann, "ann", mesh.Log.Join(invite, ann, RandomBytes.NextId()))),
            await CodeAsync(await mesh.Log.PostJoinAsync(invite.Id, ann, "ann")),
            await CodeAsync(await mesh.PostJoinAsync(old, ann, "ann")),
            await CodeAsync(await mesh.PostJoinAsync(old, ann, "ann", proves: false)),
            await CodeAsync(await mesh.Broker.Http.GetAsync(new Uri($"/api/v1/invites/{invite.Id}", UriKind.Relative))),
            (string)(await mesh.Log.TryAppendAsync(mesh.Log.Draft(new LogBody.Admit(RandomBytes.NextId(), ann.Public, LogRole.Member, MemberKind.Person))))["code"]!,
        ];

        Assert.All(refused, code => Assert.Equal("mesh_archived", code));
        await mesh.Log.RemoveAsync(bob.Key.Public);
        await mesh.Broker.RestartAsync();
        await mesh.CloseOwnerAsync();
        await using TestPeer back = await mesh.OwnerAsync();
        await back.AskAsync(new ArchiveWorkspace(Archived: false));
        await mesh.Log.ReadOnAsync();
        TestInvite fresh = await mesh.Log.InviteAsync();
        Assert.True((await mesh.Log.PostJoinAsync(fresh.Id, cid, "cid", mesh.Log.Join(fresh, cid, RandomBytes.NextId()))).IsSuccessStatusCode);
    }

    private static async Task<string> CodeAsync(HttpResponseMessage response)
    {
        JsonNode body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        return (string?)body["code"] ?? (string?)body["error"] ?? "";
    }
}
