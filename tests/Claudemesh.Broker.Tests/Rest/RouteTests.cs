using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Tests.Objects;
using Claudemesh.Broker.Tests.Topics;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Rest;

/// <summary>What members do on a socket they may do by a key: the same handlers answer.</summary>
public sealed class RouteTests
{
    [Fact]
    public async Task Members_are_listed_with_what_1_x_told_of_them_and_found_by_id_or_key()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey key = await mesh.OwnerKeyAsync();

        RestAnswer list = await key.GetAsync("/members");
        JsonNode owner = list.Body!["members"]![0]!;
        JsonNode other = list.Body["members"]![1]!;

        Assert.Equal(["owner", "bob"], list.Names("members", "displayName"));
        Assert.Equal(("owner", true, true), ((string)owner["role"]!, (bool)owner["isHuman"]!, (bool)owner["online"]!));
        Assert.Equal(("member", false, "offline"), ((string)other["role"]!, (bool)other["online"]!, (string)other["status"]!));
        Assert.True(other.AsObject().ContainsKey("summary"));
        Assert.Equal(bob.Id, (string?)(await key.GetAsync($"/members/{bob.Key.Public}")).Body!["memberId"]);
        Assert.Equal(bob.Key.Public.ToString(), (string?)(await key.GetAsync($"/members/{bob.Id}")).Body!["pubkey"]);
        Assert.Equal("not_found", (await key.GetAsync("/members/nobody")).Code);
    }

    [Fact]
    [Trait("rest", "7.2 C6")]
    public async Task Who_joined_by_an_invite_of_1_x_is_in_general_and_no_bot()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember old = await mesh.AddMemberAsync("old", legacy: true);
        using TestKey key = await mesh.KeyAsync(old);

        Assert.True((bool?)(await key.GetAsync($"/members/{old.Id}")).Body!["isHuman"]);
        Assert.Contains("old", (await key.GetAsync("/topics/general/members")).Names("members", "displayName"));
    }

    [Fact]
    public async Task A_key_for_topics_is_shown_who_is_in_them_and_nobody_else()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer cid = await mesh.JoinAsync("cid");
        await bob.Socket.CreateTopicAsync("ops");
        using TestKey key = await mesh.OwnerKeyAsync(topics: ["ops"]);

        Assert.Equal(["owner", "bob"], (await key.GetAsync("/members")).Names("members", "displayName"));
        Assert.Equal(["bob", "owner"], (await key.GetAsync("/peers")).Names("peers", "displayName"));
        Assert.Equal("not_found", (await key.GetAsync($"/members/{cid.Member.Id}")).Code);
        foreach (string path in (string[])["/workspace", "/log", "/copies", "/objects", "/state", "/state/x", "/invites"])
            Assert.Equal("api_key_topic_out_of_scope", (await key.GetAsync(path)).Code);
    }

    [Fact]
    public async Task Only_an_admin_by_a_key_that_may_administer_sees_who_waits_and_which_invites_are_open()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestInvite invite = await mesh.Log.InviteAsync();
        using MemberSecretKey waiting = MemberSecretKey.Generate();
        await mesh.Log.PostJoinAsync(invite.Id, waiting, "newcomer");
        using TestKey full = await mesh.OwnerKeyAsync();
        using TestKey reader = await mesh.OwnerKeyAsync(KeyCapabilities.Read);

        Assert.Equal(["newcomer"], (await full.GetAsync("/members")).Names("waiting", "displayName"));
        Assert.False((await reader.GetAsync("/members")).Body!.ContainsKey("waiting"));
        Assert.Equal([invite.Id], (await full.GetAsync("/invites")).Names("invites", "inviteId"));
        Assert.Equal("api_key_missing_capability", (await reader.GetAsync("/invites")).Code);
    }

    [Fact]
    [Trait("rest", "7.1 A10")]
    public async Task A_1_x_invite_is_kept_listed_and_ended_and_its_token_is_told_to_nobody()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey key = await mesh.OwnerKeyAsync();
        using TestKey his = await mesh.KeyAsync(bob);
        long expiresAt = (mesh.Clock.GetUtcNow() + TimeSpan.FromDays(1)).ToUnixTimeSeconds();
        string token = LegacyInviteToken.Issue(mesh.OwnerKey.Key, mesh.Id, mesh.Slug, mesh.Broker.SocketUrl.ToString(), expiresAt, "admin").Token;

        RestAnswer made = await key.PostAsync("/invites", JsonSerializer.Serialize(new InviteCreate(token, 2), ProtocolJson.Default.InviteCreate));
        string id = (string)made.Body!["inviteId"]!;
        RestAnswer list = await key.GetAsync("/invites");
        RestAnswer resolved = await his.GetAsync("/invites/" + id);

        Assert.Equal(201, made.Status);
        Assert.Equal([id], list.Names("invites", "inviteId"));
        Assert.All([made, list, resolved], answer => Assert.DoesNotContain(token[..40], answer.Text, StringComparison.Ordinal));
        Assert.Equal("forbidden", (await his.GetAsync("/invites")).Code);
        Assert.Equal("invite_not_found", resolved.Code);
        Assert.Equal(id, (string?)(await key.DeleteAsync("/invites/" + id)).Body!["inviteId"]);
        Assert.Empty((await key.GetAsync("/invites")).Names("invites", "inviteId"));
        Assert.Equal("invite_not_found", (await key.DeleteAsync("/invites/" + id)).Code);
    }

    [Fact]
    public async Task The_log_is_read_and_copies_are_put_by_a_key_as_a_browser_that_is_a_member_would()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        using MemberSecretKey secret = MemberSecretKey.Generate();
        TestMember bob = new(mesh, secret, "bob", RandomBytes.NextId());
        await mesh.Log.AppendAsync(new LogBody.Admit(bob.Id, secret.Public, LogRole.Member, MemberKind.Person));
        using TestKey key = await mesh.KeyAsync(bob);

        RestAnswer log = await key.GetAsync("/log?after=1&limit=2");
        RestAnswer copies = await key.GetAsync("/copies?scope=mesh");
        RestAnswer put = await key.PostAsync("/copies", JsonSerializer.Serialize(new CopiesPut("mesh", [mesh.Log.CopyFor(bob.Key.Public)]), ProtocolJson.Default.CopiesPut));
        RestAnswer appended = await key.PostAsync(
            "/log", JsonSerializer.Serialize(new LogAppend("mesh", [mesh.Log.Draft(new LogBody.Remove(bob.Key.Public, ""), bob.Key).Records[0].Signed]), ProtocolJson.Default.LogAppend));

        Assert.Equal(mesh.Log.State.Head.Seq, (long)log.Body!["seq"]!);
        Assert.Equal(2, log.Body["records"]!.AsArray().Count);
        Assert.Equal(bob.Key.Public.ToString(), (string?)Assert.Single(copies.Body!["missing"]!.AsArray()));
        Assert.Equal(1, (int)put.Body!["stored"]!);
        Assert.Equal(mesh.Log.State.Head.Seq + 1, (long)appended.Body!["seq"]!);
        Assert.Equal("api_key_invalid", (await key.GetAsync("/log")).Code);
    }

    [Fact]
    [Trait("rest", "7.1 A11")]
    public async Task A_member_is_taken_out_and_the_root_made_anew_and_a_link_ended_by_a_key()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestMember bob = await mesh.AddMemberAsync("bob");
        await mesh.InviteAsync();
        using TestKey owner = await mesh.OwnerKeyAsync();
        using TestKey his = await mesh.KeyAsync(bob);
        string invite = Assert.Single((await owner.GetAsync("/invites")).Names("invites", "inviteId"));
        RestAnswer ended = await owner.DeleteAsync("/invites/" + invite);
        LogDraft draft = mesh.Log.Draft(new LogBody.Remove(bob.Key.Public, ""));
        Assert.Equal(LogRefusal.None, Rotation.Draft(draft, mesh.Log.Root, "removal", out RootKey? root));
        EpochCopy[] copies = [.. Rotation.SealCopies(draft.State, root!, draft.At).Select(copy => new EpochCopy(root!.Epoch, copy.Recipient, copy.Copy))];
        root!.Dispose();

        RestAnswer appended = await owner.PostAsync(
            "/log", JsonSerializer.Serialize(new LogAppend("mesh", [.. draft.Records.Select(record => record.Signed)], copies), ProtocolJson.Default.LogAppend));

        Assert.Equal((200, 200), (appended.Status, ended.Status));
        Assert.Equal(2, (int)(await owner.GetAsync("/copies")).Body!["epoch"]!);
        Assert.Equal(["owner"], (await owner.GetAsync("/members")).Names("members", "displayName"));
        Assert.Equal("api_key_invalid", (await his.GetAsync("/topics")).Code);
        Assert.Empty((await owner.GetAsync("/invites")).Names("invites", "inviteId"));
    }

    [Fact]
    [Trait("rest", "7.1 A12")]
    public async Task What_the_broker_keeps_has_no_key_of_a_member_no_root_and_no_key_of_a_script_in_it()
    {
        Assert.SkipWhen(TestPostgres.IsEverywhere, "it looks into the files of the broker's own database");
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        using TestKey key = await mesh.OwnerKeyAsync();
        await key.PostAsync("/topics", """{"name":"a-name-that-is-kept"}""");
        byte[][] secrets = [mesh.OwnerKey.Key.ExposeSeed().ToArray(), mesh.Log.Root.Expose().ToArray(), Encoding.ASCII.GetBytes(key.Secret)];

        await mesh.CloseOwnerAsync();
        await mesh.Broker.StopAsync();
        byte[] kept = [.. Directory.EnumerateFiles(mesh.Broker.DataFolder).Order(StringComparer.Ordinal).SelectMany(File.ReadAllBytes)];
        await mesh.Broker.StartAgainAsync();

        Assert.NotEqual(-1, kept.AsSpan().IndexOf("a-name-that-is-kept"u8));
        foreach (byte[] secret in secrets)
        {
            Assert.Equal(-1, kept.AsSpan().IndexOf(secret));
            Assert.Equal(-1, kept.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(secret))));
            Assert.Equal(-1, kept.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Convert.ToBase64String(secret))));
        }
    }

    [Theory]
    [InlineData("/log?after=-1")]
    [InlineData("/log?limit=1001")]
    [InlineData("/log?scope=elsewhere")]
    [InlineData("/copies?keys=abc")]
    [InlineData("/objects?kind=poem")]
    [InlineData("/objects?limit=0")]
    [InlineData("/topics?archived=1&archived=0")]
    public async Task Nonsense_in_a_query_is_refused_with_what_is_wrong_with_it(string path)
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        using TestKey key = await mesh.OwnerKeyAsync();

        RestAnswer answer = await key.GetAsync(path);

        Assert.Equal((400, "invalid_args"), (answer.Status, answer.Code));
        Assert.Contains("is invalid", (string)answer.Body!["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sealed_object_is_put_and_listed()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using TestKey key = await mesh.KeyAsync(bob.Member, KeyCapabilities.Read | KeyCapabilities.StateWrite);

        RestAnswer put = await key.PutAsync("/objects", JsonSerializer.Serialize(bob.Put("plan", 1), ProtocolJson.Default.ObjectPut));
        RestAnswer list = await key.GetAsync("/objects?kind=state&after=0");
        RestAnswer none = await key.GetAsync($"/objects?after={(long)put.Body!["change"]!}");
        RestAnswer late = await key.PutAsync("/objects", JsonSerializer.Serialize(bob.Put("plan", 1, sealedText: "other"), ProtocolJson.Default.ObjectPut));

        Assert.Equal(["plan"], list.Names("objects"));
        Assert.Empty(none.Names("objects"));
        Assert.Equal("revision_conflict", late.Code);
    }

    [Fact]
    public async Task A_value_in_clear_is_set_shown_and_listed_where_the_workspace_admits_it()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer old = await mesh.JoinLegacyAsync("old");
        using TestKey key = await mesh.OwnerKeyAsync(KeyCapabilities.Read | KeyCapabilities.StateWrite);
        using TestKey reader = await mesh.OwnerKeyAsync(KeyCapabilities.Read);

        RestAnswer set = await key.PutAsync("/state/build/last", """{"value":{"ok":true,"n":3}}""");
        JsonObject told = await old.Socket.NextAsync("state_change");
        RestAnswer shown = await key.GetAsync("/state/build%2Flast");
        RestAnswer list = await key.GetAsync("/state");

        Assert.Equal(204, set.Status);
        Assert.Equal(("build/last", "owner"), ((string)told["key"]!, (string)told["updatedBy"]!));
        Assert.Equal(("build/last", 3), ((string)shown.Body!["key"]!, (int)shown.Body["value"]!["n"]!));
        Assert.Equal(["build/last"], list.Names("entries", "key"));
        Assert.Equal("not_found", (await key.GetAsync("/state/other")).Code);
        Assert.Equal("invalid_args", (await key.PutAsync("/state/build", """{"value":null}""")).Code);
        Assert.Equal("invalid_args", (await key.PutAsync("/state/" + new string('k', 300), """{"value":1}""")).Code);
        Assert.Equal("payload_too_large", (await key.PutAsync("/state/build", $$"""{"value":"{{new string('x', 70_000)}}"}""")).Code);
        Assert.Equal("api_key_missing_capability", (await reader.PutAsync("/state/build", """{"value":1}""")).Code);
    }

    [Fact]
    public async Task A_value_in_clear_is_refused_where_everything_is_sealed()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        using TestKey key = await mesh.OwnerKeyAsync();

        Assert.Equal("encryption_required", (await key.PutAsync("/state/build", """{"value":1}""")).Code);
    }

    [Fact]
    public async Task What_became_of_a_message_is_told_to_its_sender_alone_and_by_a_key_for_topics_of_posts_in_them()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        string general = await alice.Socket.GeneralAsync();
        string direct = (string)(await alice.SendAsync(bob.Key, "hello"))["messageId"]!;
        string posted = await alice.Socket.PostedAsync(general, "hello all");
        await bob.NextMessageAsync();
        using TestKey hers = await mesh.KeyAsync(alice.Member);
        using TestKey limited = await mesh.KeyAsync(alice.Member, topics: ["general"]);
        using TestKey his = await mesh.KeyAsync(bob.Member);

        Assert.Equal(bob.Key, (string?)(await hers.GetAsync("/messages/" + direct)).Body!["targetSpec"]);
        Assert.Equal("#" + general, (string?)(await limited.GetAsync("/messages/" + posted)).Body!["targetSpec"]);
        Assert.Equal("not_found", (await limited.GetAsync("/messages/" + direct)).Code);
        Assert.Equal("not_found", (await his.GetAsync("/messages/" + direct)).Code);
        Assert.Equal("invalid_argument", (await hers.GetAsync("/messages/x")).Code);
    }

    [Fact]
    public async Task The_workspace_is_overlooked()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.OwnerKeyAsync(KeyCapabilities.Read);

        RestAnswer overview = await key.GetAsync("/workspace");

        Assert.Equal((mesh.Id, "owner"), ((string)overview.Body!["mesh"]!, (string)overview.Body["yourName"]!));
    }

    [Fact]
    public async Task A_joiner_needs_no_key_and_is_told_what_is_wrong_with_his_request_as_everybody_is()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestInvite invite = await mesh.Log.InviteAsync();
        HttpClient http = mesh.Broker.Http;

        RestAnswer shown = await RestAnswer.ReadAsync(await http.GetAsync(new Uri($"/api/v1/invites/{invite.Id}", UriKind.Relative)));
        RestAnswer log = await RestAnswer.ReadAsync(await http.GetAsync(new Uri($"/api/v1/invites/{invite.Id}/log?after=1", UriKind.Relative)));
        RestAnswer slip = await RestAnswer.ReadAsync(await http.GetAsync(new Uri($"/api/v1/invites/{invite.Id}?afetr=1", UriKind.Relative)));
        using StringContent large = new(new string('x', 100_000), Encoding.UTF8, "application/json");
        RestAnswer tooLarge = await RestAnswer.ReadAsync(await http.PostAsync(new Uri("/api/v1/join", UriKind.Relative), large));

        Assert.Equal(mesh.Id, (string?)shown.Body!["meshId"]);
        Assert.Equal(mesh.Log.State.Head.Seq, (long)log.Body!["seq"]!);
        Assert.Equal("invalid_args", slip.Code);
        Assert.Equal("payload_too_large", tooLarge.Code);
    }
}
