using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Notifications;

/// <summary>Daemons, the broker itself, and posts that mention people.</summary>
public sealed class NotificationTests : IAsyncLifetime
{
    private TestBroker broker = null!;
    private RunningDaemon alice = null!;
    private RunningDaemon bob = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync();
        (alice, bob) = await RunningDaemon.StartAliceAndBobAsync(broker.Url.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await bob.DisposeAsync();
        await alice.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task Who_is_mentioned_finds_it_opened_also_in_a_topic_that_he_is_not_in()
    {
        await Ok.Async(alice.Client.CreateTopicAsync(new CreateTopic("deploys"), default));
        await SayAsync(alice, "general", "nobody in particular");
        SendResult first = await SayAsync(alice, "general", "@bob have\na look " + new string('x', 300));
        await SayAsync(alice, "deploys", "this one too", "BOB");

        MyNotificationList list = await ListAsync(bob);

        Assert.Equal((2, 2, false), (list.Notifications.Count, list.Unread, list.More));
        MyNotification newest = list.Notifications[0];
        Assert.Equal(("acme", "deploys", "alice", "this one too"), (newest.Workspace, newest.Topic, newest.Sender, newest.Snippet));
        Assert.Equal((true, true, "member", false), (newest.Encrypted, newest.Verified, newest.Encryption, newest.Read));
        Assert.Equal(first.Recipients[0].MessageId, list.Notifications[1].Id);
        Assert.Equal(("@bob have a look " + new string('x', 300))[..240] + "…", list.Notifications[1].Snippet);
        Assert.Empty((await ListAsync(alice)).Notifications);
    }

    [Fact]
    public async Task Notifications_are_marked_by_the_beginning_of_an_id_by_topic_and_all_at_once()
    {
        await Ok.Async(alice.Client.CreateTopicAsync(new CreateTopic("deploys"), default));
        SendResult first = await SayAsync(alice, "general", "@bob one");
        SendResult second = await SayAsync(alice, "general", "@bob two");
        await SayAsync(alice, "deploys", "@bob three");
        await SayAsync(alice, "general", "@bob four");

        Assert.Equal(1, await MarkAsync(new MarkNotifications([first.Recipients[0].MessageId![..8]])));
        Assert.Equal(1, await MarkAsync(new MarkNotifications([first.Recipients[0].MessageId!, second.Recipients[0].MessageId!])));
        Assert.Equal(1, await MarkAsync(new MarkNotifications(Topic: "#deploys")));
        Assert.Equal("@bob four", Assert.Single((await Ok.Async(bob.Client.ListNotificationsAsync(new NotificationQuery(Unread: true), default))).Notifications).Snippet);
        Assert.Equal(1, await MarkAsync(new MarkNotifications(All: true)));
        Assert.Equal(0, await MarkAsync(new MarkNotifications(All: true)));
        Assert.All((await ListAsync(bob)).Notifications, static one => Assert.NotNull(one.ReadAt));

        Assert.Equal(LocalErrors.InvalidRequest, await RefusedAsync(new MarkNotifications()));
        Assert.Equal(LocalErrors.InvalidRequest, await RefusedAsync(new MarkNotifications(["0000"])));
        Assert.Equal(LocalErrors.InvalidRequest, await RefusedAsync(new MarkNotifications([], All: true)));
        Assert.Equal(LocalErrors.PostNotFound, await RefusedAsync(new MarkNotifications(["zzzzzzzz"])));
        Assert.Equal(LocalErrors.TopicNotFound, await RefusedAsync(new MarkNotifications(Topic: "nowhere")));
    }

    [Fact]
    public async Task Workspaces_are_listed_together_and_one_that_cannot_be_asked_is_named()
    {
        TestBroker other = await TestBroker.StartAsync();
        await Ok.Async(bob.Client.CreateWorkspaceAsync(new CreateWorkspace("Zeta", other.Url.ToString(), "robert"), default));
        await SayAsync(alice, "general", "@bob one");
        await SayAsync(alice, "general", "@bob two");
        Assert.Equal(("@bob two", true), ((await ListAsync(bob, count: 1)).Notifications.Single().Snippet, (await ListAsync(bob, count: 1)).More));

        await other.DisposeAsync();
        await Eventually.TrueAsync("that is seen", async () => (await ListAsync(bob)).Stale.Count == 1);
        MyNotificationList list = await ListAsync(bob);

        Assert.Equal("zeta", Assert.Single(list.Stale).Workspace);
        Assert.Equal(2, list.Notifications.Count);
        Assert.False((await bob.Client.ListNotificationsAsync(new NotificationQuery(Workspace: "zeta"), default)).Succeeded);
    }

    [Fact]
    public async Task A_name_of_two_members_is_refused_before_the_post_is_taken_and_a_key_says_who_is_meant()
    {
        await using RunningDaemon namesake = await RunningDaemon.StartAsync();
        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));
        await Ok.Async(namesake.Client.JoinWorkspaceAsync(new JoinWorkspace(invite.Url, "Bob"), default));
        string key = (await Ok.Async(bob.Client.ListWorkspacesAsync(default))).Workspaces[0].MemberKey;
        await Eventually.TrueAsync("alice knows both", async () => (await Ok.Async(alice.Client.ListMembersAsync(null, default))).Members.Count == 3);

