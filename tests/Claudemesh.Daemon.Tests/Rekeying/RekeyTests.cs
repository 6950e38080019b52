using Claudemesh.Crypto;
using Claudemesh.Daemon.Storage;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Tests.Rekeying;

/// <summary>Bob goes on under another key: what is his stays his, and everybody is told.</summary>
public sealed class RekeyTests : IAsyncLifetime
{
    private RekeyScene scene = null!;

    private RunningDaemon Alice => scene.Alice;

    private RunningDaemon Bob => scene.Bob;

    public async ValueTask InitializeAsync() => scene = await RekeyScene.StartAsync();

    public ValueTask DisposeAsync() => scene.DisposeAsync();

    [Fact]
    public async Task What_was_sent_to_the_old_key_opens_under_the_new_one_and_once()
    {
        scene.HoldPushes();
        await RekeyScene.SaysAsync(Alice, "bob", "direct, before");
        await RekeyScene.SaysAsync(Alice, "*", "to all, before");
        await RekeyScene.SaysAsync(Alice, "#general", "posted, before");

        using MemberSecretKey key = await scene.RekeyAsync();
        scene.Deliver();
        scene.Between.LoseConnections();

        InboxItem direct = await RekeyScene.NextAsync(Bob, "direct, before");
        Assert.Equal((true, "member", "alice"), (direct.Verified, direct.Encryption, direct.Sender));
        Assert.True((await RekeyScene.NextAsync(Bob, "to all, before")).Verified);
        await Eventually.TrueAsync("the post is there", async () => (await PostsAsync(Bob)).Contains("posted, before"));

        await RekeyScene.SeesAsync(Alice, key.Public.ToString());
        await RekeyScene.SaysAsync(Alice, "bob", "after", wait: "delivered");
        await RekeyScene.SaysAsync(Bob, "alice", "from the new key", wait: "delivered");
        Assert.True((await RekeyScene.NextAsync(Alice, "from the new key")).Verified);
    }

    [Fact]
    public async Task The_member_its_role_its_topics_and_its_posts_stay()
    {
        Workspace before = await OwnAsync(Bob);
        await Ok.Async(Alice.Client.CreateTopicAsync(new CreateTopic("deploys", Visibility: "private", With: ["bob"]), default));
        await Eventually.TrueAsync("he is in it", async () => (await TopicsAsync(Bob)).Contains("deploys"));
        await RekeyScene.SaysAsync(Bob, "#deploys", "v1", wait: "delivered");

        using MemberSecretKey key = await scene.RekeyAsync();

        Workspace after = await OwnAsync(Bob);
        Assert.Equal((before.MemberId, before.Role, before.Slug), (after.MemberId, after.Role, after.Slug));
        Assert.NotEqual(before.MemberKey, after.MemberKey);
        Assert.Contains("deploys", await TopicsAsync(Bob));
        Assert.True(Assert.Single((await Ok.Async(Bob.Client.ReadPostsAsync(new PostQuery("deploys", 10), default))).Posts).Own);
        await RekeyScene.SaysAsync(Bob, "#deploys", "v2", wait: "delivered");
        await RekeyScene.SaysAsync(Alice, "#deploys", "v3", wait: "delivered");
        await Eventually.TrueAsync("he reads on", async () => (await PostsAsync(Bob, "deploys")).SequenceEqual(["v1", "v2", "v3"]));
        Assert.Equal(2, (await Ok.Async(Alice.Client.ListMembersAsync(null, default))).Members.Count);
    }

    [Fact]
    public async Task Peers_are_told_of_the_change_and_the_mark_of_what_was_compared_is_gone()
    {
        await Ok.Async(Alice.Client.MarkVerifiedAsync(new MarkVerified("bob"), default));
        Safety before = Assert.Single((await Ok.Async(Alice.Client.ListSafetyAsync(null, "bob", default))).Members);

        using MemberSecretKey key = await scene.RekeyAsync();
        await RekeyScene.SeesAsync(Alice, key.Public.ToString());

        Safety after = default!;
        await Eventually.TrueAsync("it is told", async () =>
            (after = Assert.Single((await Ok.Async(Alice.Client.ListSafetyAsync(null, "bob", default))).Members)).KeyChangedAt is not null);
        Assert.True(before.Verified);
        Assert.Equal((false, false, key.Public.ToString()), (after.Verified, after.Changed, after.Key));
        Assert.NotEqual(before.SafetyNumber, after.SafetyNumber);
        KeyChange told = Assert.Single((await Ok.Async(Alice.Client.ReadInboxAsync(new InboxQuery(), default))).KeyChanges!);
        Assert.Equal(("bob", before.Key, key.Public.ToString()), (told.Name, told.FormerKey, told.Key));
        await Eventually.TrueAsync("his peer is marked", async () =>
            (await Ok.Async(Alice.Client.ListPeersAsync(null, default))).Peers.Any(peer => peer is { Name: "bob", KeyChangedAt: not null }));
        Assert.Equal(Assert.Single((await Ok.Async(Bob.Client.ListSafetyAsync(null, "alice", default))).Members).SafetyNumber, after.SafetyNumber);

        await Ok.Async(Alice.Client.MarkVerifiedAsync(new MarkVerified("bob"), default));
        Assert.Empty((await Ok.Async(Alice.Client.ReadInboxAsync(new InboxQuery(), default))).KeyChanges!);
    }

