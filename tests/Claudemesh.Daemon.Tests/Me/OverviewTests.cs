using System.Net.Sockets;
using Claudemesh.Local;
using Claudemesh.TestKit;
using Microsoft.Data.Sqlite;

namespace Claudemesh.Daemon.Tests.Me;

/// <summary>What there is for one person, over two workspaces.</summary>
public sealed class OverviewTests : IAsyncLifetime
{
    private TestBroker broker = null!;
    private RunningDaemon alice = null!;
    private RunningDaemon bob = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync();
        (alice, bob) = await RunningDaemon.StartAliceAndBobAsync(broker.Url.ToString());
        await Ok.Async(bob.Client.CreateWorkspaceAsync(new CreateWorkspace("Zeta", broker.Url.ToString(), "robert"), default));
        await Ok.Async(alice.Client.CreateTopicAsync(new CreateTopic("deploys"), default));
        await Ok.Async(bob.Client.JoinTopicAsync(new JoinTopic("deploys"), default));
        await Ok.Async(alice.Client.CreateTopicAsync(new CreateTopic("elsewhere"), default));
    }

    public async ValueTask DisposeAsync()
    {
        await bob.DisposeAsync();
        await alice.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task Each_workspace_says_who_one_is_there_and_what_is_unread_and_the_totals_are_their_sums()
    {
        await SendAsync(alice, "bob", "direct");
        await SendAsync(alice, "#deploys", "one");
        await SendAsync(alice, "#deploys", "two");
        await SendAsync(bob, "#deploys", "own");
        MyOverview mine = null!;
        await Eventually.TrueAsync("all has arrived", async () =>
            (mine = await Ok.Async(bob.Client.ReadMyOverviewAsync(null, default))).Totals is { UnreadPosts: 2, UnreadMessages: 1, Online: 1 });

        Assert.Equal(
            [("acme", "bob", "member", 2, 1, 2, 2L, 1L), ("zeta", "robert", "owner", 1, 0, 1, 0L, 0L)],
            mine.Workspaces.Select(one => (one.Workspace, one.DisplayName, one.Role, one.Members, one.Online, one.Topics, one.UnreadPosts, one.UnreadMessages)));
        Assert.Equal(new MyTotals(2, 1, 3, 2, 1), mine.Totals);
        Assert.Equal("zeta", Assert.Single((await Ok.Async(bob.Client.ReadMyOverviewAsync("zeta", default))).Workspaces).Workspace);
        Assert.Equal(LocalErrors.WorkspaceNotFound, (await bob.Client.ReadMyOverviewAsync("nowhere", default)).Problem?.Error);
        Assert.Equal("acme", Assert.Single((await Ok.Async(bob.At("acme").ReadMyOverviewAsync(null, default))).Workspaces).Workspace);
    }

    [Fact]
    public async Task Topics_of_all_workspaces_come_by_their_newest_post_and_those_without_any_last()
    {
        await SendAsync(alice, "#general", "first");
        await SendAsync(bob, "#deploys", "second");
        MyTopicList mine = null!;
        await Eventually.TrueAsync("both have arrived", async () =>
            (mine = await Ok.Async(bob.Client.ListMyTopicsAsync(null, default))).Topics.Count(topic => topic.LastPostAt is not null) == 2);

        Assert.Equal(
            [("acme", "deploys", 0L, "bob"), ("acme", "general", 1L, "alice"), ("zeta", "general", 0L, null)],
            mine.Topics.Select(topic => (topic.Workspace, topic.Name, topic.Unread, topic.LastPostBy)));
        Assert.Equal(new MyTopicTotals(3, 1), mine.Totals);
        Assert.Empty(mine.Stale);
    }

    [Fact]
    public async Task What_is_unread_and_not_here_is_counted_too_until_it_is_marked_as_read()
    {
        for (int i = 0; i < 3; i++)
            await SendAsync(alice, "#deploys", $"n{i}");
        await Eventually.TrueAsync("bob has them", async () => await UnreadAsync() == 3);
        await bob.StopAsync();
        await using (SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = bob.Home.Database, Pooling = false }.ToString()))
        {
            await connection.OpenAsync();
            await using SqliteCommand forget = connection.CreateCommand();
            forget.CommandText = "DELETE FROM post";
            await forget.ExecuteNonQueryAsync();
        }

        await bob.RestartAsync();
        await Eventually.TrueAsync("the broker has counted them", async () => await UnreadAsync() == 3);

        Assert.Equal(0, (await Ok.Async(bob.Client.ReadTopicAsync(new ReadTopic("deploys"), default))).Unread);
        await Eventually.TrueAsync("the broker has counted again", async () => await UnreadAsync() == 0);
        await SendAsync(alice, "#deploys", "n3");
        await Eventually.TrueAsync("what came later is unread", async () => await UnreadAsync() == 1);
    }

    [Fact]
    public async Task Activity_is_what_others_posted_since_then_oldest_first()
    {
        DateTimeOffset before = TimeProvider.System.GetUtcNow();
        await SendAsync(alice, "#deploys", "one");
        await SendAsync(bob, "#deploys", "own");
        await SendAsync(alice, "#general", "two");
        await SendAsync(alice, "#elsewhere", "not for bob");
        MyActivity all = null!;
        await Eventually.TrueAsync("both have arrived", async () => (all = await ActivityAsync()).Posts.Count == 2);

        Assert.Equal(["one", "two"], all.Posts.Select(post => post.Text));
        MyActivity last = await ActivityAsync(limit: 1);
        Assert.Equal((true, "two"), (last.More, Assert.Single(last.Posts).Text));
        Assert.Equal(2, (await ActivityAsync(before)).Posts.Count);
        Assert.Empty((await ActivityAsync(before.AddYears(100))).Posts);
        Assert.Equal(2, (await ActivityAsync(DateTimeOffset.MinValue)).Posts.Count);
        Assert.Equal(LocalErrors.InvalidRequest, (await bob.Client.ReadMyActivityAsync(null, null, 0, default)).Problem?.Error);
        Assert.Equal(LocalErrors.InvalidRequest, (await bob.Client.ReadMyActivityAsync(null, null, LocalLimits.PostPageMax + 1, default)).Problem?.Error);
    }

    [Theory]
    [InlineData("since=yesterday")]
    [InlineData("since=99999-01-01")]
    [InlineData("since=%00")]
    [InlineData("limit=-1")]
    [InlineData("limit=99999999999999999999")]
    public async Task A_time_or_a_number_that_is_none_is_refused(string query)
    {
        using var http = new HttpClient(new SocketsHttpHandler { ConnectCallback = (_, token) => ConnectAsync(token) });
        using HttpResponseMessage answer = await http.GetAsync(new Uri($"http://localhost{LocalRoutes.MyActivity}?{query}"));
        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Contains(LocalErrors.InvalidRequest, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<long> UnreadAsync() =>
        (await Ok.Async(bob.Client.ListMyTopicsAsync("acme", default))).Topics.Single(topic => topic.Name == "deploys").Unread;

    private async ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(bob.Home.Socket), cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private Task<MyActivity> ActivityAsync(DateTimeOffset? since = null, int limit = 20) => Ok.Async(bob.Client.ReadMyActivityAsync(null, since, limit, default));

    private static async Task SendAsync(RunningDaemon from, string to, string text) =>
        await Ok.Async(from.Client.SendAsync(new SendMessage(to, text, Wait: "accepted"), default));
}
