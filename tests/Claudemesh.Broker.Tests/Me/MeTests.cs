using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Objects;
using Claudemesh.Broker.Tests.Topics;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Me;

/// <summary>What there is for the issuer of a key, under 1.x's names.</summary>
public sealed class MeTests
{
    [Fact]
    public async Task The_workspace_says_who_one_is_and_counts_what_there_is()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey key = await bob.MakeKeyAsync();
        string deploys = await alice.Socket.CreateTopicAsync("deploys");
        await alice.Socket.PostedAsync(deploys, "@bob");

        JsonObject mine = (await key.GetAsync("/me/workspace")).Body!;
        JsonNode only = Assert.Single(mine["meshes"]!.AsArray())!;

        Assert.Equal((bob.Id, mesh.Id, mesh.Slug, bob.Id, "member"), (
            (string?)mine["userId"], (string?)only["meshId"], (string?)only["slug"], (string?)only["memberId"], (string?)only["myRole"]));
        Assert.Equal((3, 1, 2, 1), ((int?)only["peers"], (int?)only["online"], (int?)only["topics"], (int?)only["unreadMentions"]));
        Assert.Equal("""{"meshes":1,"peers":3,"online":1,"topics":2,"unreadMentions":1}""", mine["totals"]!.ToJsonString());
    }

    [Fact]
    [Trait("rest", "7.2 C17")]
    public async Task Topics_come_by_their_newest_post_and_count_what_was_posted_since_he_joined()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        string general = await alice.Socket.GeneralAsync();
        await alice.Socket.PostedAsync(general, "before he came");
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey key = await bob.MakeKeyAsync();
        await alice.Socket.CreateTopicAsync("b-quiet");
        await alice.Socket.CreateTopicAsync("a-quiet");
        await alice.Socket.PostedAsync(await alice.Socket.CreateTopicAsync("deploys"), "not for who has not joined");
        await alice.Socket.PostedAsync(general, "since he came");

        JsonObject mine = (await key.GetAsync("/me/topics")).Body!;

        Assert.Equal(
            [("general", 1, true), ("deploys", 0, true), ("a-quiet", 0, false), ("b-quiet", 0, false)],
            mine["topics"]!.AsArray().Select(row => ((string)row!["name"]!, (int)row["unread"]!, row["lastMessageAt"] is not null)));
        Assert.Equal("""{"topics":4,"unread":1}""", mine["totals"]!.ToJsonString());
    }

    [Fact]
    public async Task Notifications_are_the_unread_ones_unless_all_are_asked_for()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey key = await bob.MakeKeyAsync();
        string general = await alice.Socket.GeneralAsync();
        string read = await alice.Socket.PostedAsync(general, "@bob " + new string('x', 300));
        await alice.Socket.PostAsync(general, "sealed", bodyVersion: 3, mentions: ["bob"]);
        await key.PostAsync("/notifications/read", $$"""{"ids":["{{read}}"]}""");

        JsonObject unread = (await key.GetAsync("/me/notifications")).Body!;
        JsonObject all = (await key.GetAsync("/me/notifications?include=all")).Body!;

        JsonNode one = Assert.Single(unread["notifications"]!.AsArray())!;
        Assert.Equal((null, "c2VhbGVk", 3, false), ((string?)one["snippet"], (string?)one["ciphertext"], (int?)one["bodyVersion"], (bool?)one["read"]));
        Assert.NotNull(one["nonce"]);
        Assert.NotNull(one["header"]);
        JsonNode plain = all["notifications"]![1]!;
        Assert.Equal(("@bob " + new string('x', 235), null, true), ((string?)plain["snippet"], (string?)plain["ciphertext"], (bool?)plain["read"]));
        Assert.Equal(("""{"unread":1,"total":1}""", """{"unread":1,"total":2}"""), (unread["totals"]!.ToJsonString(), all["totals"]!.ToJsonString()));
        Assert.Equal("invalid_args", (await key.GetAsync("/me/notifications?include=some")).Code);
    }

    [Fact]
    public async Task Activity_is_what_others_posted_with_what_is_encrypted_as_it_is()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey key = await bob.MakeKeyAsync();
        string general = await alice.Socket.GeneralAsync();
        await alice.Socket.PostedAsync(general, "plain");
        await alice.SendAsync(bob.Key.Public.ToString(), "for him alone");
        await key.PostAsync("/messages", """{"topic":"general","text":"his own"}""");
        await alice.Socket.PostAsync(general, "sealed", bodyVersion: 3);

        JsonObject activity = (await key.GetAsync("/me/activity")).Body!;
        JsonNode[] rows = [.. activity["activity"]!.AsArray().Select(row => row!)];

        Assert.Equal([(null, "c2VhbGVk", true), ("plain", null, false)], rows.Select(row => ((string?)row["snippet"], (string?)row["ciphertext"], (bool)row["encrypted"]!)));
        Assert.Equal((true, null), ((bool?)activity["complete"], (string?)activity["before"]));
        Assert.Empty((await key.GetAsync("/me/activity?since=2126-01-01T00:00:00Z")).Body!["activity"]!.AsArray());

        JsonObject first = (await key.GetAsync("/me/activity?limit=1")).Body!;
        Assert.False((bool?)first["complete"]);
        JsonObject rest = (await key.GetAsync($"/me/activity?limit=1&before={first["before"]}")).Body!;
        Assert.Equal(("plain", true), ((string?)Assert.Single(rest["activity"]!.AsArray())!["snippet"], (bool?)rest["complete"]));
    }

    [Theory]
    [InlineData("50%", "50% off")]
    [InlineData("a_b", "a_b c")]
    [InlineData("it's \"quoted\"", "say it's \"quoted\" here")]
    [InlineData("ÄRGER", "kein ärger")]
    [InlineData("\\", "")]
    public async Task A_search_takes_each_character_as_it_is(string query, string found)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        using TestKey key = await mesh.MakeKeyAsync();
        string general = await alice.Socket.GeneralAsync();
        foreach (string text in (string[])["50% off", "50 or more", "a_b c", "aXb c", "say it's \"quoted\" here", "kein ärger"])
            await alice.Socket.PostedAsync(general, text);

        JsonObject answer = (await key.GetAsync("/me/search?q=" + Uri.EscapeDataString(query))).Body!;

        Assert.Equal(found.Length == 0 ? [] : [found], answer["messages"]!.AsArray().Select(row => (string)row!["snippet"]!));
        Assert.True((bool?)answer["complete"]);
    }

    [Fact]
    public async Task A_search_finds_topics_and_senders_and_says_where_it_stopped()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        using TestKey key = await mesh.MakeKeyAsync();
        string general = await alice.Socket.GeneralAsync();
        await alice.Socket.CreateTopicAsync("deploys", description: "what Alice puts out");
        for (int i = 0; i < 5; i++)
            await alice.Socket.PostAsync(general, $"sealed {i}", bodyVersion: 3);
        await alice.Socket.PostedAsync(general, new string('.', 400) + "needle" + new string('.', 400));

        JsonObject byName = (await key.GetAsync("/me/search?q=ALICE&limit=4")).Body!;
        Assert.Equal(["deploys"], byName["topics"]!.AsArray().Select(row => (string)row!["name"]!));
        Assert.Equal([false, true, true, true], byName["messages"]!.AsArray().Select(row => (bool)row!["encrypted"]!));
        Assert.False((bool?)byName["complete"]);
        JsonObject rest = (await key.GetAsync($"/me/search?q=ALICE&limit=4&before={byName["before"]}")).Body!;
        Assert.Equal((2, 0, true), (rest["messages"]!.AsArray().Count, rest["topics"]!.AsArray().Count, (bool?)rest["complete"]));
        Assert.Contains("needle", (string?)(await key.GetAsync("/me/search?q=needle")).Body!["messages"]![0]!["snippet"], StringComparison.Ordinal);
        Assert.DoesNotContain("c2VhbGVk", byName.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("  x  ")]
    public async Task A_search_for_less_than_two_characters_finds_nothing(string? query)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();
        await key.PostAsync("/messages", """{"topic":"general","text":"xx"}""");

        RestAnswer answer = await key.GetAsync(query is null ? "/me/search" : "/me/search?q=" + Uri.EscapeDataString(query));

        Assert.Equal((200, 0, true), (answer.Status, answer.Body!["messages"]!.AsArray().Count, (bool?)answer.Body["complete"]));
    }

    [Theory]
    [InlineData("/me/search", 201, 400)]
    [InlineData("/me/search", 1024 * 1024, 414)]
    [InlineData("/me/memory", 201, 400)]
    public async Task A_search_that_is_too_long_is_refused(string path, int length, int status)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();

        Assert.Equal(status, (await key.GetAsync($"{path}?q={new string('x', length)}")).Status);
    }

    [Theory]
    [InlineData("/me/activity?since=never", "invalid_since")]
    [InlineData("/me/notifications?since=1", "invalid_since")]
    [InlineData("/me/activity?limit=-1", "invalid_args")]
    [InlineData("/me/activity?limit=201", "invalid_args")]
    [InlineData("/me/notifications?limit=101", "invalid_args")]
    [InlineData("/me/search?q=xx&limit=99999999999", "invalid_args")]
    [InlineData("/me/search?q=xx&before=1", "invalid_args")]
    [InlineData("/me/topics?limit=5", "invalid_args")]
    public async Task A_query_that_makes_no_sense_is_refused(string path, string code)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();

        RestAnswer answer = await key.GetAsync(path);

        Assert.Equal((400, code), (answer.Status, answer.Code));
    }

    [Fact]
    [Trait("rest", "7.1 A7")]
    public async Task A_key_for_one_topic_sees_its_topic_alone_and_one_of_a_workspace_that_workspace_alone()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestMesh other = await TestMesh.StartAsync(broker: mesh.Broker, ownerKey: mesh.OwnerKey);
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer carol = await other.JoinAsync("carol");
        await carol.Socket.PostedAsync(await carol.Socket.GeneralAsync(), "the other workspace");
        await alice.Socket.PostedAsync(await alice.Socket.GeneralAsync(), "the word is here");
        string deploys = await alice.Socket.CreateTopicAsync("deploys");
        await alice.Socket.PostedAsync(deploys, "the word is there");
        using TestKey whole = await mesh.MakeKeyAsync();
        using TestKey key = await mesh.MakeKeyAsync(topics: ["deploys"]);

        Assert.Equal(["the word is there", "the word is here"], Snippets(await whole.GetAsync("/me/search?q=the"), "messages"));
        Assert.Equal(["the word is there"], Snippets(await key.GetAsync("/me/search?q=the"), "messages"));
        Assert.Equal(["the word is there"], Snippets(await key.GetAsync("/me/activity"), "activity"));
        Assert.Equal(["deploys"], (await key.GetAsync("/me/topics")).Body!["topics"]!.AsArray().Select(row => (string)row!["name"]!));
        Assert.Empty((await key.GetAsync("/me/search?q=general")).Body!["topics"]!.AsArray());
        JsonNode mine = (await key.GetAsync("/me/workspace")).Body!["meshes"]![0]!;
        Assert.Equal((2, 1), ((int?)mine["peers"], (int?)mine["topics"]));
        Assert.Equal("api_key_topic_out_of_scope", (await key.GetAsync("/me/state")).Code);
        Assert.Equal("api_key_topic_out_of_scope", (await key.GetAsync("/me/memory")).Code);
        Assert.Equal(mesh.Id, (string?)Assert.Single((await whole.GetAsync("/me/workspace")).Body!["meshes"]!.AsArray())!["meshId"]);
    }

    [Fact]
    public async Task State_and_memories_in_clear_are_shown_and_sealed_ones_by_name_and_revision()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using LegacyPeer carol = await mesh.JoinLegacyAsync("carol");
        using TestKey key = await mesh.MakeKeyAsync();
        await carol.Socket.TellAsync(new SetState("build", JsonElement.Parse("7")));
        await carol.Socket.AskAsync(new Remember("deploys happen on Friday", ["ops"]));
        Assert.Null(await alice.PutAsync(alice.Put("secret", 3, "hidden")));
        Assert.Null(await alice.PutAsync(alice.Put("m1", 1, "hidden", kind: ObjectKind.Memory)));

        JsonObject state = (await key.GetAsync("/me/state")).Body!;
        JsonObject memory = (await key.GetAsync("/me/memory")).Body!;
        JsonObject found = (await key.GetAsync("/me/memory?q=fridays")).Body!;

        Assert.Equal(
            [("secret", "null", true, 3L), ("build", "7", false, 1L)],
            state["entries"]!.AsArray().Select(row => ((string)row!["key"]!, row["value"]?.ToJsonString() ?? "null", (bool)row["encrypted"]!, (long)row["revision"]!)));
        Assert.Equal([("m1", null, true), (null, "deploys happen on Friday", false)], memory["memories"]!.AsArray().Select(row =>
            ((bool)row!["encrypted"]! ? (string?)row["id"] : null, (string?)row["content"], (bool)row["encrypted"]!)));
        Assert.Equal("deploys happen on Friday", (string?)Assert.Single(found["memories"]!.AsArray())!["content"]);
        Assert.Equal("build", (string?)Assert.Single((await key.GetAsync("/me/state?key=build")).Body!["entries"]!.AsArray())!["key"]);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes("hidden")), state.ToJsonString() + memory.ToJsonString(), StringComparison.Ordinal);
    }

    private static string[] Snippets(RestAnswer answer, string list) => [.. answer.Body![list]!.AsArray().Select(row => (string)row!["snippet"]!)];
}
