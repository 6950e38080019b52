using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Log;

/// <summary>The broker's rows follow the log, in memory and after a restart.</summary>
public sealed class MemberRowTests
{
    private static TargetSpec Everybody => TargetSpec.TryParse("*", out TargetSpec? all) ? all : throw new InvalidOperationException();

    [Fact]
    public async Task A_removal_closes_the_members_sockets_and_refuses_what_waits_for_it()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer cid = await mesh.JoinAsync("cid");
        TestMember away = await mesh.AddMemberAsync("away");
        await bob.SendAsync(away.Key.Public.ToString(), "waits");

        await mesh.Log.RemoveAsync(cid.Member.Key.Public, "moved on");
        await mesh.Log.RemoveAsync(away.Key.Public);

        JsonObject told = await cid.Socket.NextAsync("error");
        Assert.Equal("revoked", (string?)told["code"]);
        Assert.Contains("moved on", (string?)told["message"], StringComparison.Ordinal);
        Assert.Equal(4002, (int?)await cid.Socket.ClosedAsync());
        await bob.Socket.NextAsync("the refusal", frame => TestSocket.IsType(frame, "receipt") && (int)frame["refused"]! == 1);
        Assert.Equal("recipient_removed", (string?)(await bob.SendAsync(cid.Key, "late"))["code"]);
        Assert.Equal("revoked", await HelloCodeAsync(cid.Member));
        await RestartAsync(mesh);
        Assert.Equal("revoked", await HelloCodeAsync(cid.Member));
    }

    [Fact]
    [Trait("wire", "7.3 #14")]
    public async Task A_removed_key_comes_back_by_admit_alone_and_not_by_unban()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestMember cid = await mesh.AddMemberAsync("cid");
        await (await cid.ConnectAsync()).DisposeAsync();
        await mesh.Log.RemoveAsync(cid.Key.Public, LogBody.Remove.Banned);
        TestSocket owner = await mesh.OwnerSocketAsync();
        Assert.Equal("cid", Assert.Single((await BansAsync(owner)).Bans).Name);

        JsonObject refused = await Frames.AskAsync(owner, new Unban("cid"));
        await mesh.Log.AdmitAsync(cid.Id, cid.Key.Public);

        Assert.Equal("forbidden", (string?)refused["code"]);
        Assert.Contains("admit", (string?)refused["message"], StringComparison.Ordinal);
        await using TestPeer back = await cid.ConnectAsync();
        Assert.Null((string?)(await back.SendAsync(mesh.OwnerKey.Public.ToString(), "back"))["code"]);
        Assert.Empty((await BansAsync(owner)).Bans);
    }

    [Fact]
    public async Task Who_leaves_by_a_record_has_his_answer_before_his_connection_is_closed()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");

        JsonObject answer = await mesh.Log.TryAppendAsync(
            mesh.Log.Draft(new LogBody.Remove(bob.Member.Key.Public, ""), bob.Member.Key), socket: bob.Socket);

        Assert.Equal("log_appended", (string?)answer["type"]);
        Assert.Contains("You have left", (string?)(await bob.Socket.NextAsync("error"))["message"], StringComparison.Ordinal);
        Assert.Equal(4002, (int?)await bob.Socket.ClosedAsync());
    }

    [Fact]
    public async Task A_role_holds_at_once_and_after_a_restart()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        Assert.Equal("forbidden", (string?)(await Frames.AskAsync(bob.Socket, new ListInvites()))["code"]);

        await mesh.Log.AppendAsync(new LogBody.Role(bob.Member.Key.Public, LogRole.Admin));

        Assert.Equal("invites_list", (string?)(await Frames.AskAsync(bob.Socket, new ListInvites()))["type"]);
        await RestartAsync(mesh);
        await using TestPeer again = await bob.Member.ConnectAsync();
        Assert.Equal("admin", (string?)again.Welcome["role"]);
    }

    [Fact]
    public async Task Ownership_goes_over_with_everything_that_asks_for_the_owner()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Mixed);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        LegacyInviteToken link = await mesh.InviteAsync();

        await mesh.Log.AppendAsync(new LogBody.Role(bob.Member.Key.Public, LogRole.Owner));

        Assert.Equal("workspace_renamed", (string?)(await Frames.AskAsync(bob.Socket, new RenameWorkspace(Slug.Parse("bobs-" + mesh.Slug), null)))["type"]);
        Assert.Equal("forbidden", (string?)(await Frames.AskAsync(await mesh.OwnerSocketAsync(), new RenameWorkspace(Slug.Parse("mine"), null)))["code"]);
        using MemberSecretKey late = MemberSecretKey.Generate();
        Assert.False((await mesh.PostJoinAsync(link, late, "late", proves: false)).IsSuccessStatusCode);
        LegacyInviteToken his = LegacyInviteToken.Issue(
            bob.Member.Key.Key, mesh.Id, "bobs-" + mesh.Slug, mesh.Broker.SocketUrl.ToString(), mesh.Clock.GetUtcNow().AddDays(1).ToUnixTimeSeconds(), "member");
        Assert.Equal("invite_created", (string?)(await Frames.AskAsync(bob.Socket, new InviteCreate(his.Token, 1)))["type"]);
        await RestartAsync(mesh);
        await using TestPeer again = await bob.Member.ConnectAsync();
        Assert.Equal("owner", (string?)again.Welcome["role"]);
        Assert.Equal("admin", (string?)(await mesh.OwnerMember().ConnectAsync()).Welcome["role"]);
    }

    [Fact]
    public async Task A_key_change_moves_row_address_and_mailbox_and_ends_the_old_keys_connections()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer cid = await mesh.JoinAsync("cid");
        await bob.DisposeAsync();
        await cid.SendAsync(bob.Key, "before");
        TestPeer stolen = await bob.Member.ConnectAsync(device: "thief", presence: false);
        using MemberSecretKey renewed = MemberSecretKey.Generate();
        LogDraft draft = mesh.Log.Draft(bob.Member.Key);
        Assert.Equal(LogRefusal.None, draft.AddKeyChange(renewed, compromised: true));

        await mesh.Log.AppendAsync(draft, socket: await mesh.OwnerSocketAsync());

        Assert.Equal("key_changed", (string?)(await stolen.Socket.NextAsync("error"))["code"]);
        await stolen.Socket.ClosedAsync();
        Assert.Equal("unauthorized", await HelloCodeAsync(bob.Member));
        Assert.Equal("stale_epoch", (string?)(await cid.SendSharedAsync(Everybody, "x"))["code"]);
        Assert.Null((string?)(await cid.SendAsync(renewed.Public.ToString(), "to the new key"))["code"]);
        Assert.Null((string?)(await cid.SendAsync(bob.Key, "to the old key"))["code"]);
        await RestartAsync(mesh);
        await using TestPeer back = await new TestMember(mesh, renewed, "bob", bob.Member.Id).ConnectAsync();
        Assert.Equal(bob.Member.Id, (string?)back.Welcome["memberId"]);
        Assert.Equal(
            ["before", "to the new key", "to the old key"],
            [(await back.NextMessageAsync()).Text, (await back.NextMessageAsync()).Text, (await back.NextMessageAsync()).Text]);
    }

    [Fact]
    public async Task What_a_member_sent_before_it_changed_its_key_is_still_of_the_key_that_signed_it()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        TestMember cid = await mesh.AddMemberAsync("cid");
        await bob.SendSharedAsync(Everybody, "signed by the old key");
        using MemberSecretKey renewed = MemberSecretKey.Generate();
        LogDraft draft = mesh.Log.Draft(bob.Member.Key);
        draft.AddKeyChange(renewed, compromised: false);
        await mesh.Log.AppendAsync(draft);
        await using TestPeer after = await new TestMember(mesh, renewed, "bob", bob.Member.Id).ConnectAsync();
        await after.SendSharedAsync(Everybody, "signed by the new one");

        await using (TestPeer here = await cid.ConnectAsync())
            Assert.Equal([bob.Key, after.Key], [await SenderAsync(here), await SenderAsync(here)]);
        await RestartAsync(mesh);
        await using TestPeer again = await cid.ConnectAsync();
        Assert.Equal([bob.Key, after.Key], [await SenderAsync(again), await SenderAsync(again)]);
    }

    [Fact]
    public async Task What_was_granted_to_a_member_holds_for_its_new_key()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestMember bob = await mesh.AddMemberAsync("bob");
        await using TestPeer cid = await mesh.JoinAsync("cid");
        await Frames.AskAsync(cid.Socket, new ChangeGrants(bob.Key.Public.ToString(), Take: [.. Enum.GetValues<GrantedCapability>()]));
        using MemberSecretKey renewed = MemberSecretKey.Generate();
        LogDraft draft = mesh.Log.Draft(bob.Key);
        draft.AddKeyChange(renewed, compromised: false);
        await mesh.Log.AppendAsync(draft);
        TestMember moved = new(mesh, renewed, "bob", bob.Id);

        await using TestPeer before = await moved.ConnectAsync();
        Assert.Equal("blocked", (string?)(await before.SendAsync(cid.Key, "x"))["code"]);
        await RestartAsync(mesh);
        await using TestPeer after = await moved.ConnectAsync();
        Assert.Equal("blocked", (string?)(await after.SendAsync(cid.Key, "x"))["code"]);
    }

    [Fact]
    public async Task The_kind_of_whom_the_log_calls_legacy_changes_with_the_log_alone()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Mixed);
        TestMember old = await mesh.AddMemberAsync("old", legacy: true);

        await using TestPeer ours = await old.ConnectAsync();
        Assert.Equal(MemberKind.Legacy, await KindAsync(mesh, old.Id));
        using MemberSecretKey renewed = MemberSecretKey.Generate();
        LogDraft draft = mesh.Log.Draft(old.Key);
        draft.AddKeyChange(renewed, compromised: false);
        await mesh.Log.AppendAsync(draft);

        Assert.Equal(MemberKind.Person, await KindAsync(mesh, old.Id));
    }

    [Fact]
    public async Task An_older_workspace_takes_genesis_from_its_owners_key_only_and_its_members_stay()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        LogDraft byBob = new(Membership.Empty(mesh.Id, "mesh"), bob.Member.Key, mesh.Clock.GetUtcNow().ToUnixTimeMilliseconds());
        byBob.Add(new LogBody.Genesis(default, EncryptionRequired: true, bob.Member.Id));
        LogDraft wrongId = new(Membership.Empty(mesh.Id, "mesh"), mesh.OwnerKey, mesh.Clock.GetUtcNow().ToUnixTimeMilliseconds());
        wrongId.Add(new LogBody.Genesis(default, EncryptionRequired: true, bob.Member.Id));

        Assert.Equal("log_refused", (string?)(await Frames.AppendAsync(bob.Socket, byBob))["code"]);
        Assert.Equal("member_id_taken", (string?)(await Frames.AppendAsync(bob.Socket, wrongId))["code"]);
        TestLog log = await mesh.BeginLogAsync(encryptionRequired: true);
        Assert.Null((string?)(await bob.SendAsync(mesh.OwnerKey.Public.ToString(), "still here"))["code"]);
        JsonObject otherId = await log.TryAppendAsync(
            log.Draft(new LogBody.Admit(RandomBytes.NextId(), bob.Member.Key.Public, LogRole.Member, MemberKind.Person)));
        Assert.Equal("member_id_taken", (string?)otherId["code"]);
        await log.AdmitAsync(bob.Member.Id, bob.Member.Key.Public);

        Assert.Null((string?)(await bob.SendSharedAsync(Everybody, "sealed"))["code"]);
        Assert.Equal(2, (await Frames.ListMembersAsync(bob.Socket)).Length);
    }

    [Fact]
    public async Task A_ban_at_the_broker_cuts_access_and_the_log_says_the_rest()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer cid = await mesh.JoinAsync("cid");

        Assert.Equal("ban_ack", (string?)(await Frames.AskAsync(await mesh.OwnerSocketAsync(), new Ban("cid")))["type"]);
        await cid.Socket.ClosedAsync();
        await mesh.Log.RemoveAsync(cid.Member.Key.Public, LogBody.Remove.Banned);

        Assert.Equal("revoked", await HelloCodeAsync(cid.Member));
        Assert.DoesNotContain(cid.Member.Key.Public, mesh.Log.State.Members.Keys);
    }

    private static async Task<ListBansResult> BansAsync(TestSocket owner) => await Frames.AskAsync<ListBansResult>(owner, new ListBans());

    private static async Task<string?> SenderAsync(TestPeer peer) => (string?)(await peer.NextMessageAsync(acknowledge: false)).Frame["senderMemberPubkey"];

    private static async Task<MemberKind> KindAsync(TestMesh mesh, string id) =>
        (await Frames.ListMembersAsync(await mesh.OwnerSocketAsync())).Single(member => member.MemberId.Value == id).Kind;

    private static async Task RestartAsync(TestMesh mesh)
    {
        await mesh.CloseOwnerAsync();
        await mesh.Broker.RestartAsync();
    }

    private static async Task<string?> HelloCodeAsync(TestMember member)
    {
        await using TestSocket socket = await TestSocket.ConnectAsync(member.Mesh.Broker.SocketUrl);
        await socket.SendAsync(member.Hello(await socket.NextAsync("challenge")));
        return (string?)(await socket.NextAsync("error"))["code"];
    }
}
