using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Broker.Tests.Topics;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Tests.Audit;

/// <summary>Who did what is told, with what he showed for it, and nothing that is secret.</summary>
public sealed class AuditTellingTests
{
    [Fact]
    public async Task What_is_done_in_a_workspace_without_a_log_is_told()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        LegacyInviteToken token = await mesh.InviteAsync();
        using MemberSecretKey bob = MemberSecretKey.Generate();
        await mesh.PostJoinAsync(token, bob, "bob");
        await using TestPeer peer = await new TestMember(mesh, bob, "bob", "").ConnectAsync();
        await owner.AskAsync(new ChangeGrants("bob", Take: [GrantedCapability.Dm]));
        await owner.AskAsync(new Kick(Target: "bob"));
        await owner.AskAsync(new Ban("bob"));
        await owner.AskAsync(new Unban("bob"));
        JsonObject listed = await owner.AskAsync(new ListInvites());
        LegacyInviteToken other = await mesh.InviteAsync(uses: 3);
        string invite = (string)(await owner.AskAsync(new ListInvites()))["invites"]![0]!["inviteId"]!;
        await owner.AskAsync(new InviteRevoke(InviteId.Parse(invite)));
        await owner.AskAsync(new RenameWorkspace(Slug.Parse("renamed-" + mesh.Slug)));
        await owner.AskAsync(new ArchiveWorkspace(Archived: true));
        await owner.AskAsync(new ArchiveWorkspace(Archived: true));
        await owner.AskAsync(new ArchiveWorkspace(Archived: false));
        await using TestPeer again = await new TestMember(mesh, bob, "bob", "").ConnectAsync();
        await again.AskAsync(new LeaveWorkspace());

        JsonObject[] told = await ReadAsync(owner);

