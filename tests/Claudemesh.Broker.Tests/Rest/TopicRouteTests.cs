using System.Text.Json.Nodes;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Tests.Topics;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Rest;

/// <summary>Topics by an API key: as far as the member may, and no further than the key.</summary>
public sealed class TopicRouteTests
{
    [Fact]
    public async Task A_topic_is_made_shown_changed_and_listed()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.OwnerKeyAsync();

        RestAnswer made = await key.PostAsync("/topics", """{"name":"deploys","description":"what went live"}""");
        string id = (string)made.Body!["topic"]!["id"]!;
        RestAnswer changed = await key.PatchAsync("/topics/deploys", """{"name":"releases","retentionDays":30}""");
        RestAnswer shown = await key.GetAsync("/topics/" + id);
        RestAnswer listed = await key.GetAsync("/topics");

        Assert.True((bool)made.Body["created"]!);
        Assert.Equal("releases", (string?)changed.Body!["name"]);
        Assert.Equal("what went live", (string?)shown.Body!["description"]);
        Assert.Equal(30, (int?)shown.Body["retentionDays"]);
        Assert.Equal(["general", "releases"], listed.Names("topics"));
        JsonNode row = listed.Body!["topics"]![1]!;
        Assert.Equal((id, "public", 1), ((string)row["id"]!, (string)row["visibility"]!, (int)row["memberCount"]!));
        Assert.NotNull(row["createdAt"]);
    }

    [Fact]
    public async Task Archived_topics_are_listed_to_who_asks_for_them()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.OwnerKeyAsync();
        await key.PostAsync("/topics", """{"name":"old"}""");
        await key.PatchAsync("/topics/old", """{"archived":true}""");

        Assert.Equal(["general"], (await key.GetAsync("/topics")).Names("topics"));
        Assert.Equal(["general", "old"], (await key.GetAsync("/topics?archived=1")).Names("topics"));
        Assert.Equal("invalid_args", (await key.GetAsync("/topics?archived=perhaps")).Code);
        Assert.Equal("invalid_args", (await key.GetAsync("/topics?archive=1")).Code);
    }

    [Fact]
    public async Task A_member_joins_and_leaves_and_is_listed_while_he_is_in()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        string topic = await (await mesh.OwnerSocketAsync()).CreateTopicAsync("ops");
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey key = await mesh.KeyAsync(bob);

        RestAnswer joined = await key.PostAsync("/topics/ops/join?role=observer");
        RestAnswer members = await key.GetAsync($"/topics/{topic}/members");
        RestAnswer left = await key.PostAsync("/topics/ops/leave");

        Assert.Equal("observer", (string?)joined.Body!["role"]);
        Assert.Equal(["owner", "bob"], members.Names("members", "displayName"));
        Assert.Equal(204, left.Status);
        Assert.Equal(["owner"], (await key.GetAsync("/topics/ops/members")).Names("members", "displayName"));
        Assert.Equal("invalid_args", (await key.PostAsync("/topics/ops/join?role=lead")).Code);
        Assert.Equal("general_stays", (await key.PostAsync("/topics/general/leave")).Code);
    }

    [Fact]
    [Trait("rest", "7.1 A9")]
    public async Task A_private_topic_is_to_others_as_if_it_were_not()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        string topic = await alice.Socket.CreateTopicAsync("secret", TopicVisibility.Private);
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey hers = await mesh.KeyAsync(alice.Member);
        using TestKey his = await mesh.KeyAsync(bob);

        Assert.Equal(200, (await hers.GetAsync("/topics/secret")).Status);
        Assert.Equal(["general"], (await his.GetAsync("/topics")).Names("topics"));
        foreach (string name in (string[])["secret", topic])
        {
            Assert.Equal("topic_not_found", (await his.GetAsync($"/topics/{name}")).Code);
            Assert.Equal("topic_not_found", (await his.PostAsync($"/topics/{name}/join")).Code);
            Assert.Equal("topic_not_found", (await his.GetAsync($"/topics/{name}/members")).Code);
            Assert.Equal("topic_not_found", (await his.PatchAsync($"/topics/{name}", "{}")).Code);
        }

        Assert.Equal(["alice"], (await hers.GetAsync("/topics/secret/members")).Names("members", "displayName"));
    }

    [Fact]
    public async Task A_key_for_one_topic_lists_it_alone_and_opens_no_other()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await (await mesh.OwnerSocketAsync()).CreateTopicAsync("ops");
        using TestKey key = await mesh.OwnerKeyAsync(topics: ["ops"]);

        Assert.Equal(["ops"], (await key.GetAsync("/topics")).Names("topics"));
        Assert.Equal("api_key_topic_out_of_scope", (await key.GetAsync("/topics/general")).Code);
        Assert.Equal("api_key_topic_out_of_scope", (await key.PostAsync("/topics", """{"name":"more"}""")).Code);
    }

    [Fact]
    public async Task A_key_that_may_not_administer_changes_only_what_its_member_leads()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await bob.Socket.CreateTopicAsync("his");
        using TestKey limited = await mesh.OwnerKeyAsync(KeyCapabilities.Send | KeyCapabilities.Read);
        using TestKey full = await mesh.OwnerKeyAsync();
        using TestKey his = await mesh.KeyAsync(bob.Member);

        Assert.Equal("topic_lead_only", (await limited.PatchAsync("/topics/his", """{"description":"x"}""")).Code);
        Assert.Equal(200, (await full.PatchAsync("/topics/his", """{"description":"x"}""")).Status);
        Assert.Equal(200, (await his.PatchAsync("/topics/his", """{"description":"y"}""")).Status);
    }

    [Fact]
    public async Task A_listing_that_the_caller_has_is_not_sent_again_until_it_changes()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.OwnerKeyAsync();

        foreach (string path in (string[])["/topics", "/members"])
        {
            RestAnswer first = await key.GetAsync(path);
            RestAnswer again = await AskAsync(key, path, first.Headers.ETag!.ToString());
            Assert.Equal((304, ""), (again.Status, again.Text));
            Assert.Equal(first.Headers.ETag, again.Headers.ETag);
            Assert.Equal(200, (await AskAsync(key, path, "\"another\"")).Status);
        }

        RestAnswer before = await key.GetAsync("/topics");
        await key.PostAsync("/topics", """{"name":"new"}""");
        Assert.Equal(200, (await AskAsync(key, "/topics", before.Headers.ETag!.ToString())).Status);
    }

    private static async Task<RestAnswer> AskAsync(TestKey key, string path, string tag)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/api/v1" + path);
        request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        return await RestAnswer.ReadAsync(await key.Http.SendAsync(request));
    }
}
