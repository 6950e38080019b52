using System.Text.Json.Nodes;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.ApiKeys;

/// <summary>Keys over the socket: who makes which, who sees them, who ends them.</summary>
public sealed class ApiKeyMessageTests
{
    private static readonly KeyCapability[] Reads = [KeyCapability.Read];

    [Fact]
    public async Task A_key_that_is_made_opens_the_rest_doors_and_is_listed_without_its_secret()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");

        JsonObject made = await bob.AskAsync(new ApiKeyCreate(DisplayName.Parse("deploys"), [KeyCapability.Read, KeyCapability.Send, KeyCapability.Read]));

        string secret = (string)made["secret"]!;
        Assert.Equal((46, secret[..11]), (secret.Length, (string?)made["prefix"]));
        Assert.Equal(["send", "read"], made["capabilities"].Texts());
        Assert.True(made.ContainsKey("topicScopes"));
        using TestKey key = new(mesh.Broker, (string)made["id"]!, secret);
        Assert.Equal(200, (await key.GetAsync("/peers")).Status);
        JsonObject listed = Assert.Single(await ListAsync(bob));
        Assert.Equal((key.Id, "deploys", secret[..11], bob.Member.Id), ((string?)listed["id"], (string?)listed["label"], (string?)listed["prefix"], (string?)listed["issuedBy"]));
        Assert.DoesNotContain(secret, listed.ToJsonString(), StringComparison.Ordinal);
        Assert.Null(listed["revokedAt"]);
    }

    [Fact]
    [Trait("rest", "7.1 A6")]
    [Trait("wire", "7.3 #10")]
    public async Task Only_admins_and_the_owner_make_keys_that_have_admin()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer ann = await mesh.AdminAsync("ann");
        ApiKeyCreate wish = new(DisplayName.Parse("all"), [KeyCapability.Admin]);

        JsonObject refused = await bob.AskAsync(wish);

        Assert.Equal("api_key_exceeds_issuer", refused.Code());
        Assert.Contains("admin", (string)refused["message"]!, StringComparison.Ordinal);
        Assert.Empty(await ListAsync(bob));
        Assert.Null((await ann.AskAsync(wish)).Code());
        using TestKey owners = await mesh.MakeKeyAsync([KeyCapability.Admin]);
        Assert.Equal(200, (await owners.GetAsync("/api-keys")).Status);
    }

    [Fact]
    [Trait("rest", "7.1 A6")]
    [Trait("wire", "7.3 #10")]
    public async Task A_member_sees_and_ends_his_own_keys_alone_and_an_admin_those_below_him()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer carol = await mesh.JoinAsync("carol");
        await using TestPeer ann = await mesh.AdminAsync("ann");
        await using TestPeer abe = await mesh.AdminAsync("abe");
        using TestKey bobs = await bob.Member.MakeKeyAsync();
        using TestKey abes = await abe.Member.MakeKeyAsync();
        using TestKey owners = await mesh.MakeKeyAsync();

        Assert.Equal("not_found", (string?)(await carol.AskAsync(new ApiKeyRevoke(bobs.Id)))["status"]);
        Assert.Equal("not_found", (string?)(await ann.AskAsync(new ApiKeyRevoke(abes.Id)))["status"]);
        Assert.Equal("not_found", (string?)(await ann.AskAsync(new ApiKeyRevoke(owners.Id)))["status"]);
        Assert.Empty(await ListAsync(carol));
        Assert.Equal([owners.Id, abes.Id, bobs.Id], (await ListAsync(ann)).Select(key => (string)key["id"]!));
        foreach (TestKey key in new[] { bobs, abes, owners })
            Assert.Equal(200, (await key.GetAsync("/peers")).Status);

        JsonObject ended = await ann.AskAsync(new ApiKeyRevoke(bobs.Id));

        Assert.Equal(("revoked", bobs.Id), ((string?)ended["status"], (string?)ended["id"]));
        Assert.Equal("api_key_invalid", (await bobs.GetAsync("/peers")).Code);
        Assert.Equal(200, (await abes.GetAsync("/peers")).Status);
    }

    [Fact]
    [Trait("rest", "7.1 A6")]
    [Trait("wire", "7.3 #10")]
    public async Task Nobody_rotates_the_key_of_another_not_even_the_owner()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer owner = await mesh.OwnerAsync();
        using TestKey bobs = await bob.Member.MakeKeyAsync();

        Assert.Equal("api_key_not_found", (await owner.AskAsync(new ApiKeyRotate(bobs.Id))).Code());
        Assert.Equal(200, (await bobs.GetAsync("/peers")).Status);
    }

    [Fact]
    public async Task A_rotated_key_has_its_id_another_secret_and_the_old_one_is_dead_at_once()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using TestKey old = await bob.Member.MakeKeyAsync();
        Assert.Equal(200, (await old.GetAsync("/peers")).Status);

        JsonObject rotated = await bob.AskAsync(new ApiKeyRotate(old.Id));

        using TestKey fresh = new(mesh.Broker, (string)rotated["id"]!, (string)rotated["secret"]!);
        Assert.Equal((old.Id, fresh.Secret[..11]), (fresh.Id, (string?)rotated["prefix"]));
        Assert.Equal("api_key_invalid", (await old.GetAsync("/peers")).Code);
        Assert.Equal(200, (await fresh.GetAsync("/peers")).Status);
        await bob.AskAsync(new ApiKeyRevoke(fresh.Id));
        Assert.Equal("api_key_not_found", (await bob.AskAsync(new ApiKeyRotate(fresh.Id))).Code());
    }

    [Fact]
    public async Task A_key_is_ended_by_a_beginning_of_its_id_that_fits_one_and_twice_is_no_error()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using TestKey first = await bob.Member.MakeKeyAsync();
        using TestKey second = await bob.Member.MakeKeyAsync();
        int same = first.Id.Zip(second.Id).TakeWhile(pair => pair.First == pair.Second).Count();

        JsonObject ended = await bob.AskAsync(new ApiKeyRevoke(first.Id[..(same + 1)]));
        JsonObject again = await bob.AskAsync(new ApiKeyRevoke(first.Id));

        Assert.Equal(("revoked", first.Id), ((string?)ended["status"], (string?)ended["id"]));
        Assert.Equal(("revoked", first.Id), ((string?)again["status"], (string?)again["id"]));
        Assert.Equal(200, (await second.GetAsync("/peers")).Status);
        Assert.Equal("not_found", (string?)(await bob.AskAsync(new ApiKeyRevoke("no such")))["status"]);
        Assert.Equal("not_found", (string?)(await bob.AskAsync(new ApiKeyRevoke("")))["status"]);
    }

    [Fact]
    public async Task A_beginning_that_fits_several_ends_none_and_names_them()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        List<TestKey> keys = [];

        // Of 63 ids two begin with the same of 62 characters.
        while (!keys.GroupBy(key => key.Id[0]).Any(same => same.Count() > 1))
            keys.Add(await bob.Member.MakeKeyAsync());

        string[] twins = [.. keys.GroupBy(key => key.Id[0]).Single(same => same.Count() > 1).Select(key => key.Id).Reverse()];
        JsonObject answer = await bob.AskAsync(new ApiKeyRevoke(twins[0][..1]));

        Assert.Equal("not_unique", (string?)answer["status"]);
        Assert.Equal(twins, answer["matches"].Texts());
        foreach (TestKey key in keys)
        {
            Assert.Equal(200, (await key.GetAsync("/peers")).Status);
            key.Dispose();
        }
    }

    [Fact]
    public async Task A_key_for_topics_takes_names_and_ids_and_refuses_what_the_member_may_not_know_of()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        JsonObject topic = (JsonObject)(await bob.AskAsync(new TopicCreate(TopicName.Parse("deploys"))))["topic"]!;
        ApiKeyCreate wish = new(DisplayName.Parse("ci"), Reads, ["#general", (string)topic["id"]!, "deploys"]);

        JsonObject made = await bob.AskAsync(wish);

        Assert.Equal(["deploys", "general"], made["topicScopes"].Texts());
        Assert.Equal(["deploys", "general"], Assert.Single(await ListAsync(bob))["topicScopes"].Texts());
        JsonObject refused = await bob.AskAsync(wish with { TopicScopes = ["general", "nowhere"] });
        Assert.Equal("topic_not_found", refused.Code());
        Assert.Contains("nowhere", (string)refused["message"]!, StringComparison.Ordinal);
        Assert.Empty((await bob.AskAsync(wish with { TopicScopes = [] }))["topicScopes"].Texts());
    }

    [Fact]
    public async Task What_no_key_can_be_is_refused_and_says_what_is_wrong()
    {
        FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using TestPeer bob = await mesh.JoinAsync("bob");

        foreach ((string frame, string said) in new[]
        {
            ("""{"label":"","capabilities":["read"]}""", "label"),
            ("""{"label":"x","capabilities":[]}""", "capabilities must name one to four"),
            ("""{"label":"x","capabilities":["write"]}""", "must be one of send, read, state_write, admin"),
            ("""{"label":"x","capabilities":["read"],"expiresAt":"soon"}""", "expiresAt"),
            ("""{"label":"x","capabilities":["read"],"expiresAt":"2001-01-01T00:00:00Z"}""", "that time is over"),
            ($$"""{"label":"x","capabilities":["read"],"topicScopes":[{{string.Join(',', Enumerable.Repeat("\"general\"", 65))}}]}""", "at most 64"),
        })
        {
            await bob.Socket.SendAsync("""{"type":"apikey_create","_reqId":"bad",""" + frame[1..]);
            JsonObject refused = await bob.Socket.NextAsync("the refusal", each => (string?)each["_reqId"] == "bad");
            Assert.Equal("invalid_args", refused.Code());
            Assert.Contains(said, (string)refused["message"]!, StringComparison.Ordinal);
        }

        Assert.Empty(await ListAsync(bob));
    }

    [Fact]
    [Trait("rest", "7.2 C16")]
    public async Task A_member_has_at_most_a_hundred_keys_and_ends_one_to_make_the_next()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        ApiKeyCreate wish = new(DisplayName.Parse("another"), Reads);
        string last = "";
        for (int i = 0; i < ApiKeyStore.PerMemberMax; i++)
            last = (string)(await bob.AskAsync(wish))["id"]!;

        Assert.Equal("too_many_api_keys", (await bob.AskAsync(wish)).Code());
        await bob.AskAsync(new ApiKeyRevoke(last));
        Assert.Null((await bob.AskAsync(wish)).Code());
        Assert.Equal(ApiKeyStore.PerMemberMax + 1, (await ListAsync(bob)).Length);
    }

    [Fact]
    public async Task Keys_of_one_workspace_are_not_there_in_another()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestMesh other = await TestMesh.StartAsync(broker: mesh.Broker);
        using TestKey key = await mesh.MakeKeyAsync();
        await using TestPeer stranger = await other.OwnerAsync();

        Assert.Empty(await ListAsync(stranger));
        Assert.Equal("not_found", (string?)(await stranger.AskAsync(new ApiKeyRevoke(key.Id)))["status"]);
        Assert.Equal("api_key_not_found", (await stranger.AskAsync(new ApiKeyRotate(key.Id))).Code());
        Assert.Equal(200, (await key.GetAsync("/peers")).Status);
    }

    [Fact]
    public async Task A_client_of_1_x_makes_lists_and_ends_keys_as_it_did()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer bob = await mesh.JoinLegacyAsync("bob");

        JsonObject made = await bob.Socket.AskAsync(new ApiKeyCreate(DisplayName.Parse("cli-topic-tail-4711"), Reads, ["general"]));
        JsonObject listed = await bob.Socket.AskAsync(new ApiKeyList());
        JsonObject ended = await bob.Socket.AskAsync(new ApiKeyRevoke((string)made["id"]!));

        Assert.Equal("apikey_created", (string?)made["type"]);
        Assert.Equal((string?)made["id"], (string?)Assert.Single(listed["keys"]!.AsArray())!["id"]);
        Assert.Equal("revoked", (string?)ended["status"]);
    }

    internal static async Task<JsonObject[]> ListAsync(TestPeer peer) =>
        [.. (await peer.AskAsync(new ApiKeyList()))["keys"]!.AsArray().Select(key => (JsonObject)key!)];
}
