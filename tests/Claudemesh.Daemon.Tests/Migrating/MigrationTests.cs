using Claudemesh.Crypto;
using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Migrating;

/// <summary>A member of 1.x is taken over and moved: nothing is lost, and it can be taken back.</summary>
public sealed class MigrationTests : IAsyncLifetime
{
    private MigrationScene scene = null!;

    public async ValueTask InitializeAsync() => scene = await MigrationScene.StartAsync();

    public ValueTask DisposeAsync() => scene.DisposeAsync();

    [Fact]
    public async Task What_waits_for_the_old_key_opens_and_row_topics_and_history_stay()
    {
        await Ok.Async(scene.Alice.Client.SendAsync(new SendMessage("#general", "said in the topic", Wait: "accepted"), default));
        await scene.WriteBoxAsync(scene.Bob.Public, "a box by 1.x");
        await scene.WriteSealedAsync("sealed by one of ours");
        SendResult boxed = await Ok.Async(scene.Alice.Client.SendAsync(new SendMessage("bob", "a box by one of ours", Wait: "accepted"), default));
        Assert.Equal("box", boxed.Recipients[0].Encryption);
        byte[] config = await File.ReadAllBytesAsync(scene.Config);

        MigrationStep planned = await scene.RunForOneAsync(MigrationActions.Plan);
        Assert.Equal((MigrationStates.Planned, "random", "1.x", scene.Bob.Public, "bob"), (planned.State, planned.NewKeyFrom, planned.Origin, planned.Key, planned.Name));
        Assert.True(planned.Waiting >= 3, $"{planned.Waiting} wait");
        Assert.Empty((await Ok.Async(scene.Machine.Client.ListWorkspacesAsync(default))).Workspaces);

        MigrationStep moved = await scene.RunForOneAsync(MigrationActions.Apply);
        Assert.Equal((MigrationStates.Moved, null), (moved.State, moved.Problem));
        Assert.NotEqual(scene.Bob.Public, moved.Key);
        Assert.Equal(config, await File.ReadAllBytesAsync(scene.Config));

        foreach (string text in new[] { "a box by 1.x", "sealed by one of ours", "a box by one of ours" })
            await Rekeying.RekeyScene.NextAsync(scene.Machine, text);
        Assert.True((await Rekeying.RekeyScene.NextAsync(scene.Machine, "sealed by one of ours")).Verified);
        await Eventually.TrueAsync("the history is there", async () =>
            (await Ok.Async(scene.Machine.Client.ReadPostsAsync(new PostQuery("general", 10), default))).Posts.Any(post => post is { Text: "said in the topic", Verified: true }));
        Workspace own = await scene.OwnAsync();
        Assert.Equal((scene.Bob.MemberId, "member", moved.Key), (own.MemberId, own.Role, own.MemberKey));
        Assert.Equal(5, (await Ok.Async(scene.Alice.Client.ListMembersAsync(null, default))).Members.Count);
    }

    [Fact]
    public async Task Peers_see_the_change_announced_and_go_on_with_signed_messages()
    {
        Safety before = Assert.Single((await Ok.Async(scene.Alice.Client.ListSafetyAsync(null, "bob", default))).Members);
        MigrationStep moved = await scene.RunForOneAsync(MigrationActions.Apply);

        await Rekeying.RekeyScene.SeesAsync(scene.Alice, scene.Mesh.Slug, moved.Key!);
        IReadOnlyList<KeyChange> changes = [];
        await Eventually.TrueAsync("it is told", async () =>
            (changes = (await Ok.Async(scene.Alice.Client.ReadInboxAsync(new InboxQuery(), default))).KeyChanges!).Count > 0);
        KeyChange told = Assert.Single(changes);
        Assert.Equal(("bob", scene.Bob.Public, moved.Key), (told.Name, told.FormerKey, told.Key));
        Safety after = Assert.Single((await Ok.Async(scene.Alice.Client.ListSafetyAsync(null, "bob", default))).Members);
        Assert.Equal((30, 60), (before.SafetyNumber.Count(char.IsAsciiDigit), after.SafetyNumber.Count(char.IsAsciiDigit)));
        SendResult sent = await Ok.Async(scene.Alice.Client.SendAsync(new SendMessage("bob", "welcome", Wait: "delivered"), default));
        Assert.Equal("member", sent.Recipients[0].Encryption);
        await scene.WriteBoxAsync(scene.Bob.Public, "1.x still writes to the old key");
        Assert.Equal("box", (await Rekeying.RekeyScene.NextAsync(scene.Machine, "1.x still writes to the old key")).Encryption);
    }

    [Fact]
    public async Task Done_twice_it_changes_nothing_more()
    {
        MigrationStep first = await scene.RunForOneAsync(MigrationActions.Apply);
        long seq = (await Ok.Async(scene.Machine.Client.CheckLogAsync(null, default))).Seq;
        MigrationStep second = await scene.RunForOneAsync(MigrationActions.Apply);
        await scene.Machine.RestartAsync();
        MigrationStep third = await scene.RunForOneAsync(MigrationActions.Apply);
        MigrationStep planned = await scene.RunForOneAsync(MigrationActions.Plan);

        Assert.Equal([first.Key, first.Key, first.Key], [second.Key, third.Key, planned.Key]);
        Assert.Equal(["moved", "moved", "moved"], [second.State, third.State, planned.State]);
        Assert.Equal(seq, (await Ok.Async(scene.Machine.Client.CheckLogAsync(null, default))).Seq);
    }

