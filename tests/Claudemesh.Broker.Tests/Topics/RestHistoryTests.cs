using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Topics;

public sealed class RestHistoryTests
{
    [Fact]
    public async Task Pages_go_back_and_forth_by_ids_and_say_whether_there_is_more()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();
        List<string> posted = [];
        for (int i = 0; i < 12; i++)
            posted.Add((string)(await key.PostAsync("/messages", $$"""{"topic":"general","text":"{{i}}"}""")).Body!["messageId"]!);

        JsonObject newest = (await key.GetAsync("/topics/general/messages?limit=5")).Body!;
        JsonObject older = (await key.GetAsync($"/topics/general/messages?limit=5&before={posted[7]}")).Body!;
        JsonObject newer = (await key.GetAsync($"/topics/general/messages?after={posted[7]}")).Body!;
        JsonObject all = (await key.GetAsync("/topics/general/messages")).Body!;

        Assert.Equal(posted.AsEnumerable().Reverse().Take(5), TopicFrames.Ids(newest));
        Assert.Equal(posted.Take(7).Reverse().Take(5), TopicFrames.Ids(older));
        Assert.Equal(posted.Skip(8), TopicFrames.Ids(newer));
        Assert.Equal(posted.AsEnumerable().Reverse(), TopicFrames.Ids(all));
        Assert.Equal((true, true, false, false), ((bool?)newest["more"], (bool?)older["more"], (bool?)newer["more"], (bool?)all["more"]));
        Assert.Equal("general", (string?)all["topic"]);
    }

    [Theory]
    [InlineData("limit=0", "invalid_args")]
    [InlineData("limit=-1", "invalid_args")]
    [InlineData("limit=201", "invalid_args")]
    [InlineData("limit=99999999999999999999", "invalid_args")]
    [InlineData("limit=ten", "invalid_args")]
    [InlineData("limit=", "invalid_args")]
    [InlineData("limit=5&limit=6", "invalid_args")]
    [InlineData("page=2", "invalid_args")]
    [InlineData("before=%25", "cursor_elsewhere")]
    [InlineData("before=%27%20OR%201%3D1", "cursor_elsewhere")]
    [InlineData("after=", "cursor_elsewhere")]
    [InlineData("before=a&after=b", "invalid_args")]
    public async Task A_query_that_makes_no_sense_is_refused(string query, string code)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();

        RestAnswer answer = await key.GetAsync("/topics/general/messages?" + query);

        Assert.Equal((400, code), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Every_path_answers_options_and_refuses_other_methods_and_bodies()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();

        foreach ((string path, string allow) in new[]
        {
            ("/messages", "POST, OPTIONS"), ("/topics/general/messages", "GET, HEAD, OPTIONS"), ("/topics/general/read", "PATCH, OPTIONS"),
            ("/topics/general/stream", "GET, HEAD, OPTIONS"), ("/stream", "GET, HEAD, OPTIONS"),
        })
        {
            RestAnswer options = await key.SendAsync(HttpMethod.Options, path);
            using HttpRequestMessage delete = new(HttpMethod.Delete, new Uri("/api/v1" + path, UriKind.Relative));
            using HttpResponseMessage other = await key.Http.SendAsync(delete);
            Assert.Equal(204, options.Status);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, other.StatusCode);
            Assert.Equal(allow, string.Join(", ", other.Content.Headers.Allow));
        }

        Assert.Equal("body_not_allowed", (await key.SendAsync(HttpMethod.Get, "/topics/general/messages", "{}")).Code);
        Assert.Equal("body_not_allowed", (await key.SendAsync(HttpMethod.Get, "/topics/general/stream", "{}")).Code);
        Assert.Equal("body_not_allowed", (await key.SendAsync(HttpMethod.Get, "/stream", "{}")).Code);
        Assert.Equal("body_not_allowed", (await key.PatchAsync("/topics/general/read", "{}")).Code);
        using HttpRequestMessage head = new(HttpMethod.Head, new Uri("/api/v1/topics/general/messages", UriKind.Relative));
        using HttpResponseMessage headers = await key.Http.SendAsync(head);
        Assert.Equal(HttpStatusCode.OK, headers.StatusCode);
    }

    [Fact]
    public async Task A_topic_is_marked_as_read_without_a_body_and_a_mark_never_goes_back()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        string general = await alice.Socket.GeneralAsync();
        using TestKey key = await alice.Member.MakeKeyAsync([KeyCapability.Read]);
        string first = await alice.Socket.PostedAsync(general, "one");
        await alice.Socket.PostedAsync(general, "two");

        RestAnswer all = await key.PatchAsync("/topics/general/read");
        RestAnswer back = await key.PatchAsync("/topics/general/read?through=" + first);
        using HttpRequestMessage typed = new(HttpMethod.Patch, new Uri("/api/v1/topics/general/read", UriKind.Relative));
        typed.Content = new StringContent("", Encoding.UTF8, "application/json");
        RestAnswer withType = await RestAnswer.ReadAsync(await key.Http.SendAsync(typed));
        RestAnswer nonsense = await key.PatchAsync("/topics/general/read?through=nonsense");

        Assert.Equal(("general", general), ((string?)all.Body!["topic"], (string?)all.Body["topicId"]));
        Assert.Equal((long?)all.Body["position"], (long?)back.Body!["position"]);
        Assert.True((DateTimeOffset)back.Body["readAt"]! >= (DateTimeOffset)all.Body["readAt"]!);
        Assert.Equal(200, withType.Status);
        Assert.Equal((400, "cursor_elsewhere"), (nonsense.Status, nonsense.Code));
        JsonNode topic = (await alice.Socket.AskAsync(new TopicListRequest()))["topics"]![0]!;
        Assert.Equal((long?)topic["lastPosition"], (long?)all.Body["position"]);
        Assert.Equal((long?)topic["lastPosition"], (long?)topic["lastReadPosition"]);
    }

    [Fact]
    public async Task Marking_a_public_topic_joins_it_only_with_a_key_that_may_join()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        string deploys = await alice.Socket.CreateTopicAsync("deploys");
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey reader = await bob.MakeKeyAsync([KeyCapability.Read]);
        using TestKey key = await bob.MakeKeyAsync();

        RestAnswer refused = await reader.PatchAsync("/topics/deploys/read");
        int before = (await alice.Socket.AskAsync(new TopicMembers(deploys)))["members"]!.AsArray().Count;
        RestAnswer joined = await key.PatchAsync("/topics/deploys/read");
        int after = (await alice.Socket.AskAsync(new TopicMembers(deploys)))["members"]!.AsArray().Count;

        Assert.Equal((409, "not_in_topic"), (refused.Status, refused.Code));
        Assert.Equal((200, 1, 2), (joined.Status, before, after));
        Assert.Equal(200, (await reader.PatchAsync("/topics/deploys/read")).Status);
    }
}