        Assert.Empty(listed["invites"]!.AsArray());
        Assert.Equal(
            [
                "workspace_created", "invite_created", "member_joined", "grants_changed", "peers_kicked", "member_banned", "member_unbanned",
                "invite_created", "invite_revoked", "workspace_renamed", "workspace_archived", "workspace_unarchived", "member_left",
            ],
            told.Select(entry => (string)entry["eventType"]!));
        Assert.All(told.Where(entry => (string?)entry["eventType"] is "member_banned" or "workspace_renamed"), entry => Assert.Equal(mesh.OwnerId, (string?)entry["actor"]));
        JsonNode joined = told[2]["payload"]!;
        Assert.Equal((bob.Public.ToString(), "invite", "member"), ((string?)joined["pubkey"], (string?)joined["via"], (string?)joined["role"]));
        Assert.Equal(bob.Public.ToString(), (string?)told[5]["payload"]!["targetPubkey"]);
        await AssertBlindAsync(mesh, [token.Token, other.Token]);
    }

    [Fact]
    public async Task What_the_log_says_is_told_with_its_author()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer owner = await mesh.OwnerAsync();
        TestInvite invite = await mesh.Log.InviteAsync(uses: 2, role: LogRole.Admin);
        using MemberSecretKey ann = MemberSecretKey.Generate();
        string annId = RandomBytes.NextId();
        await mesh.Log.PostJoinAsync(invite.Id, ann, "ann", mesh.Log.Join(invite, ann, annId));
        await mesh.Log.ReadOnAsync();
        using MemberSecretKey waiter = MemberSecretKey.Generate();
        await mesh.Log.PostJoinAsync(invite.Id, waiter, "waiter");
        TestMember bob = await mesh.AddMemberAsync("bob");
        await mesh.Log.AppendAsync(new LogBody.Policy(EncryptionRequired: false, TopicId: null, PlainIn: false));
        await mesh.Log.AppendAsync(new LogBody.Uninvite(invite.Id));
        await mesh.Log.RotateAsync(reason: "an invite was withdrawn");
        await mesh.Log.AppendAsync(new LogBody.Role(bob.Key.Public, LogRole.Admin));
        await mesh.Log.RemoveAsync(bob.Key.Public, LogBody.Remove.Banned);
        await mesh.Log.AppendAsync(new LogBody.Remove(ann.Public, "left"), ann);

        JsonObject[] told = await ReadAsync(owner);

        Assert.Equal(
            [
                "workspace_created", "invite_created", "member_joined", "member_waiting", "member_admitted", "policy_changed", "invite_revoked", "epoch_rotated",
                "role_changed", "member_banned", "epoch_rotated", "member_left",
            ],
            told.Select(entry => (string)entry["eventType"]!));
        Assert.Equal((annId, "invite"), ((string?)told[2]["actor"], (string?)told[2]["payload"]!["via"]));
        Assert.Equal((mesh.OwnerId, "socket", bob.Id), ((string?)told[9]["actor"], (string?)told[9]["payload"]!["via"], (string?)told[9]["payload"]!["target"]));

        // The owner's device brought what ann had signed.
        Assert.Equal((annId, "restored", mesh.OwnerId), ((string?)told[11]["actor"], (string?)told[11]["payload"]!["via"], (string?)told[11]["payload"]!["credential"]));
        await AssertBlindAsync(mesh, [invite.Secret.ToFragment()]);
    }

    [Fact]
    public async Task What_is_done_by_a_key_names_the_key_and_not_its_secret()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        using TestKey key = await mesh.MakeKeyAsync([KeyCapability.Admin]);
        RestAnswer minted = await key.PostAsync("/api-keys", """{"label":"second","capabilities":["read"]}""");
        string second = (string)minted.Body!["id"]!;
        await key.DeleteAsync($"/api-keys/{second}");
        RestAnswer rotated = await key.PostAsync($"/api-keys/{key.Id}/rotate");
        using TestKey fresh = new(mesh.Broker, key.Id, (string)rotated.Body!["secret"]!);
        await owner.AskAsync(new TopicCreate(TopicName.Parse("deploys")));
        await owner.AskAsync(new TopicUpdate("deploys", Archived: true));

        JsonObject[] told = await ReadAsync(owner);

        Assert.Equal(
            ["workspace_created", "api_key_minted", "api_key_minted", "api_key_revoked", "api_key_rotated", "topic_archived"], told.Select(entry => (string)entry["eventType"]!));
        Assert.Equal(("api_key", key.Id, second), ((string?)told[2]["payload"]!["via"], (string?)told[2]["payload"]!["credential"], (string?)told[2]["payload"]!["key"]));
        Assert.Equal("deploys", (string?)told[5]["payload"]!["name"]);
        await AssertBlindAsync(mesh, [key.Secret, fresh.Secret, (string)minted.Body!["secret"]!]);
    }

    [Fact]
    public async Task A_private_topic_that_is_archived_is_told_without_its_name()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer owner = await mesh.OwnerAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        PrivateTopic topic = await PrivateTopic.CreateAsync(mesh, alice, "layoffs");

        await alice.AskAsync(new TopicUpdate(topic.Id, Archived: true));

        JsonObject archived = (await ReadAsync(owner))[^1];
        Assert.Equal(("topic_archived", topic.Id), ((string?)archived["eventType"], (string?)archived["payload"]!["topic"]));
        await AssertBlindAsync(mesh, ["layoffs"]);
    }

    internal static async Task<JsonObject[]> ReadAsync(TestPeer peer)
    {
        JsonObject answer = await peer.AskAsync(new AuditQuery(Limit: 200, After: 0));
        AuditResult read = answer.Deserialize(ProtocolJson.Default.AuditResult)!;
        (AuditHead last, long? brokenAt) = AuditChain.Walk(peer.Member.Mesh.Id, AuditChain.Start, read.Entries);
        Assert.Null(brokenAt);
        Assert.Equal(read.Head, last);
        return [.. answer["entries"]!.AsArray().Select(entry => (JsonObject)entry!)];
    }

    private static async Task AssertBlindAsync(TestMesh mesh, string[] secrets)
    {
        List<string> rows = await mesh.Broker.Services.GetRequiredService<Database>().ReadAsync(
            (Sql sql) => sql.List("SELECT payload FROM audit_event", static row => row.GetString(0)), CancellationToken.None);
        Assert.NotEmpty(rows);
        Assert.All(secrets, secret => Assert.DoesNotContain(rows, row => row.Contains(secret, StringComparison.Ordinal)));
    }
}
