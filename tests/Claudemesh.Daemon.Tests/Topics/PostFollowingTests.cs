using System.Globalization;
using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Topics;

/// <summary>Following the posts of several topics: each once and in order, from wherever the reader was.</summary>
public sealed class PostFollowingTests : IAsyncLifetime
{
    private TestBroker broker = null!;
    private RunningDaemon alice = null!;
    private RunningDaemon bob = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync();
        (alice, bob) = await RunningDaemon.StartAliceAndBobAsync(broker.Url.ToString());
        await Ok.Async(bob.Client.CreateWorkspaceAsync(new CreateWorkspace("Zeta", broker.Url.ToString(), "robert"), default));
        foreach (string topic in new[] { "one", "two", "three" })
        {
            await Ok.Async(alice.Client.CreateTopicAsync(new CreateTopic(topic), default));
            await Ok.Async(bob.Client.JoinTopicAsync(new JoinTopic(topic), default));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await bob.DisposeAsync();
        await alice.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task Named_topics_are_followed_and_others_are_not_and_all_are_where_none_is_named()
    {
        await SayAsync("one", "a");
        await SayAsync("two", "b");
        await SayAsync("three", "c");
        await Ok.Async(bob.Client.SendAsync(new SendMessage("#general", "z", Workspace: "zeta", Wait: "accepted"), default));

        Assert.Equal(["b", "c"], (await ReadAsync(["#two", "three"], null, "0", 2)).Select(post => post.Text));
        Assert.Equal(["a", "b", "c", "z"], (await ReadAsync([], null, "0", 4)).Select(post => post.Text).Order(StringComparer.Ordinal));
        Assert.Equal(["z"], (await ReadAsync([], "zeta", "0", 1)).Select(post => post.Text));
        Assert.Equal(["a", "b", "c"], (await ReadAsync([], "acme", "0", 3)).Select(post => post.Text));
    }

    [Fact]
    public async Task A_reader_goes_on_behind_a_sequence_an_id_or_the_beginning_of_one_without_gap_or_repetition()
    {
        for (int i = 0; i < 6; i++)
            await SayAsync(i % 2 == 0 ? "one" : "two", $"n{i}");
        List<Post> all = await ReadAsync([], null, "0", 6);
        for (int i = 0; i < 5; i++)
        {
            foreach (string place in new[] { all[i].Sequence.ToString(CultureInfo.InvariantCulture), all[i].Id, "#" + all[i].Id[..20] })
                Assert.Equal(all.Skip(i + 1).Select(post => post.Id), (await ReadAsync([], null, place, 5 - i)).Select(post => post.Id));
        }

        Assert.Equal(["n2", "n4"], (await ReadAsync(["one"], null, all.Single(post => post.Text == "n0").Id, 2)).Select(post => post.Text));
    }

    [Fact]
    public async Task What_was_only_read_back_is_a_place_to_go_on_behind_too()
    {
        string old = await SayAsync("general", "old");
        await SayAsync("general", "older than carol");
        await using RunningDaemon carol = await JoinAsync();
        await Eventually.TrueAsync("carol reads what was posted before she came", async () =>
            (await carol.Client.ReadPostsAsync(new PostQuery("general"), default)).Value?.Posts.Count == 2);

        await SayAsync("general", "new");
        Assert.Equal(["new"], (await ReadAsync(carol, [], null, old, 1)).Select(post => post.Text));
    }

    [Fact]
    public async Task Where_the_store_ends_the_reader_is_told_once_and_from_where_to_go_on()
    {
        await SayAsync("one", "a");
        Post first = Assert.Single(await ReadAsync([], null, "0", 1));

        var told = new List<string?>();
        using var enough = new CancellationTokenSource();
        await foreach (LocalReply<LocalEvent> happened in bob.Client.FollowPostsAsync([], null, null, default))
        {
            if (happened.Value is { Kind: EventKinds.Current } current)
            {
                told.Add(current.Id);
                await SayAsync("one", "b");
            }

            if (happened.Value?.Post is { } post)
            {
                Assert.Equal("b", post.Text);
                break;
            }
        }

        Assert.Equal([first.Sequence.ToString(CultureInfo.InvariantCulture)], told);
    }

    [Fact]
    public async Task Nonsense_is_answered_with_what_is_wrong()
    {
        await SayAsync("one", "a");
        await ReadAsync([], null, "0", 1);
        foreach ((string[] topics, string? workspace, string? place, string error) in new (string[], string?, string?, string)[]
        {
            (["nowhere"], null, null, LocalErrors.TopicNotFound),
            (["general"], null, null, LocalErrors.AmbiguousName),
            (["one", "general"], "nowhere", null, LocalErrors.WorkspaceNotFound),
            ([""], null, null, LocalErrors.InvalidRequest),
            ([.. Enumerable.Repeat("one", LocalLimits.FollowedTopicsMax + 1)], null, null, LocalErrors.InvalidRequest),
            ([], null, "-1", LocalErrors.InvalidRequest),
            ([], null, "0000A", LocalErrors.InvalidRequest),
            ([], null, "0000' OR 1=1", LocalErrors.InvalidRequest),
            ([], null, "zzzzzzzz", LocalErrors.PostNotFound),
            ([], null, "99999999999999999999999999999999", LocalErrors.PostNotFound),
        })
        {
            LocalReply<LocalEvent> first = await FirstAsync(bob.Client.FollowPostsAsync(topics, workspace, place, default));
            Assert.Equal(error, first.Problem?.Error);
        }

        Assert.True((await FirstAsync(bob.Client.FollowPostsAsync([], null, "9223372036854775807", default))).Succeeded);
        Assert.Equal(LocalErrors.Forbidden, (await FirstAsync(bob.At("zeta").FollowPostsAsync([], "acme", null, default))).Problem?.Error);
        Assert.Equal(LocalErrors.TopicNotFound, (await FirstAsync(bob.At("zeta").FollowPostsAsync(["one"], null, null, default))).Problem?.Error);
    }

    private static async Task<LocalReply<LocalEvent>> FirstAsync(IAsyncEnumerable<LocalReply<LocalEvent>> events)
    {
        await foreach (LocalReply<LocalEvent> happened in events)
            return happened;
        return LocalProblem.Of("nothing", "The stream ended.", 500, ExitCode.Internal);
    }

    private Task<List<Post>> ReadAsync(string[] topics, string? workspace, string after, int count) => ReadAsync(bob, topics, workspace, after, count);

    /// <summary>Reads so many posts, and waits for them.</summary>
    private static async Task<List<Post>> ReadAsync(RunningDaemon daemon, string[] topics, string? workspace, string after, int count)
    {
        var read = new List<Post>();
        using var longest = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await foreach (LocalReply<LocalEvent> happened in daemon.Client.FollowPostsAsync(topics, workspace, after, longest.Token))
        {
            Assert.True(happened.Succeeded, happened.Problem?.Detail);
            if (happened.Value.Post is { } post)
                read.Add(post);
            if (read.Count == count)
                break;
        }

        return read;
    }

    private async Task<RunningDaemon> JoinAsync()
    {
        RunningDaemon carol = await RunningDaemon.StartAsync();
        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));
        await Ok.Async(carol.Client.JoinWorkspaceAsync(new JoinWorkspace(invite.Url, "carol"), default));
        return carol;
    }

    private async Task<string> SayAsync(string topic, string text) =>
        (await Ok.Async(alice.Client.SendAsync(new SendMessage("#" + topic, text, Wait: "accepted"), default))).Recipients[0].MessageId!;
}