        LocalReply<SendResult> refused = await alice.Client.SendAsync(new SendMessage("#general", "@bob which?"), default);
        Assert.Equal(LocalErrors.AmbiguousName, refused.Problem?.Error);
        Assert.Contains(key, refused.Problem!.Detail, StringComparison.Ordinal);
        await SayAsync(alice, "general", "@bob you", key);

        Assert.Equal("@bob you", Assert.Single((await ListAsync(bob)).Notifications).Snippet);
        Assert.Empty((await ListAsync(namesake)).Notifications);
    }

    [Fact]
    public async Task What_is_unread_is_counted_by_the_broker_where_it_has_not_come_here()
    {
        await bob.StopAsync();
        await SayAsync(alice, "general", "while you were away");
        await SayAsync(alice, "general", "and another");
        await SayAsync(alice, "general", "and a third");
        await bob.RestartAsync();

        // Each list says so at once, whether or not the posts have come.
        ListedTopics listed = null!;
        await Eventually.TrueAsync("the broker can be asked", async () => (listed = await Ok.Async(bob.Client.ListTopicsAsync(null, false, default))).Stale.Count == 0);
        Assert.Equal(3, Assert.Single(listed.Topics).Unread);
        Assert.Equal(0, Assert.Single((await Ok.Async(alice.Client.ListTopicsAsync(null, false, default))).Topics).Unread);

        await Eventually.TrueAsync("all have come", async () => (await Ok.Async(bob.Client.ReadPostsAsync(new PostQuery("general"), default))).Posts.Count == 3);
        await Ok.Async(bob.Client.ReadTopicAsync(new ReadTopic("general"), default));
        await Eventually.TrueAsync("it is read", async () => Assert.Single((await Ok.Async(bob.Client.ListTopicsAsync(null, false, default))).Topics).Unread == 0);
    }

    private static Task<SendResult> SayAsync(RunningDaemon who, string topic, string text, params string[] mentions) => Ok.Async(who.Client.SendAsync(
        new SendMessage("#" + topic, text, Wait: "accepted", Mentions: mentions.Length == 0 ? null : mentions), default));

    private static Task<MyNotificationList> ListAsync(RunningDaemon who, int count = 50) =>
        Ok.Async(who.Client.ListNotificationsAsync(new NotificationQuery(Count: count), default));

    private async Task<int> MarkAsync(MarkNotifications what) => (await Ok.Async(bob.Client.MarkNotificationsAsync(what, default))).Marked;

    private async Task<string?> RefusedAsync(MarkNotifications what) => (await bob.Client.MarkNotificationsAsync(what, default)).Problem?.Error;
}
