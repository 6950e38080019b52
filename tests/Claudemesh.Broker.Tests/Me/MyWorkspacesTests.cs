using System.Text.Json.Nodes;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Tests.Accounts.Sessions;
using Claudemesh.Broker.Tests.Topics;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Me;

/// <summary>An account that names no workspace is answered for all of its own; one that names one, and a key, for that.</summary>
public sealed class MyWorkspacesTests
{
    [Fact]
    [Trait("rest", "7.1 A7")]
    public async Task An_account_sees_all_its_workspaces_and_no_others()
    {
        await using Two two = await Two.StartAsync();
        await using TestMesh foreign = await TestMesh.StartAsync(broker: two.Broker);

        JsonObject mine = (await two.Ann.GetAsync("/api/v1/me/workspace")).Body!;

        Assert.Equal(two.Ann.Id.Value, (string?)mine["userId"]);
        Assert.Equal(new[] { two.First.Slug, two.Second.Slug }.Order(StringComparer.Ordinal), mine["meshes"]!.AsArray().Select(row => (string?)row!["slug"]));
        Assert.Equal(2, (int)mine["totals"]!["meshes"]!);
        Assert.Equal(mine["meshes"]!.AsArray().Sum(row => (int)row!["peers"]!), (int)mine["totals"]!["peers"]!);
        Assert.DoesNotContain(foreign.Slug, mine.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(two.Second.Slug, (string?)Assert.Single((await two.Ann.GetAsync("/api/v1/me/workspace", two.Second.Slug)).Body!["meshes"]!.AsArray())!["slug"]);
    }

    [Fact]
    public async Task Topics_notifications_activity_and_what_is_found_come_from_all_newest_first()
    {
        await using Two two = await Two.StartAsync();
        await two.Bob.Socket.PostedAsync(await two.Bob.Socket.GeneralAsync(), "deploy one, @owner");
        await two.Eve.Socket.PostedAsync(await two.Eve.Socket.GeneralAsync(), "deploy two, @owner");
        await two.Bob.Socket.PostedAsync(await two.Bob.Socket.GeneralAsync(), "deploy three");

        Assert.Equal([two.First.Slug, two.Second.Slug], Slugs(await two.Ann.GetAsync("/api/v1/me/topics"), "topics"));
        Assert.Equal([two.Second.Slug, two.First.Slug], Slugs(await two.Ann.GetAsync("/api/v1/me/notifications"), "notifications"));
        Assert.Equal(["deploy three", "deploy two, @owner", "deploy one, @owner"], Texts(await two.Ann.GetAsync("/api/v1/me/activity"), "activity"));
        Assert.Equal(["deploy three", "deploy two, @owner", "deploy one, @owner"], Texts(await two.Ann.GetAsync("/api/v1/me/search?q=deploy"), "messages"));
    }

    [Fact]
    public async Task A_page_that_is_not_all_says_so_and_one_workspace_is_named_to_go_on()
    {
        await using Two two = await Two.StartAsync();
        await two.Bob.Socket.PostedAsync(await two.Bob.Socket.GeneralAsync(), "one");
        await two.Eve.Socket.PostedAsync(await two.Eve.Socket.GeneralAsync(), "two");

        JsonObject page = (await two.Ann.GetAsync("/api/v1/me/activity?limit=1")).Body!;
        Assert.Equal((false, null), ((bool)page["complete"]!, (string?)page["before"]));
        Assert.Equal("two", (string?)Assert.Single(page["activity"]!.AsArray())!["snippet"]);

        string id = (string)page["activity"]![0]!["messageId"]!;
        RestAnswer refused = await two.Ann.GetAsync($"/api/v1/me/activity?before={id}");
        Assert.Equal((400, "invalid_args"), (refused.Status, refused.Code));
        Assert.Empty((await two.Ann.GetAsync($"/api/v1/me/activity?before={id}", two.Second.Slug)).Body!["activity"]!.AsArray());
    }

    [Fact]
    public async Task State_and_memories_come_from_all()
    {
        await using Two two = await Two.StartAsync();
        foreach (TestMesh mesh in (TestMesh[])[two.First, two.Second])
            Assert.Equal(204, (await two.Ann.AskAsync(HttpMethod.Put, "/api/v1/state/build", $$"""{"value":"{{mesh.Slug}}"}""", mesh.Slug)).Status);

        JsonObject state = (await two.Ann.GetAsync("/api/v1/me/state?key=build")).Body!;

        Assert.Equal([two.Second.Slug, two.First.Slug], state["entries"]!.AsArray().Select(row => (string?)row!["value"]));
        Assert.Equal(2, (int)state["totals"]!["meshes"]!);
        Assert.Empty((await two.Ann.GetAsync("/api/v1/me/memory")).Body!["memories"]!.AsArray());
    }

    [Fact]
    public async Task An_account_without_a_workspace_is_answered_with_nothing_and_a_token_without_the_scope_with_a_refusal()
    {
        await using Two two = await Two.StartAsync();
        using TestAccount none = await TestAccount.CreateAsync(two.Broker, "nobody");
        using HttpClient token = two.Broker.Bearer((await two.Broker.StoreTokenAsync(two.Ann, KeyCapabilities.Send)).Token);
        foreach (string path in (string[])["workspace", "topics", "notifications", "activity", "search?q=deploy", "state", "memory"])
        {
            Assert.Equal((path, 200), (path, (await none.GetAsync("/api/v1/me/" + path)).Status));
            Assert.Equal((path, "token_missing_scope"), (path, (await token.SendAsync(HttpMethod.Get, "/api/v1/me/" + path)).Code));
        }
    }

    /// <summary>A session that was refreshed in between is the same sender.</summary>
    [Fact]
    public async Task A_post_by_an_account_is_sent_once_under_its_idempotency_key_in_the_workspace_that_it_names()
    {
        await using Two two = await Two.StartAsync();
        using TestAccount again = await two.Ann.SignInAgainAsync(two.Broker);
        List<string> ids = [];
        foreach (TestAccount account in (TestAccount[])[two.Ann, again, two.Ann])
        {
            using HttpRequestMessage request = new(HttpMethod.Post, new Uri("/api/v1/messages", UriKind.Relative));
            request.Headers.TryAddWithoutValidation("X-Workspace", two.First.Slug);
            request.Headers.TryAddWithoutValidation("Idempotency-Key", "deploy-7");
            request.Content = new StringContent("""{"topic":"general","text":"deployed"}""", System.Text.Encoding.UTF8, "application/json");
            RestAnswer answer = await RestAnswer.ReadAsync(await account.Http.SendAsync(request));
            Assert.Equal(200, answer.Status);
            ids.Add((string)answer.Body!["messageId"]!);
        }

        Assert.Single(ids.Distinct(StringComparer.Ordinal));
        Assert.Equal("workspace_required", (await two.Ann.AskAsync(HttpMethod.Post, "/api/v1/messages", """{"topic":"general","text":"x"}""")).Code);
    }

    private static string[] Slugs(RestAnswer answer, string list) => [.. answer.Body![list]!.AsArray().Select(row => (string)row!["meshSlug"]!)];

    private static string[] Texts(RestAnswer answer, string list) => [.. answer.Body![list]!.AsArray().Select(row => (string)row!["snippet"]!)];

    /// <summary>Two workspaces of one broker whose owner is one account, each with somebody else in it.</summary>
    private sealed record Two(TestBroker Broker, TestMesh First, TestMesh Second, TestAccount Ann, TestPeer Bob, TestPeer Eve) : IAsyncDisposable
    {
        public static async Task<Two> StartAsync()
        {
            TestBroker broker = await TestBroker.StartAsync();
            TestMesh first = await TestMesh.StartAsync(broker: broker);
            TestMesh second = await TestMesh.StartAsync(broker: broker);
            TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
            await ann.OwnMemberAsync(broker, first.OwnerId);
            await ann.OwnMemberAsync(broker, second.OwnerId);
            return new Two(broker, first, second, ann, await first.JoinAsync("bob"), await second.JoinAsync("eve"));
        }

        public async ValueTask DisposeAsync()
        {
            await Bob.DisposeAsync();
            await Eve.DisposeAsync();
            Ann.Dispose();
            await First.DisposeAsync();
            await Second.DisposeAsync();
            await Broker.DisposeAsync();
        }
    }
}