    [Fact]
    public async Task What_a_peer_wrote_to_the_old_key_while_it_was_away_goes_out_under_the_new_one_with_its_id()
    {
        await RekeyScene.SaysAsync(Alice, "bob", "so that he is known");
        await RekeyScene.NextAsync(Bob, "so that he is known");
        await scene.Broker.StopAsync();
        SendResult waiting = await Ok.Async(Alice.Client.SendAsync(new SendMessage("bob", "for the old key", ClientMessageId: "stale1"), default));
        Assert.Equal("pending", waiting.State);
        await Alice.StopAsync();

        await scene.Broker.StartAgainAsync();
        await Ok.Async(Bob.Client.ReconnectAsync(new Reconnect(), default));
        using MemberSecretKey key = await scene.RekeyAsync();
        await Alice.RestartAsync();

        InboxItem arrived = await RekeyScene.NextAsync(Bob, "for the old key");
        Assert.Equal(("stale1", true), (arrived.ClientMessageId, arrived.Verified));
        await Eventually.TrueAsync("it is told", async () => (await Ok.Async(Alice.Client.FindMessageAsync("stale1", default))).State is "delivered" or "read");
    }

    [Fact]
    public async Task What_waits_in_his_own_outbox_goes_out_under_the_new_key_and_is_known_again_by_its_id()
    {
        scene.Between.Pass = frame => (string?)frame["type"] is "send" ? null : frame;
        var message = new SendMessage("alice", "written before", ClientMessageId: "mine1");
        await Ok.Async(Bob.Client.SendAsync(message, default));

        using MemberSecretKey key = await scene.RekeyAsync();
        scene.Between.Pass = frame => frame;
        scene.Between.LoseConnections();

        InboxItem arrived = await RekeyScene.NextAsync(Alice, "written before");
        Assert.Equal((key.Public.ToString(), true), (arrived.SenderKey, arrived.Verified));
        Assert.True((await Ok.Async(Bob.Client.SendAsync(message, default))).Again);
        Assert.Equal(LocalErrors.IdempotencyConflict, (await Bob.Client.SendAsync(message with { Text = "another" }, default)).Problem!.Error);
    }

    [Fact]
    public async Task Who_answers_what_came_from_the_old_key_reaches_the_new_one()
    {
        await RekeyScene.SaysAsync(Bob, "alice", "asked before", wait: "delivered");
        InboxItem asked = await RekeyScene.NextAsync(Alice, "asked before");
        using MemberSecretKey key = await scene.RekeyAsync();
        await RekeyScene.SeesAsync(Alice, key.Public.ToString());

        await RekeyScene.SaysAsync(Alice, asked.SenderKey, "answered after", wait: "delivered");
        Assert.Equal(("member", true), (await RekeyScene.NextAsync(Bob, "answered after") is var item ? (item.Encryption, item.Verified) : default));
    }

    [Fact]
    public async Task Sessions_are_there_again_with_keys_of_the_new_one()
    {
        await Ok.Async(Bob.Client.OpenSessionAsync(new OpenSession("s1", "reviewer", "/src", Environment.ProcessId), default));
        string before = await SessionKeyAsync(other: null);
        using MemberSecretKey key = await scene.RekeyAsync();

        string after = await SessionKeyAsync(other: before);
        using SessionSecretKey expected = key.DeriveSession((await OwnAsync(Bob)).MeshId, "s1");
        Assert.Equal(expected.Public.ToString(), after);
        await RekeyScene.SaysAsync(Alice, "reviewer", "to the session", wait: "delivered");
    }

    [Fact]
    public async Task A_key_that_may_be_in_other_hands_brings_a_new_root_at_once()
    {
        await Ok.Async(Alice.Client.CreateTopicAsync(new CreateTopic("secret", Visibility: "private", With: ["bob"]), default));
        await Eventually.TrueAsync("he is in it", async () => (await TopicsAsync(Bob)).Contains("secret"));
        await RekeyScene.SaysAsync(Bob, "#secret", "before", wait: "delivered");
        await Alice.StopAsync();

        using MemberSecretKey key = await scene.RekeyAsync(compromised: true);

        await Eventually.TrueAsync("there is a new root", async () =>
            await Ok.Async(Bob.Client.CheckLogAsync(null, default)) is { Epoch: 2, RotationDue: false, RootInHand: true });
        await RekeyScene.SaysAsync(Bob, "#secret", "after");
        await Alice.RestartAsync();
        await Eventually.TrueAsync("alice reads it", async () => (await PostsAsync(Alice, "secret")).SequenceEqual(["before", "after"]));
        await RekeyScene.SaysAsync(Alice, "*", "under the new root", wait: "delivered");
    }

