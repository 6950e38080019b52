using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Topics;

/// <summary>Two daemons, the broker itself, and what is posted in topics.</summary>
public sealed class TopicTests : IAsyncLifetime
{
    private TestBroker broker = null!;
    private RunningDaemon alice = null!;
    private RunningDaemon bob = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync();
        (alice, bob) = await RunningDaemon.StartAliceAndBobAsync(broker.Url.ToString());
        await ListeningAsync(alice);
        await ListeningAsync(bob);
    }

    public async ValueTask DisposeAsync()
    {
        await bob.DisposeAsync();
        await alice.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task Everybody_is_in_general_and_reads_what_is_posted_there()
    {
        SendResult sent = await Ok.Async(alice.Client.SendAsync(new SendMessage("#general", "hello all", Wait: "accepted"), default));
        Assert.Equal(("accepted", "#general"), (sent.State, sent.To));

        Post post = await PostAsync(bob, "general", "hello all");
        Assert.Equal(("alice", true, true, "member", false), (post.Sender, post.Encrypted, post.Verified, post.Encryption, post.Own));
        Assert.Equal(sent.Recipients[0].MessageId, post.Id);
        Assert.True((await PostAsync(alice, "general", "hello all")).Own);
    }

    [Fact]
    public async Task A_topic_is_made_joined_left_and_listed()
    {
        CreatedTopic made = await Ok.Async(alice.Client.CreateTopicAsync(new CreateTopic("#Deploys", "what goes out"), default));
        Assert.Equal((true, "deploys", "lead", 1, "public"), (made.Created, made.Topic.Name, made.Topic.Role, made.Topic.Members, made.Topic.Visibility));
        Assert.False((await Ok.Async(alice.Client.CreateTopicAsync(new CreateTopic("deploys"), default))).Created);

        Topic seen = Assert.Single((await Ok.Async(bob.Client.ListTopicsAsync(null, false, default))).Topics, topic => topic.Name == "deploys");
        Assert.Equal((null, "what goes out"), (seen.Role, seen.Description));
        Assert.Equal("member", (await Ok.Async(bob.Client.JoinTopicAsync(new JoinTopic("#deploys"), default))).Role);
        Assert.Equal(["alice", "bob"], (await Ok.Async(alice.Client.ListTopicMembersAsync("deploys", null, default))).Members.Select(one => one.Name).Order(StringComparer.Ordinal));

        await SayAsync(alice, "deploys", "v1");
        await PostAsync(bob, "deploys", "v1");
        await Ok.Async(bob.Client.LeaveTopicAsync(new LeaveTopic("deploys"), default));
        Topic left = Assert.Single((await Ok.Async(bob.Client.ListTopicsAsync("acme", false, default))).Topics, topic => topic.Name == "deploys");
        Assert.Equal((null, 0L), (left.Role, left.Unread));
    }

    [Fact]
    public async Task Who_follows_a_topic_hears_of_each_post_once_and_goes_on_behind_the_last_he_saw()
    {
        using var enough = new CancellationTokenSource();
        var live = new List<Post>();
        var first = new TaskCompletionSource();
        Task following = Task.Run(async () =>
        {
            await foreach (LocalReply<LocalEvent> happened in bob.Client.FollowTopicAsync("general", null, "0", enough.Token))
            {
                if (happened.Value?.Post is not { } post)
                    continue;
                live.Add(post);
                if (live.Count == 2)
                    first.SetResult();
            }
        });
        await SayAsync(alice, "general", "one");
        await SayAsync(alice, "general", "two");
        await first.Task;
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
        Assert.Equal(["one", "two"], live.Select(post => post.Text));

        await SayAsync(alice, "general", "three");
        await foreach (LocalReply<LocalEvent> happened in bob.Client.FollowTopicAsync("general", null, live[1].Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture), default))
        {
            if (happened.Value?.Post is not { } post)
                continue;
            Assert.Equal("three", post.Text);
            break;
        }
    }

    [Fact]
    public async Task What_was_posted_while_a_daemon_was_away_is_there_when_it_returns_and_once()
    {
        await SayAsync(alice, "general", "before");
        await PostAsync(bob, "general", "before");
        await bob.StopAsync();
        for (int i = 0; i < 30; i++)
            await SayAsync(alice, "general", $"n{i}");

        await bob.RestartAsync();
        await PostAsync(bob, "general", "n29");
        PostPage page = await Ok.Async(bob.Client.ReadPostsAsync(new PostQuery("general", 100), default));
        Assert.Equal(["before", .. Enumerable.Range(0, 30).Select(i => $"n{i}")], page.Posts.Select(post => post.Text));
    }

    [Fact]
    public async Task Pages_of_history_neither_skip_nor_repeat_a_post()
    {
        for (int i = 0; i < 25; i++)
            await SayAsync(alice, "general", $"n{i}");
        await using RunningDaemon carol = await JoinAsync("carol");

        var all = new List<string?>();
        string? before = null;
        PostPage page;
        do
        {
            page = await Ok.Async(carol.Client.ReadPostsAsync(new PostQuery("general", 7, before), default));
            all.InsertRange(0, page.Posts.Select(post => post.Text));
            before = page.Posts[0].Id[..8];
        }
        while (page.More);

        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"n{i}"), all);
    }

    [Fact]
    public async Task A_reply_names_what_it_answers_by_a_beginning_of_its_id_and_in_that_topic_only()
    {
        string parent = await SayAsync(alice, "general", "ship it?");
        await Ok.Async(alice.Client.CreateTopicAsync(new CreateTopic("other"), default));
        await PostAsync(bob, "general", "ship it?");

        await Ok.Async(bob.Client.SendAsync(new SendMessage("#general", "yes", ReplyTo: parent[..8], Wait: "accepted"), default));
        Post answer = await PostAsync(alice, "general", "yes");
        Assert.Equal((parent, new ReplyExcerpt("alice", "ship it?")), (answer.ReplyTo, answer.Reply));

        LocalProblem elsewhere = (await alice.Client.SendAsync(new SendMessage("#other", "x", ReplyTo: parent[..8]), default)).Problem!;
        Assert.Equal((LocalErrors.PostNotFound, (int)ExitCode.NotFound), (elsewhere.Error, elsewhere.ExitCode));
        Assert.Equal(LocalErrors.InvalidRequest, (await bob.Client.SendAsync(new SendMessage("#general", "x", ReplyTo: parent[..5]), default)).Problem!.Error);
        SendResult whole = await Ok.Async(alice.Client.SendAsync(new SendMessage("#other", "x", ReplyTo: parent, Wait: "accepted"), default));
        Assert.Equal("refused", whole.State);
    }

    [Fact]
    public async Task Who_is_mentioned_finds_the_post_in_his_inbox_and_his_sessions_are_told_and_others_are_not()
    {
        Session session = await Ok.Async(bob.Client.OpenSessionAsync(new OpenSession("s1", "reviewer", "/src", Environment.ProcessId), default));
        await SayAsync(alice, "general", "nobody in particular");
        await SayAsync(alice, "general", "mail x@bob, but @Bob look");
        await Ok.Async(alice.Client.SendAsync(new SendMessage("#general", "and you", Mentions: ["@Reviewer"], Wait: "accepted"), default));

        Post post = await PostAsync(bob, "general", "and you");
        Assert.Equal((true, "reviewer"), (post.MentionsMe, Assert.Single(post.Mentions)));
        InboxPage inbox = await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(), default));
        Assert.Equal(["mail x@bob, but @Bob look", "and you"], inbox.Items.Select(item => item.Text));
        Assert.All(inbox.Items, item => Assert.Equal("#general", item.To));
        Assert.Empty((await Ok.Async(alice.Client.ReadInboxAsync(new InboxQuery(), default))).Items);

        await foreach (LocalReply<LocalEvent> happened in bob.Client.FollowAsync("acme", session.SessionId, "0", default))
        {
            if (happened.Value?.Message is not { } message)
                continue;
            Assert.Equal("mail x@bob, but @Bob look", message.Text);
            break;
        }
    }

    [Fact]
    public async Task What_cannot_be_posted_is_refused_with_one_sentence_before_it_is_written_down()
    {
        await Ok.Async(alice.Client.CreateTopicAsync(new CreateTopic("deploys"), default));
        await Ok.Async(alice.Client.CreateTopicAsync(new CreateTopic("secret", Visibility: "private"), default));
        Assert.Equal(LocalErrors.TopicNotJoined, await RefusedAsync(bob, "#deploys"));
        await Ok.Async(bob.Client.JoinTopicAsync(new JoinTopic("deploys", Observer: true), default));
        Assert.Equal(LocalErrors.TopicObserver, await RefusedAsync(bob, "#deploys"));
        await Ok.Async(alice.Client.ChangeTopicAsync(new ChangeTopic("deploys", Archived: true), default));
        Assert.Equal(LocalErrors.TopicArchived, await RefusedAsync(alice, "#deploys"));
        Assert.DoesNotContain((await Ok.Async(alice.Client.ListTopicsAsync(null, false, default))).Topics, topic => topic.Name == "deploys");

        LocalProblem unknown = (await bob.Client.SendAsync(new SendMessage("#deploy", "x"), default)).Problem!;
        LocalProblem hidden = (await bob.Client.SendAsync(new SendMessage("#secret", "x"), default)).Problem!;
        Assert.Equal((LocalErrors.TopicNotFound, LocalErrors.TopicNotFound), (unknown.Error, hidden.Error));
        Assert.Contains("Did you mean '#deploys'?", unknown.Detail, StringComparison.Ordinal);
        Assert.Equal(unknown.Detail.Split(';')[0].Replace("deploy", "secret", StringComparison.Ordinal), hidden.Detail.Split(';')[0]);

        string[] crowd = [.. Enumerable.Range(0, 17).Select(i => $"n{i}")];
        Assert.Equal(LocalErrors.InvalidRequest, (await alice.Client.SendAsync(new SendMessage("#general", "x", Mentions: crowd), default)).Problem!.Error);
        Assert.Equal(LocalErrors.PayloadTooLarge, (await alice.Client.SendAsync(new SendMessage("#general", new string('x', LocalLimits.TextBytesMax + 1)), default)).Problem!.Error);
        Assert.Equal(0, (await Ok.Async(alice.Client.GetStatusAsync(default))).Pending);
    }

    [Fact]
    public async Task A_topics_name_description_retention_and_policy_are_changed_by_whoever_may()
    {
        await Ok.Async(alice.Client.CreateTopicAsync(new CreateTopic("deploys"), default));
        await Ok.Async(bob.Client.JoinTopicAsync(new JoinTopic("deploys"), default));
        Topic changed = await Ok.Async(alice.Client.ChangeTopicAsync(new ChangeTopic("deploys", "releases", "all of them", RetentionDays: 90), default));
        Assert.Equal(("releases", "all of them", 90), (changed.Name, changed.Description, changed.RetentionDays));
        await Eventually.TrueAsync("bob knows it by its new name", async () =>
            (await bob.Client.ReadPostsAsync(new PostQuery("releases"), default)).Succeeded);

        Assert.True((await Ok.Async(alice.Client.ChangeTopicAsync(new ChangeTopic("releases", Plain: true), default))).Plain);
        Assert.False((await Ok.Async(alice.Client.ChangeTopicAsync(new ChangeTopic("releases", Plain: false), default))).Plain);

        LocalProblem denied = (await bob.Client.ChangeTopicAsync(new ChangeTopic("releases", Archived: true), default)).Problem!;
        Assert.Equal(("topic_lead_only", (int)ExitCode.Denied), (denied.Error, denied.ExitCode));
        Assert.Equal((int)ExitCode.Denied, (await bob.Client.ChangeTopicAsync(new ChangeTopic("releases", Plain: true), default)).Problem!.ExitCode);
    }

    [Fact]
    public async Task A_read_mark_counts_what_is_left_and_never_goes_back()
    {
        string first = await SayAsync(alice, "general", "one");
        await SayAsync(alice, "general", "two");
        await PostAsync(bob, "general", "two");
        Assert.Equal(2, await UnreadAsync(bob));
        Assert.Equal(0, await UnreadAsync(alice));
        Assert.Equal(1, (await Ok.Async(bob.Client.ReadTopicAsync(new ReadTopic("general", first[..8]), default))).Unread);
        Assert.Equal(0, (await Ok.Async(bob.Client.ReadTopicAsync(new ReadTopic("general"), default))).Unread);
        Assert.Equal(0, (await Ok.Async(bob.Client.ReadTopicAsync(new ReadTopic("general", first[..8]), default))).Unread);
    }

    [Fact]
    public async Task A_private_topic_is_read_by_whom_its_lead_admits_and_not_after_he_was_removed()
    {
        CreatedTopic made = await Ok.Async(alice.Client.CreateTopicAsync(new CreateTopic("incident", Visibility: "private"), default));
        Assert.Equal(("private", "lead"), (made.Topic.Visibility, made.Topic.Role));
        await SayAsync(alice, "incident", "before bob");

        await Ok.Async(alice.Client.ChangeTopicMemberAsync(new ChangeTopicMember("incident", "bob", "admit", "member"), default));
        await Eventually.TrueAsync("bob reads what was posted before he came", async () =>
            (await bob.Client.ReadPostsAsync(new PostQuery("incident"), default)).Value?.Posts.Any(post => post.Text == "before bob") == true);
        await SayAsync(bob, "incident", "thank you");
        await PostAsync(alice, "incident", "thank you");
        await Ok.Async(alice.Client.ChangeTopicMemberAsync(new ChangeTopicMember("incident", "bob", "role", "observer"), default));

        await Ok.Async(alice.Client.ChangeTopicMemberAsync(new ChangeTopicMember("incident", "bob", "remove"), default));
        await SayAsync(alice, "incident", "without bob");
        await Eventually.TrueAsync("bob has lost it", async () => (await bob.Client.ReadPostsAsync(new PostQuery("incident"), default)).Problem?.Error is LocalErrors.TopicNotFound);
        Assert.DoesNotContain((await Ok.Async(bob.Client.ListTopicsAsync(null, true, default))).Topics, topic => topic.Name == "incident");
    }

    [Fact]
    public async Task A_dm_is_found_by_the_other_ones_name_on_both_sides_and_made_once()
    {
        CreatedTopic made = await Ok.Async(alice.Client.CreateTopicAsync(new CreateTopic(null, Visibility: "dm", With: ["bob"]), default));
        Assert.Equal(("dm", "bob"), (made.Topic.Visibility, made.Topic.With));
        Assert.False((await Ok.Async(alice.Client.CreateTopicAsync(new CreateTopic(null, Visibility: "dm", With: ["bob"]), default))).Created);

        await Ok.Async(alice.Client.SendAsync(new SendMessage("#bob", "just us", Wait: "accepted"), default));
        Assert.Equal("just us", (await PostAsync(bob, "alice", "just us")).Text);
        Assert.Equal("alice", Assert.Single((await Ok.Async(bob.Client.ListTopicsAsync(null, false, default))).Topics, topic => topic.Visibility == "dm").With);
    }

    [Fact]
    public async Task Nonsense_is_answered_with_what_is_wrong()
    {
        foreach (Task<LocalProblem?> asked in new[]
        {
            Problem(alice.Client.CreateTopicAsync(new CreateTopic("Not a name"), default)),
            Problem(alice.Client.CreateTopicAsync(new CreateTopic("x", Visibility: "hidden"), default)),
            Problem(alice.Client.CreateTopicAsync(new CreateTopic("x", With: ["bob"]), default)),
            Problem(alice.Client.CreateTopicAsync(new CreateTopic(null, Visibility: "dm"), default)),
            Problem(alice.Client.CreateTopicAsync(new CreateTopic("x", new string('x', 501)), default)),
            Problem(alice.Client.ChangeTopicAsync(new ChangeTopic("general"), default)),
            Problem(alice.Client.ChangeTopicAsync(new ChangeTopic("general", RetentionDays: 3651), default)),
            Problem(alice.Client.ChangeTopicMemberAsync(new ChangeTopicMember("general", "bob", "admit", "member"), default)),
            Problem(alice.Client.ChangeTopicMemberAsync(new ChangeTopicMember("general", "bob", "promote", "member"), default)),
            Problem(alice.Client.ReadPostsAsync(new PostQuery("general", 201), default)),
            Problem(alice.Client.ReadPostsAsync(new PostQuery("", 5), default)),
        })
        {
            LocalProblem? problem = await asked;
            Assert.Equal((LocalErrors.InvalidRequest, 400), (problem?.Error, problem?.Status));
        }

        Assert.Equal("general_stays", (await alice.Client.LeaveTopicAsync(new LeaveTopic("general"), default)).Problem!.Error);
        Assert.Equal(LocalErrors.PostNotFound, (await alice.Client.ReadPostsAsync(new PostQuery("general", Before: "zzzzzzzz"), default)).Problem!.Error);
        Assert.Equal("recipient_not_found", (await alice.Client.CreateTopicAsync(new CreateTopic(null, Visibility: "dm", With: ["nobody"]), default)).Problem!.Error);
        Assert.Equal("recipient_is_self", (await alice.Client.CreateTopicAsync(new CreateTopic(null, Visibility: "dm", With: ["alice"]), default)).Problem!.Error);
    }

    [Fact]
    public async Task Without_a_broker_what_is_here_is_shown_and_what_is_posted_goes_out_when_it_is_back()
    {
        await SayAsync(alice, "general", "one");
        await PostAsync(bob, "general", "one");
        await broker.StopAsync();

        PostPage page = await Ok.Async(bob.Client.ReadPostsAsync(new PostQuery("general"), default));
        Assert.Equal("one", Assert.Single(page.Posts).Text);
        Assert.NotNull(page.Trouble);
        Assert.Equal("acme", Assert.Single((await Ok.Async(bob.Client.ListTopicsAsync(null, false, default))).Stale).Workspace);
        await Ok.Async(bob.Client.SendAsync(new SendMessage("#general", "two"), default));

        await broker.StartAgainAsync();
        await PostAsync(alice, "general", "two");
    }

    /// <summary>Waits until the broker pushes what is posted: a device that is new begins with what comes after its hello, which an answer is behind.</summary>
    private static Task ListeningAsync(RunningDaemon daemon) => Eventually.TrueAsync("the topics are listed", async () =>
        await Ok.Async(daemon.Client.ListTopicsAsync(null, false, default)) is { Stale.Count: 0 } list && list.Topics.Any(topic => topic.Role is not null));

    private static async Task<LocalProblem?> Problem<T>(Task<LocalReply<T>> asked)
        where T : class => (await asked).Problem;

    private static async Task<string> RefusedAsync(RunningDaemon daemon, string to) => (await daemon.Client.SendAsync(new SendMessage(to, "x"), default)).Problem!.Error;

    private static async Task<long> UnreadAsync(RunningDaemon daemon) =>
        (await Ok.Async(daemon.Client.ListTopicsAsync(null, false, default))).Topics.Single(topic => topic.Name == "general").Unread;

    /// <returns>The broker's id of the post.</returns>
    private static async Task<string> SayAsync(RunningDaemon daemon, string topic, string text)
    {
        SendResult sent = await Ok.Async(daemon.Client.SendAsync(new SendMessage("#" + topic, text, Wait: "accepted"), default));
        Assert.True(sent.State is "accepted" or "delivered", $"{sent.State}: {sent.Recipients[0].Reason}");
        return sent.Recipients[0].MessageId!;
    }

    /// <summary>Waits until a post has arrived, pushed and not asked for.</summary>
    private static async Task<Post> PostAsync(RunningDaemon daemon, string topic, string text)
    {
        LocalReply<PostPage> known = default;
        await Eventually.TrueAsync($"the topic {topic} is known", async () => (known = await daemon.Client.ReadPostsAsync(new PostQuery(topic, 1), default)).Succeeded);
        using var longest = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await foreach (LocalReply<LocalEvent> happened in daemon.Client.FollowTopicAsync(topic, null, "0", longest.Token))
        {
            if (happened.Value?.Post is { } post && post.Text == text)
                return post;
        }

        throw new InvalidOperationException($"{text} has not arrived.");
    }

    private async Task<RunningDaemon> JoinAsync(string name)
    {
        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));
        RunningDaemon daemon = await RunningDaemon.StartAsync();
        await Ok.Async(daemon.Client.JoinWorkspaceAsync(new JoinWorkspace(invite.Url, name), default));
        return daemon;
    }
}
