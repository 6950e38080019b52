using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Rest;
using Claudemesh.Broker.Tests.Topics;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.TopicKeys;

/// <summary>The keys that 1.x clients give to topics (rest reference 1.6), without its holes.</summary>
public sealed class TopicKeyRouteTests
{
    [Fact]
    public async Task A_key_is_claimed_sealed_to_who_waits_for_it_and_given_to_him_in_the_shapes_of_1_x()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey owner = await mesh.OwnerKeyAsync();
        using TestKey his = await mesh.KeyAsync(bob);

        Assert.Equal("topic_unencrypted", (await his.GetAsync("/topics/general/key")).Code);
        RestAnswer nothing = await owner.GetAsync("/topics/general/pending-seals");
        RestAnswer claimed = await owner.PostAsync("/topics/general/claim-key", Claim(mesh.OwnerKey.Public, 1));
        RestAnswer pending = await owner.GetAsync("/topics/general/pending-seals");
        Assert.Equal("key_not_sealed_for_member", (await his.GetAsync("/topics/general/key")).Code);
        RestAnswer stored = await owner.PostAsync("/topics/general/seal", Seal(bob.Id, 2));
        RestAnswer key = await his.GetAsync("/topics/general/key");

        Assert.Empty(nothing.Body!["pending"]!.AsArray());
        Assert.True(nothing.Body.ContainsKey("senderPubkey") && nothing.Body["senderPubkey"] is null);
        AssertFields(claimed, "topic", "topicId", "senderPubkey", "memberId", "claimed");
        Assert.Equal(("general", mesh.OwnerId, true), ((string)claimed.Body!["topic"]!, (string)claimed.Body["memberId"]!, (bool)claimed.Body["claimed"]!));
        AssertFields(pending, "topic", "topicId", "senderPubkey", "pending");
        JsonNode waiting = Assert.Single(pending.Body!["pending"]!.AsArray())!;
        Assert.Equal((bob.Id, bob.Key.Public.ToString(), "bob"), ((string)waiting["memberId"]!, (string)waiting["pubkey"]!, (string)waiting["displayName"]!));
        AssertFields(stored, "topic", "topicId", "memberId", "sealedAt");
        AssertFields(key, "topic", "topicId", "encryptedKey", "nonce", "senderPubkey", "createdAt", "sealedBy");
        Assert.Equal(Copy(2), (string?)key.Body!["encryptedKey"]);
        Assert.Equal(mesh.OwnerKey.Public.ToString(), (string?)key.Body["senderPubkey"]);
        Assert.Empty((await owner.GetAsync("/topics/general/pending-seals")).Body!["pending"]!.AsArray());
    }

    [Fact]
    public async Task A_second_claim_is_refused_and_names_the_key_that_is_there()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey owner = await mesh.OwnerKeyAsync();
        using TestKey his = await mesh.KeyAsync(bob);
        await owner.PostAsync("/topics/general/claim-key", Claim(mesh.OwnerKey.Public, 1));

        RestAnswer refused = await his.PostAsync("/topics/general/claim-key", Claim(bob.Key.Public, 2));

        Assert.Equal((409, "already_encrypted"), (refused.Status, refused.Code));
        Assert.Contains(mesh.OwnerKey.Public.ToString(), (string)refused.Body!["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_nobody_holds_any_more_is_followed_by_another()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey owner = await mesh.OwnerKeyAsync();
        using TestKey his = await mesh.KeyAsync(bob);
        await owner.PostAsync("/topics/general/claim-key", Claim(mesh.OwnerKey.Public, 1));

        Assert.Equal(204, (await owner.DeleteAsync("/topics/general/key")).Status);
        Assert.Equal("key_not_sealed_for_member", (await owner.DeleteAsync("/topics/general/key")).Code);
        Assert.Equal(200, (await his.PostAsync("/topics/general/claim-key", Claim(bob.Key.Public, 2))).Status);

        Assert.Equal("key_not_sealed_for_member", (await owner.GetAsync("/topics/general/key")).Code);
        Assert.Equal(Copy(2), (string?)(await his.GetAsync("/topics/general/key")).Body!["encryptedKey"]);
    }

    [Fact]
    [Trait("rest", "7.1 A14")]
    public async Task A_copy_is_replaced_by_its_recipient_and_by_nobody_else()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        TestMember cid = await mesh.AddMemberAsync("cid");
        using TestKey owner = await mesh.OwnerKeyAsync();
        using TestKey his = await mesh.KeyAsync(bob);
        using TestKey cids = await mesh.KeyAsync(cid);
        await owner.PostAsync("/topics/general/claim-key", Claim(mesh.OwnerKey.Public, 1));
        await owner.PostAsync("/topics/general/seal", Seal(bob.Id, 2));
        await owner.PostAsync("/topics/general/seal", Seal(cid.Id, 3));

        Assert.Equal("already_sealed", (await cids.PostAsync("/topics/general/seal", Seal(bob.Id, 66))).Code);
        Assert.Equal("already_sealed", (await owner.PostAsync("/topics/general/seal", Seal(bob.Id, 66))).Code);
        Assert.Equal(Copy(2), (string?)(await his.GetAsync("/topics/general/key")).Body!["encryptedKey"]);

        Assert.Equal(200, (await his.PostAsync("/topics/general/seal", Seal(bob.Id, 5))).Status);
        Assert.Equal(Copy(5), (string?)(await his.GetAsync("/topics/general/key")).Body!["encryptedKey"]);
    }

    [Fact]
    [Trait("rest", "7.1 A13")]
    public async Task Only_who_holds_the_key_in_the_topic_seals_it_and_its_recipient_learns_who_did()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        TestMember cid = await mesh.AddMemberAsync("cid");
        await (await mesh.OwnerSocketAsync()).CreateTopicAsync("ops");
        using TestKey owner = await mesh.OwnerKeyAsync();
        using TestKey his = await mesh.KeyAsync(bob);
        using TestKey cids = await mesh.KeyAsync(cid);
        await his.PostAsync("/topics/ops/join");
        await owner.PostAsync("/topics/ops/claim-key", Claim(mesh.OwnerKey.Public, 1));

        Assert.Equal("not_in_topic", (await cids.PostAsync("/topics/ops/seal", Seal(bob.Id, 66))).Code);
        Assert.Equal("not_in_topic", (await cids.PostAsync("/topics/ops/claim-key", Claim(cid.Key.Public, 66))).Code);
        Assert.Equal("not_in_topic", (await cids.GetAsync("/topics/ops/key")).Code);
        Assert.Equal("not_in_topic", (await cids.GetAsync("/topics/ops/pending-seals")).Code);
        Assert.Equal("topic_key_not_held", (await his.PostAsync("/topics/ops/seal", Seal(bob.Id, 66))).Code);
        Assert.Equal("recipient_not_in_topic", (await owner.PostAsync("/topics/ops/seal", Seal(cid.Id, 66))).Code);
        Assert.Equal(200, (await owner.PostAsync("/topics/ops/seal", Seal(bob.Id, 2))).Status);
        Assert.Equal(mesh.OwnerId, (string?)(await his.GetAsync("/topics/ops/key")).Body!["sealedBy"]);
    }

    [Fact]
    public async Task Right_after_his_key_has_changed_a_member_waits_for_a_copy_anew()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Mixed);
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey owner = await mesh.OwnerKeyAsync();
        using TestKey his = await mesh.KeyAsync(bob);
        await owner.PostAsync("/topics/general/claim-key", Claim(mesh.OwnerKey.Public, 1));
        await owner.PostAsync("/topics/general/seal", Seal(bob.Id, 2));
        using MemberSecretKey renewed = MemberSecretKey.Generate();
        LogDraft draft = mesh.Log.Draft(bob.Key);
        draft.AddKeyChange(renewed, compromised: false);
        await mesh.Log.AppendAsync(draft);

        JsonNode waiting = Assert.Single((await owner.GetAsync("/topics/general/pending-seals")).Body!["pending"]!.AsArray())!;
        Assert.Equal((bob.Id, renewed.Public.ToString()), ((string)waiting["memberId"]!, (string)waiting["pubkey"]!));
        Assert.Equal("key_not_sealed_for_member", (await his.GetAsync("/topics/general/key")).Code);
        Assert.Equal("topic_key_not_held", (await his.PostAsync("/topics/general/seal", Seal(bob.Id, 66))).Code);
        Assert.Equal(200, (await owner.PostAsync("/topics/general/seal", Seal(bob.Id, 3))).Status);
        Assert.Equal(Copy(3), (string?)(await his.GetAsync("/topics/general/key")).Body!["encryptedKey"]);
    }

    [Fact]
    public async Task Where_everything_is_sealed_under_the_logs_roots_there_is_no_key_of_1_x()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        using TestKey owner = await mesh.OwnerKeyAsync();

        foreach (string path in (string[])["key", "pending-seals"])
            Assert.Equal("topic_key_in_log", (await owner.GetAsync($"/topics/general/{path}")).Code);
        Assert.Equal("topic_key_in_log", (await owner.PostAsync("/topics/general/claim-key", Claim(mesh.OwnerKey.Public, 1))).Code);
        Assert.Equal("topic_key_in_log", (await owner.PostAsync("/topics/general/seal", Seal(mesh.OwnerId, 1))).Code);
        Assert.Equal("topic_key_in_log", (await owner.DeleteAsync("/topics/general/key")).Code);
    }

    [Fact]
    public async Task A_private_topics_key_is_for_who_is_in_it()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        await alice.Socket.CreateTopicAsync("secret", TopicVisibility.Private);
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey hers = await mesh.KeyAsync(alice.Member);
        using TestKey his = await mesh.KeyAsync(bob);
        await hers.PostAsync("/topics/secret/claim-key", Claim(alice.Member.Key.Public, 1));

        Assert.Equal("topic_not_found", (await his.GetAsync("/topics/secret/key")).Code);
        Assert.Equal("topic_not_found", (await his.GetAsync("/topics/secret/pending-seals")).Code);
        Assert.Equal("recipient_not_in_topic", (await hers.PostAsync("/topics/secret/seal", Seal(bob.Id, 2))).Code);
        Assert.Equal(200, (await hers.GetAsync("/topics/secret/key")).Status);
    }

    [Theory]
    [InlineData("""{"encryptedKeyPubkey":"00","encryptedKey":"AA==","nonce":"AA=="}""")]
    [InlineData("""{"encryptedKeyPubkey":"0000000000000000000000000000000000000000000000000000000000000000","encryptedKey":"AA==","nonce":"AA=="}""")]
    [InlineData("""{"encryptedKey":"AA=="}""")]
    public async Task A_copy_of_another_form_is_refused(string body)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey owner = await mesh.OwnerKeyAsync();

        Assert.Equal("invalid_args", (await owner.PostAsync("/topics/general/claim-key", body)).Code);
        Assert.Equal("topic_unencrypted", (await owner.GetAsync("/topics/general/key")).Code);
    }

    private static string Copy(byte fill) => Convert.ToBase64String([.. Enumerable.Repeat(fill, 80)]);

    private static string Nonce => Convert.ToBase64String(new byte[24]);

    private static string Claim(PublicKey key, byte fill) => $$"""{"encryptedKeyPubkey":"{{key}}","encryptedKey":"{{Copy(fill)}}","nonce":"{{Nonce}}"}""";

    private static string Seal(string member, byte fill) => $$"""{"memberId":"{{member}}","encryptedKey":"{{Copy(fill)}}","nonce":"{{Nonce}}"}""";

    private static void AssertFields(RestAnswer answer, params string[] fields) => Assert.Equal(fields, answer.Body!.Select(field => field.Key));
}
