using Claudemesh.Daemon.Inbox;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Tests.Outbox;
using Claudemesh.Daemon.Topics;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Tests.Topics;

/// <summary>Each post once, in the broker's order, with a sequence that only arrivals have.</summary>
public sealed class PostStoreTests : IAsyncLifetime
{
    private const string Topic = "t1";

    private OutboxFixture fixture = null!;
    private PostStore posts = null!;
    private TopicStore topics = null!;
    private InboxStore inbox = null!;

    private long No => fixture.Row.No;

    public async ValueTask InitializeAsync()
    {
        fixture = await OutboxFixture.StartAsync();
        posts = new PostStore(fixture.Database, fixture.Clock);
        topics = new TopicStore(fixture.Database);
        inbox = new InboxStore(fixture.Database, fixture.Clock);
        await topics.PutAsync(No, [new TopicRow(Topic, "deploys", null, TopicVisibilities.Public, 2, TopicRoles.Member, 0, null, 7, false, 0)], default);
    }

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task What_is_pushed_twice_is_there_once_and_arrives_once()
    {
        Assert.Equal(new Stored(0, 1), await ArriveAsync(Made(5)));
        Assert.Equal(new Stored(0, 0), await ArriveAsync(Made(5)));
        Assert.Single(posts.ReadAfter(PostPart.Of(No, Topic), 0, 10));
    }

    [Fact]
    public async Task What_was_only_read_back_is_no_arrival_until_it_is_pushed()
    {
        Assert.Equal(0, await posts.KeepAsync(No, Topic, [Made(3), Made(4)], default));
        Assert.Empty(posts.ReadAfter(PostPart.Of(No, Topic), 0, 10));
        Assert.All(posts.ReadBefore(No, Topic, long.MaxValue, 10).Posts, stored => Assert.Equal(0, stored.Post.Sequence));

        await ArriveAsync(Made(5));
        await ArriveAsync(Made(4));
        Assert.Equal([5L, 4L], posts.ReadAfter(PostPart.Of(No, Topic), 0, 10).Select(stored => stored.Position));
        Assert.Equal([3L, 4L, 5L], posts.ReadBefore(No, Topic, long.MaxValue, 10).Posts.Select(stored => stored.Position));
    }

    [Fact]
    public async Task What_is_read_back_beyond_all_arrivals_has_arrived()
    {
        await ArriveAsync(Made(5));
        Assert.Equal(1, await posts.KeepAsync(No, Topic, [Made(4), Made(5), Made(6)], default));
        Assert.Equal([5L, 6L], posts.ReadAfter(PostPart.Of(No, Topic), 0, 10).Select(stored => stored.Position));
        Assert.Equal(new Stored(0, 0), await ArriveAsync(Made(6)));
    }

    [Fact]
    public async Task The_same_message_under_another_id_of_the_broker_is_not_shown_again()
    {
        await ArriveAsync(Made(5));
        NewPost again = Made(6);
        await ArriveAsync(again with { Arrival = again.Arrival with { Dedupe = Made(5).Arrival.Dedupe } });
        Assert.Single(posts.ReadBefore(No, Topic, long.MaxValue, 10).Posts);
    }

    [Fact]
    public async Task A_post_that_waited_arrives_anew_when_it_opens_and_what_mentions_is_in_the_inbox_then()
    {
        NewPost waiting = Made(5);
        waiting = waiting with { Arrival = waiting.Arrival with { Text = null, Unreadable = Opener.WaitingForKey, Sealed = [1, 2, 3] } };
        await ArriveAsync(waiting);
        long before = Assert.Single(posts.ReadAfter(PostPart.Of(No, Topic), 0, 10)).Post.Sequence;

        (long seq, byte[] frame) = Assert.Single(posts.ReadSealed(No, 0, 10));
        Assert.Equal([1, 2, 3], frame);
        await posts.ReplaceSealedAsync(No, seq, Made(5) with { MentionsMe = true }, default);

        Post opened = Assert.Single(posts.ReadAfter(PostPart.Of(No, Topic), before, 10)).Post;
        Assert.Equal("n5", opened.Text);
        Assert.Empty(posts.ReadSealed(No, 0, 10));
        Assert.Equal("n5", Assert.Single(inbox.Read(No, null, false, 10, null).Items).Text);
    }

    [Fact]
    public async Task What_is_older_than_its_topic_keeps_is_deleted()
    {
        long now = fixture.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        await ArriveAsync(At(5, now - (long)TimeSpan.FromDays(8).TotalMilliseconds));
        await ArriveAsync(At(6, now));

        Assert.Equal(1, await posts.PruneAsync(default));
        Assert.Equal(6, Assert.Single(posts.ReadBefore(No, Topic, long.MaxValue, 10).Posts).Position);
    }

    [Fact]
    public async Task Another_incarnation_of_the_broker_forgets_posts_whose_places_mean_nothing_now()
    {
        var store = new WorkspaceStore(fixture.Database, new KeyStore(fixture.Database), fixture.Clock);
        await store.WelcomeAsync(No, "Acme", "owner", "alice", "01", default);
        await ArriveAsync(Made(5));
        await store.WelcomeAsync(No, "Acme", "owner", "alice", "01", default);
        Assert.Single(posts.ReadBefore(No, Topic, long.MaxValue, 10).Posts);

        await store.WelcomeAsync(No, "Acme", "owner", "alice", "02", default);
        Assert.Empty(posts.ReadBefore(No, Topic, long.MaxValue, 10).Posts);
    }

    [Fact]
    public async Task A_topic_that_is_left_is_left_without_its_posts()
    {
        await ArriveAsync(Made(5));
        await topics.DeleteAsync(No, Topic, default);
        Assert.Empty(topics.List(No));
        Assert.Empty(posts.ReadBefore(No, Topic, long.MaxValue, 10).Posts);
    }

    [Theory]
    [InlineData("@bob and @Carol-2, not x@dave nor @", "bob,carol-2")]
    [InlineData("@a @a @A", "a")]
    [InlineData("nobody", "")]
    public void Names_after_an_at_sign_are_mentions(string text, string expected) => Assert.Equal(expected, string.Join(',', PostMaker.FindMentions(text)));

    private static NewPost Made(long position) => At(position, 1_767_225_600_000);

    private static NewPost At(long position, long sentAt) => new(
        Topic,
        new Arrival(
            $"3|k|c{position}", $"m{position:D31}", $"c{position}", "alice", "k", null, "#deploys", null, $"n{position}", Encryptions.Member, true, null, Priorities.Next, null,
            sentAt, "#" + Topic, position),
        Own: false,
        MentionsMe: false);

    private Task<Stored> ArriveAsync(NewPost post) => inbox.StoreAsync(No, [Incoming.Of(post)], default);
}