    [Fact]
    public async Task Until_it_is_confirmed_it_is_taken_back_by_a_second_record_and_then_not_any_more()
    {
        MigrationStep moved = await scene.RunForOneAsync(MigrationActions.Apply);
        await Assert.ThrowsAsync<InvalidOperationException>(() => scene.Bob.ConnectAsync());
        await Rekeying.RekeyScene.SeesAsync(scene.Alice, scene.Mesh.Slug, moved.Key!);
        await Ok.Async(scene.Alice.Client.SendAsync(new SendMessage("bob", "to the new key", Wait: "accepted"), default));

        MigrationStep undone = await scene.RunForOneAsync(MigrationActions.Undo);
        Assert.Equal((MigrationStates.Undone, scene.Bob.Public), (undone.State, undone.Key));
        Assert.Contains("second signed record", undone.Says, StringComparison.Ordinal);
        await using (TestSocket again = await scene.Bob.ConnectAsync())
            await Rekeying.RekeyScene.NextAsync(scene.Machine, "to the new key");
        Assert.Equal("undone", (await scene.RunForOneAsync(MigrationActions.Undo)).State);

        MigrationStep second = await scene.RunForOneAsync(MigrationActions.Apply);
        Assert.Equal(MigrationStates.Moved, second.State);
        MigrationStep kept = await scene.RunForOneAsync(MigrationActions.Confirm);
        Assert.Equal((MigrationStates.Confirmed, second.Key), (kept.State, kept.Key));
        Assert.Contains("1.x clients of this member do not work any more", kept.Says, StringComparison.Ordinal);
        MigrationStep refused = await scene.RunForOneAsync(MigrationActions.Undo);
        Assert.Equal((MigrationStates.Confirmed, second.Key), (refused.State, refused.Key));
        Assert.Equal(second.Key, (await scene.RunForOneAsync(MigrationActions.Apply)).Key);
    }

    [Fact]
    public async Task With_a_login_the_key_is_the_one_that_comes_of_it_and_a_random_one_moves_there_later()
    {
        MigrationStep random = await scene.RunForOneAsync(MigrationActions.Apply);
        Assert.Equal("random", random.NewKeyFrom);
        using var secret = AccountSecret.Generate();
        using MemberSecretKey derived = secret.DeriveMember("user1", scene.Mesh.Id);
        scene.Login.Secret = secret;

        MigrationStep planned = await scene.RunForOneAsync(MigrationActions.Plan);
        Assert.Equal((MigrationStates.Planned, "login", derived.Public.ToString()), (planned.State, planned.NewKeyFrom, planned.NewKey));
        Assert.Equal(derived.Public.ToString(), (await scene.RunForOneAsync(MigrationActions.Apply)).Key);
        Assert.Equal("moved", (await scene.RunForOneAsync(MigrationActions.Plan)).State);
        Assert.Equal(scene.Bob.Public, (await scene.RunForOneAsync(MigrationActions.Undo)).Key);
    }

    [Fact]
    public async Task A_member_of_ours_from_before_the_login_is_moved_by_the_same_verb_without_a_configuration()
    {
        File.Delete(scene.Config);
        string before = (await Ok.Async(scene.Machine.Client.CreateWorkspaceAsync(new CreateWorkspace("Own", scene.Mesh.Broker.Url.ToString(), "bob"), default))).MemberKey;
        var request = new MigrateIdentity(MigrationActions.Plan, Workspace: "own");
        Assert.Empty((await Ok.Async(scene.Machine.Client.MigrateIdentityAsync(request, default))).Members);
        using var secret = AccountSecret.Generate();
        scene.Login.Secret = secret;

        MigrationStep planned = Assert.Single((await Ok.Async(scene.Machine.Client.MigrateIdentityAsync(request, default))).Members);
        Assert.Equal((MigrationStates.Planned, "2.x", before), (planned.State, planned.Origin, planned.Key));
        MigrationStep moved = Assert.Single((await Ok.Async(scene.Machine.Client.MigrateIdentityAsync(request with { Action = MigrationActions.Apply }, default))).Members);
        Assert.Equal((MigrationStates.Moved, planned.NewKey), (moved.State, moved.Key));
        Assert.Equal("owner", (await scene.OwnAsync()).Role);
        Assert.Equal(before, Assert.Single((await Ok.Async(scene.Machine.Client.MigrateIdentityAsync(request with { Action = MigrationActions.Undo }, default))).Members).Key);
    }

    [Fact]
    public async Task What_was_written_to_a_session_of_1x_opens_with_the_key_that_1x_has_kept()
    {
        using SigningKey session = SigningKey.Generate();
        string id = Guid.NewGuid().ToString();
        await (await scene.Bob.ConnectSessionAsync(session, id)).DisposeAsync();
        string folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(scene.Config)!, "sessions", scene.Bob.Slug)).FullName;
        string secret = Convert.ToHexStringLower(session.ExposeSeed()) + session.Public;
        await File.WriteAllTextAsync(Path.Combine(folder, id + ".json"), $$"""{"version":1,"meshSlug":"x","sessionId":"{{id}}","publicKey":"{{session.Public}}","secretKey":"{{secret}}","createdAt":"2026-03-01T10:00:00.000Z"}""");
        await File.WriteAllTextAsync(Path.Combine(folder, "damaged.json"), "{");

        await scene.RunForOneAsync(MigrationActions.Apply);
        Assert.NotNull(Assert.Single(scene.Machine.Part<Workspaces.JoinedWorkspaces>().All).Identity.Former.FindSession(session.Public));
    }
}
