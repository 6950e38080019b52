using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Topics;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Notifications;

public sealed class RestNotificationTests
{
    [Fact]
    [Trait("rest", "7.2 C15")]
    public async Task A_key_lists_who_mentions_its_issuer_with_all_that_opens_what_is_encrypted()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey key = await bob.MakeKeyAsync();
        string general = await alice.Socket.GeneralAsync();
        string plain = await alice.Socket.PostedAsync(general, "plain for @bob");
        string @sealed = (string)(await alice.Socket.PostAsync(general, "not to be read here", bodyVersion: 3, mentions: ["bob"]))["messageId"]!;

        RestAnswer answer = await key.GetAsync("/notifications");
        JsonNode[] rows = [.. answer.Body!["notifications"]!.AsArray().Select(row => row!)];

        Assert.Equal((200, "bob", 2, false), (answer.Status, (string?)answer.Body["mentionedAs"], (int?)answer.Body["unread"], (bool?)answer.Body["more"]));
        Assert.Equal([@sealed, plain], rows.Select(row => (string?)row["id"]));
        Assert.Equal((3, true, null, "AAAAAAAAAAA="), ((int?)rows[0]["bodyVersion"], (bool?)rows[0]["encrypted"], (string?)rows[0]["text"], (string?)rows[0]["header"]));
        Assert.Equal((1, false, "plain for @bob"), ((int?)rows[1]["bodyVersion"], (bool?)rows[1]["encrypted"], (string?)rows[1]["text"]));
        Assert.All(rows, row => Assert.Equal(("mention", "general", "alice", alice.Key, 32), (
            (string?)row["kind"], (string?)row["topicName"], (string?)row["senderName"], (string?)row["senderPubkey"], ((string?)row["nonce"])!.Length)));
        Assert.All(rows, row => Assert.True(((JsonObject)row).ContainsKey("readAt")));
    }

    [Fact]
    [Trait("rest", "7.2 C9")]
    public async Task Marking_says_how_many_changed_by_ids_by_topic_and_all()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey key = await bob.MakeKeyAsync();
        string general = await alice.Socket.GeneralAsync();
        string[] ids = [await alice.Socket.PostedAsync(general, "@bob"), await alice.Socket.PostedAsync(general, "@bob"), await alice.Socket.PostedAsync(general, "@bob")];

        Assert.Equal(2, (int?)(await key.PostAsync("/notifications/read", $$"""{"ids":["{{ids[0]}}","{{ids[1]}}","{{new string('0', 32)}}"]}""")).Body!["marked"]);
        Assert.Equal(0, (int?)(await key.PostAsync("/notifications/read", $$"""{"ids":["{{ids[0]}}"]}""")).Body!["marked"]);
        Assert.Equal([ids[2]], Ids(await key.GetAsync("/notifications?unread=1")));
        Assert.Equal(0, (int?)(await key.PostAsync("/notifications/read", """{"all":true,"before":"2020-01-01T00:00:00Z"}""")).Body!["marked"]);
        Assert.Equal(1, (int?)(await key.PostAsync("/notifications/read", """{"topic":"general"}""")).Body!["marked"]);
        Assert.Equal(0, (int?)(await key.PostAsync("/notifications/read", """{"all":true}""")).Body!["marked"]);
        Assert.Empty(Ids(await key.GetAsync("/notifications?unread=true")));
        Assert.Equal(3, Ids(await key.GetAsync("/notifications")).Length);
    }

    [Fact]
    [Trait("rest", "7.1 A7")]
    public async Task A_key_for_one_topic_sees_and_marks_its_notifications_alone()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        string deploys = await alice.Socket.CreateTopicAsync("deploys");
        string other = await alice.Socket.PostedAsync(await alice.Socket.GeneralAsync(), "@bob");
        string own = await alice.Socket.PostedAsync(deploys, "@bob");
        using TestKey key = await bob.MakeKeyAsync(topics: ["deploys"]);
        using TestKey whole = await bob.MakeKeyAsync();

        RestAnswer list = await key.GetAsync("/notifications");
        Assert.Equal([own], Ids(list));
        Assert.Equal(1, (int?)list.Body!["unread"]);
        Assert.Equal([own], Ids(await key.GetAsync("/me/notifications"), "messageId"));
        Assert.Equal(0, (int?)(await key.PostAsync("/notifications/read", $$"""{"ids":["{{other}}"]}""")).Body!["marked"]);
        Assert.Equal("api_key_topic_out_of_scope", (await key.PostAsync("/notifications/read", """{"topic":"general"}""")).Code);
        Assert.Equal(1, (int?)(await key.PostAsync("/notifications/read", """{"all":true}""")).Body!["marked"]);
        Assert.Equal([other], Ids(await whole.GetAsync("/notifications?unread=1")));
    }

    [Fact]
    public async Task A_post_over_rest_notifies_whom_it_mentions_and_is_refused_where_that_may_be_two()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer carol = await mesh.JoinAsync("carol");
        await mesh.AddMemberAsync("carol");
        using TestKey key = await mesh.MakeKeyAsync();

        RestAnswer posted = await key.PostAsync("/messages", """{"topic":"general","text":"deployed","mentions":["@Bob"]}""");
        JsonObject told = await bob.Socket.NextAsync("notification");
        RestAnswer refused = await key.PostAsync("/messages", """{"topic":"general","text":"deployed","mentions":["carol"]}""");
        RestAnswer byKey = await key.PostAsync("/messages", $$"""{"topic":"general","text":"deployed","mentions":["{{carol.Key}}"]}""");

        Assert.Equal((200, 1), (posted.Status, (int?)posted.Body!["notifications"]));
        Assert.Equal((string?)posted.Body["messageId"], (string?)told["notification"]!["post"]!["id"]);
        Assert.Equal((409, "mention_ambiguous"), (refused.Status, refused.Code));
        Assert.Equal(1, (int?)byKey.Body!["notifications"]);
    }

    [Theory]
    [InlineData("since=yesterday", "invalid_since")]
    [InlineData("since=", "invalid_since")]
    [InlineData("since=2026-13-40", "invalid_since")]
    [InlineData("limit=0", "invalid_args")]
    [InlineData("limit=201", "invalid_args")]
    [InlineData("unread=maybe", "invalid_args")]
    [InlineData("before=%25", "invalid_args")]
    [InlineData("before=00000000000000000000000000000000", "invalid_args")]
    [InlineData("page=2", "invalid_args")]
    public async Task A_query_that_makes_no_sense_is_refused(string query, string code)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();

        RestAnswer answer = await key.GetAsync("/notifications?" + query);

        Assert.Equal((400, code), (answer.Status, answer.Code));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"ids":[]}""")]
    [InlineData("""{"ids":["x"]}""")]
    [InlineData("""{"ids":null}""")]
    [InlineData("""{"all":false}""")]
    [InlineData("""{"all":true,"topic":"general"}""")]
    [InlineData("""{"all":true,"before":"soon"}""")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task A_body_that_marks_nothing_is_refused(string body)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();

        Assert.Equal(400, (await key.PostAsync("/notifications/read", body)).Status);
    }

    [Fact]
    public async Task A_time_in_the_future_has_nothing_after_it_and_pages_go_back_by_ids()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey key = await bob.MakeKeyAsync();
        string general = await alice.Socket.GeneralAsync();
        List<string> posted = [];
        for (int i = 0; i < 5; i++)
            posted.Insert(0, await alice.Socket.PostedAsync(general, "@bob"));

        RestAnswer page = await key.GetAsync("/notifications?limit=3");
        Assert.Equal((posted.Take(3), true), (Ids(page), (bool?)page.Body!["more"] == true), Pages.Same);
        page = await key.GetAsync($"/notifications?limit=3&before={posted[2]}");
        Assert.Equal((posted.Skip(3), false), (Ids(page), (bool?)page.Body!["more"] == true), Pages.Same);
        Assert.Empty(Ids(await key.GetAsync("/notifications?since=2126-01-01T00:00:00Z")));
        Assert.Empty(Ids(await key.GetAsync("/me/notifications?since=2126-01-01T00:00:00Z"), "messageId"));
    }

    private static string[] Ids(RestAnswer answer, string field = "id") => [.. answer.Body!["notifications"]!.AsArray().Select(row => (string)row![field]!)];

    private static class Pages
    {
        public static IEqualityComparer<(IEnumerable<string> Ids, bool More)> Same { get; } =
            EqualityComparer<(IEnumerable<string> Ids, bool More)>.Create((one, other) => one.More == other.More && one.Ids.SequenceEqual(other.Ids));
    }
}