    [Fact]
    public async Task A_change_is_taken_back_by_a_second_one()
    {
        string first = await scene.BobsKeyAsync();
        using MemberSecretKey old = MemberSecretKey.FromSeed((await scene.WorkspaceAsync()).Identity.Key.Key.ExposeSeed());
        scene.HoldPushes();
        await RekeyScene.SaysAsync(Alice, "bob", "to the first key");
        using MemberSecretKey second = await scene.RekeyAsync();
        await RekeyScene.SeesAsync(Alice, second.Public.ToString());
        await RekeyScene.SaysAsync(Alice, "bob", "to the second key");

        Assert.True((await scene.TryRekeyAsync(old)).Succeeded);
        scene.Deliver();
        scene.Between.LoseConnections();

        Assert.Equal(first, await scene.BobsKeyAsync());
        Assert.True((await RekeyScene.NextAsync(Bob, "to the first key")).Verified);
        Assert.True((await RekeyScene.NextAsync(Bob, "to the second key")).Verified);
        await RekeyScene.SeesAsync(Alice, first);
        await RekeyScene.SaysAsync(Alice, "bob", "and on", wait: "delivered");
        Assert.True((await Ok.Async(Alice.Client.CheckLogAsync(null, default))).Sound);
    }

    [Fact]
    public async Task The_same_key_again_changes_nothing_and_somebody_elses_is_refused()
    {
        using MemberSecretKey key = await scene.RekeyAsync();
        long seq = (await Ok.Async(Bob.Client.CheckLogAsync(null, default))).Seq;
        Assert.True((await scene.TryRekeyAsync(key)).Succeeded);
        Assert.Equal(seq, (await Ok.Async(Bob.Client.CheckLogAsync(null, default))).Seq);

        using MemberSecretKey alices = MemberSecretKey.FromSeed(
            Assert.Single(Alice.Part<Workspaces.JoinedWorkspaces>().All).Identity.Key.Key.ExposeSeed());
        Assert.Equal("already_member", (await scene.TryRekeyAsync(alices)).Problem!.Error);
        Assert.Equal(key.Public.ToString(), await scene.BobsKeyAsync());
        await RekeyScene.SaysAsync(Bob, "alice", "still here", wait: "delivered");
    }

    [Fact]
    public async Task A_key_that_changes_without_a_record_is_an_error_and_no_notice()
    {
        await RekeyScene.SaysAsync(Bob, "alice", "known", wait: "delivered");
        using MemberSecretKey forged = MemberSecretKey.Generate();
        string real = await scene.BobsKeyAsync();
        await Alice.StopAsync();
        await using Brokers.LyingBroker lies = await Brokers.LyingBroker.StartAsync(scene.Broker.Url);
        using (var sql = new Sql(Alice.Home.Database))
            sql.Execute("UPDATE workspace SET broker = $1", lies.Address);
        lies.Show = frame => System.Text.Json.Nodes.JsonNode.Parse(
            frame.ToJsonString().Replace(real, forged.Public.ToString(), StringComparison.Ordinal))!.AsObject();
        await Alice.RestartAsync();

        await Eventually.TrueAsync("the list has come", async () =>
            Assert.Single((await Ok.Async(Alice.Client.ListSafetyAsync("acme", null, default))).Members) is { Changed: true });
        Assert.Empty((await Ok.Async(Alice.Client.ReadInboxAsync(new InboxQuery(), default))).KeyChanges!);
        Assert.Equal(LocalErrors.UnsafeRecipient, (await Alice.Client.SendAsync(new SendMessage("bob", "no"), default)).Problem!.Error);
    }

    private static async Task<string[]> TopicsAsync(RunningDaemon daemon) =>
        [.. (await Ok.Async(daemon.Client.ListTopicsAsync(null, false, default))).Topics.Where(topic => topic.Role is not null).Select(topic => topic.Name)];

    private static async Task<string?[]> PostsAsync(RunningDaemon daemon, string topic = "general") =>
        [.. (await Ok.Async(daemon.Client.ReadPostsAsync(new PostQuery(topic, 50), default))).Posts.Select(post => post.Text)];

    private static async Task<Workspace> OwnAsync(RunningDaemon daemon) =>
        Assert.Single((await Ok.Async(daemon.Client.ListWorkspacesAsync(default))).Workspaces);

    private async Task<string> SessionKeyAsync(string? other)
    {
        string? key = null;
        await Eventually.TrueAsync("the session is listed", async () =>
            (key = (await Ok.Async(Alice.Client.ListPeersAsync(null, default))).Peers.FirstOrDefault(peer => peer.Name == "reviewer")?.Key) is not null && key != other);
        return key!;
    }
}
