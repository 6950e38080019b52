using System.Text;
using Claudemesh.Daemon.Tests.Brokers;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Tests;

public sealed class ConversationTests : IAsyncLifetime
{
    private ScriptedBroker broker = null!;
    private RunningDaemon alice = null!;
    private RunningDaemon bob = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await ScriptedBroker.StartAsync();
        (alice, bob) = await RunningDaemon.StartAliceAndBobAsync(broker.Address);
        await Eventually.TrueAsync("both are connected", () => broker.ConnectionCount == 2);
    }

    public async ValueTask DisposeAsync()
    {
        await bob.DisposeAsync();
        await alice.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task A_message_arrives_with_its_sender_verified_and_the_sender_is_told()
    {
        SendResult sent = await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "the schema changed", Wait: "delivered"), default));
        Assert.Equal(("delivered", true), (sent.State, sent.Waited));

        InboxItem item = Assert.Single((await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(Unread: true), default))).Items);
        Assert.Equal(("the schema changed", "alice", true, true), (item.Text, item.Sender, item.Encrypted, item.Verified));
        Assert.Equal(sent.ClientMessageId, item.ClientMessageId);
        Assert.DoesNotContain("schema", System.Text.Encoding.Latin1.GetString(broker.Sends.Single().Ciphertext), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_other_direction_works_too_and_a_broadcast_reaches_everybody_else_sealed()
    {
        SendResult sent = await Ok.Async(bob.Client.SendAsync(new SendMessage("*", "hello all", Wait: "delivered"), default));
        RecipientStatus everybody = Assert.Single(sent.Recipients);
        Assert.Equal(("*", 1, 1), (everybody.Name, everybody.Counts!.Recipients, everybody.Counts.Delivered));
        Assert.Equal(3, Assert.Single(broker.Sends).BodyVersion);

        InboxItem item = Assert.Single((await Ok.Async(alice.Client.ReadInboxAsync(new InboxQuery(From: "BOB"), default))).Items);
        Assert.Equal("hello all", item.Text);
    }

    [Fact]
    public async Task Reading_marks_as_seen_and_tells_the_sender_signed()
    {
        await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "hi", Wait: "delivered"), default));
        Assert.Equal(0, (await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(Unread: true, MarkSeen: true), default))).Unread);
        Assert.Empty((await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(Unread: true), default))).Items);

        await Eventually.TrueAsync("the broker is told that it was read", () => !broker.Progress.IsEmpty);
        Protocol.MessageProgress progress = broker.Progress.Single();
        var text = new Protocol.Signing.ReceiptText(
            (await Ok.Async(alice.Client.ListWorkspacesAsync(default))).Workspaces[0].MeshId,
            await KeyAsync(alice),
            broker.Sends.Single().ClientMessageId!,
            await KeyAsync(bob),
            null,
            "read",
            null,
            progress.At);
        Assert.True(Crypto.Ed25519.Verify(await KeyAsync(bob), text, progress.Signature));
    }

    [Fact]
    public async Task A_message_sent_while_the_broker_is_away_arrives_when_it_is_back()
    {
        var never = new TaskCompletionSource<Protocol.MeshError?>();
        broker.Judge = _ => never.Task;
        SendResult sent = await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "hi"), default));
        Assert.Equal("pending", sent.State);
        await Eventually.TrueAsync("it is on its way", () => broker.Sends.Count == 1);

        broker.Judge = _ => Task.FromResult<Protocol.MeshError?>(null);
        broker.LoseConnections();
        await Eventually.TrueAsync("it is delivered", async () => (await Ok.Async(alice.Client.FindMessageAsync(sent.ClientMessageId, default))).State == "delivered");
        Assert.Single((await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(), default))).Items);
        never.SetResult(null);
    }

    [Fact]
    public async Task Nothing_is_lost_or_doubled_when_both_daemons_and_the_connections_die_in_the_middle()
    {
        const int Count = 300;
        Task<LocalReply<SendResult>>[] sends =
            [.. Enumerable.Range(0, Count).Select(i => alice.Client.SendAsync(new SendMessage("bob", $"n{i}", ClientMessageId: $"id-{i}"), default))];
        await Eventually.TrueAsync("some have gone out", () => broker.Sends.Count > 20);
        broker.LoseConnections();
        foreach (Task<LocalReply<SendResult>> send in sends)
            await Ok.Async(send);
        await bob.RestartAsync();
        broker.LoseConnections();
        await alice.RestartAsync();

        await Eventually.TrueAsync("all have arrived", async () => (await Ok.Async(bob.Client.GetStatusAsync(default))).Unread >= Count);
        await Eventually.TrueAsync("all are told", async () =>
        {
            foreach (int i in new[] { 0, Count / 2, Count - 1 })
            {
                if ((await Ok.Async(alice.Client.FindMessageAsync($"id-{i}", default))).State != "delivered")
                    return false;
            }

            return true;
        });
        InboxPage page = await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(Limit: 1000), default));
        Assert.Equal(Count, page.Items.Count);
        Assert.Equal(Count, page.Items.Select(item => item.Text).Distinct().Count());
    }

    [Fact]
    public async Task A_message_pushed_twice_is_in_the_inbox_once_and_acknowledged_twice()
    {
        await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "hi", Wait: "delivered"), default));
        Assert.Single(broker.Acknowledged);

        Protocol.Send send = broker.Sends.Single();
        await broker.PushAsync(await KeyAsync(bob), await PushOfAsync(send) with { MessageId = new string('9', 32), Again = true });
        await Eventually.TrueAsync("it is acknowledged again", () => broker.Acknowledged.Count == 2);
        Assert.Single((await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(), default))).Items);
    }

    [Fact]
    [Trait("cli", "7 silent loss: delivered before it was pushed")]
    public async Task A_missed_push_makes_the_daemon_connect_again_behind_what_it_has()
    {
        await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "hi", Wait: "delivered"), default));
        int before = broker.Hellos.Count;
        await broker.PushAsync(await KeyAsync(bob), await PushOfAsync(broker.Sends.Single()) with { Position = 7, Previous = 6 });

        await Eventually.TrueAsync("it says hello again", () => broker.Hellos.Count > before);
        Protocol.ResumePoint resume = Assert.Single(broker.Hellos.Last().Resume!);
        Assert.Equal((Protocol.Priority.Next, 1L), (resume.Lane, resume.Through));
        Assert.Equal("01", broker.Hellos.Last().Incarnation);
    }

    [Theory]
    [InlineData("sender", "frame_mismatch")]
    [InlineData("ciphertext", "does_not_open")]
    [InlineData("priority", "frame_mismatch")]
    public async Task What_the_broker_has_changed_is_stored_without_a_text_and_with_the_reason(string what, string reason)
    {
        broker.Tamper = push => what switch
        {
            "sender" => push with { SenderMemberPubkey = Crypto.SigningKey.Generate().Public },
            "ciphertext" => push with { Ciphertext = [.. push.Ciphertext.Select((b, i) => i == 5 ? (byte)(b ^ 1) : b)] },
            _ => push with { Priority = Protocol.Priority.Low },
        };
        await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "hi", Wait: "delivered"), default));

        InboxItem item = Assert.Single((await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(), default))).Items);
        Assert.Equal((null, reason, false), (item.Text, item.Unreadable, item.Verified));
    }

    [Theory]
    [InlineData(true, "plain words", null)]
    [InlineData(false, null, "not_encrypted")]
    public async Task A_1x_broadcast_is_shown_as_not_encrypted_and_unverified_and_not_at_all_where_encryption_is_required(bool mixed, string? text, string? why)
    {
        await using RunningDaemon carol = await RunningDaemon.StartAsync();
        Workspace own = await Ok.Async(carol.Client.CreateWorkspaceAsync(new CreateWorkspace("Other", broker.Address, "carol", mixed), default));
        await Eventually.TrueAsync("she is connected", async () => (await Ok.Async(carol.Client.GetStatusAsync(default))).Workspaces[0].State is ConnectionStates.Open);
        await broker.PushAsync(await KeyAsync(carol), new Protocol.Push(
            new string('7', 32), Protocol.MeshId.Parse(own.MeshId),
            (await KeyAsync(alice)).ToString(), new byte[24], "plain words"u8.ToArray(), DateTimeOffset.UnixEpoch, Target: "*", Position: 3));

        InboxItem? item = null;
        await Eventually.TrueAsync("it is stored", async () =>
            (item = (await Ok.Async(carol.Client.ReadInboxAsync(new InboxQuery(), default))).Items is [{ } only] ? only : null) is not null);
        Assert.Equal((text, why, false, false, "*"), (item!.Text, item.Unreadable, item.Encrypted, item.Verified, item.To));
    }

    [Fact]
    public async Task A_session_sends_as_itself_and_is_told_to_the_broker_on_every_connection()
    {
        await Ok.Async(alice.Client.OpenSessionAsync(new OpenSession("s1", "reviewer", "/src", Environment.ProcessId), default));
        Assert.Equal("s1", Assert.Single(broker.Sessions).SessionId.Value);
        await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "from a session", Session: "s1", Wait: "accepted"), default));
        Assert.Equal("s1", broker.Sends.Single().SessionId!.Value.Value);

        broker.LoseConnections();
        await Eventually.TrueAsync("it is told again", () => broker.Sessions.Count == 2);
        await Ok.Async(alice.Client.CloseSessionAsync("s1", default));
        Assert.Equal(LocalErrors.SessionNotFound, (await alice.Client.SendAsync(new SendMessage("bob", "x", Session: "s1"), default)).Problem!.Error);
    }

    [Fact]
    public async Task The_same_link_opened_twice_is_one_membership()
    {
        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));
        Workspace again = await Ok.Async(bob.Client.JoinWorkspaceAsync(new JoinWorkspace(invite.Url, "somebody else"), default));
        Assert.Equal("bob", again.DisplayName);
        Assert.Single((await Ok.Async(bob.Client.ListWorkspacesAsync(default))).Workspaces);
    }

    [Fact]
    public async Task A_used_up_invite_is_refused_with_the_brokers_code()
    {
        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));
        await using RunningDaemon carol = await RunningDaemon.StartAsync();
        await using RunningDaemon dave = await RunningDaemon.StartAsync();
        await Ok.Async(carol.Client.JoinWorkspaceAsync(new JoinWorkspace(invite.Url, "carol"), default));
        Assert.Equal("invite_exhausted", (await dave.Client.JoinWorkspaceAsync(new JoinWorkspace(invite.Url, "dave"), default)).Problem!.Error);
    }

    [Fact]
    public async Task A_workspaces_own_socket_shows_and_does_nothing_outside_it()
    {
        await Ok.Async(alice.Client.CreateWorkspaceAsync(new CreateWorkspace("Other", broker.Address, "alice"), default));
        LocalClient door = alice.At("acme");
        Assert.Equal("acme", Assert.Single((await Ok.Async(door.ListWorkspacesAsync(default))).Workspaces).Slug);
        Assert.Equal("acme", Assert.Single((await Ok.Async(door.GetStatusAsync(default))).Workspaces).Slug);
        Assert.Equal(LocalErrors.Forbidden, (await door.ReadInboxAsync(new InboxQuery("other"), default)).Problem!.Error);
        Assert.Equal(LocalErrors.Forbidden, (await door.SendAsync(new SendMessage("bob", "x", Workspace: "other"), default)).Problem!.Error);
        Assert.Equal(LocalErrors.Forbidden, (await door.ShutDownAsync(default)).Problem!.Error);
        Assert.Equal(LocalErrors.Forbidden, (await door.CreateWorkspaceAsync(new CreateWorkspace("x"), default)).Problem!.Error);

        SendResult sent = await Ok.Async(alice.Client.SendAsync(new SendMessage("*", "x", Workspace: "acme"), default));
        await Ok.Async(door.FindMessageAsync(sent.ClientMessageId, default));
        Assert.Equal(LocalErrors.MessageNotFound, (await alice.At("other").FindMessageAsync(sent.ClientMessageId, default)).Problem!.Error);
    }

    [Fact]
    [Trait("cli", "7 daemon: one workspace for all of it")]
    [Trait("cli", "7 scoping: a change in the first workspace there is")]
    public async Task With_several_workspaces_a_name_finds_the_one_where_it_is_known_and_a_broadcast_asks_which()
    {
        await Ok.Async(alice.Client.CreateWorkspaceAsync(new CreateWorkspace("Other", broker.Address, "alice"), default));
        Assert.Equal("acme", (await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "x"), default))).Workspace);
        Assert.Equal(LocalErrors.WorkspaceRequired, (await alice.Client.SendAsync(new SendMessage("*", "x"), default)).Problem!.Error);
        Assert.Equal(LocalErrors.RecipientIsSelf, (await alice.Client.SendAsync(new SendMessage("alice", "x", Workspace: "acme"), default)).Problem!.Error);
        Assert.Equal(LocalErrors.AmbiguousName, (await alice.Client.SendAsync(new SendMessage("alice", "x"), default)).Problem!.Error);
    }

    [Fact]
    [Trait("cli", "7 naming: a workspace's slug and its name")]
    public async Task Two_workspaces_of_one_name_get_slugs_of_their_own_here()
    {
        Workspace second = await Ok.Async(alice.Client.CreateWorkspaceAsync(new CreateWorkspace("acme", broker.Address, "alice"), default));
        Assert.Equal("acme-2", second.Slug);
    }

    [Fact]
    public async Task The_same_id_has_the_same_outcome_and_another_text_under_it_is_refused()
    {
        var message = new SendMessage("bob", "once", ClientMessageId: "my-id", Wait: "delivered");
        Assert.False((await Ok.Async(alice.Client.SendAsync(message, default))).Again);
        SendResult again = await Ok.Async(alice.Client.SendAsync(message, default));
        Assert.Equal((true, "delivered"), (again.Again, again.State));
        Assert.Equal(LocalErrors.IdempotencyConflict, (await alice.Client.SendAsync(message with { Text = "other" }, default)).Problem!.Error);
        Assert.Equal(LocalErrors.IdempotencyConflict, (await alice.Client.SendAsync(message with { To = "*" }, default)).Problem!.Error);
        Assert.Single(broker.Sends);
    }

    [Fact]
    public async Task A_refusal_ends_the_wait_at_once_with_the_reason()
    {
        broker.Judge = _ => Task.FromResult<Protocol.MeshError?>(Protocol.MeshError.BlockedByGrants);
        SendResult sent = await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "x", Wait: "delivered"), default));
        Assert.Equal(("refused", false), (sent.State, sent.Waited));
        Assert.Contains("forbidden", sent.Recipients[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wait_that_takes_too_long_says_how_far_it_came()
    {
        SendResult sent = await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "x", Wait: "surfaced", WaitMilliseconds: 200), default));
        Assert.False(sent.Waited);
    }

    [Fact]
    public async Task Only_the_owner_invites() =>
        Assert.Equal((int)ExitCode.Denied, (await bob.Client.CreateInviteAsync(new CreateInvite(), default)).Problem!.ExitCode);

    [Fact]
    public async Task Messages_can_be_followed_from_the_last_one_seen_without_a_gap_or_a_double()
    {
        for (int i = 0; i < 3; i++)
            await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", $"n{i}", Wait: "delivered"), default));

        using var ended = new CancellationTokenSource();
        var texts = new List<string?>();
        await foreach (LocalReply<LocalEvent> happened in bob.Client.FollowAsync(null, null, "1", ended.Token))
        {
            if (happened.Value is not { Message: { } message, Id: { } id })
                continue;
            Assert.Equal(message.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture), id);
            texts.Add(message.Text);
            if (texts.Count == 2)
                await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "n3"), default));
            if (texts.Count == 3)
                break;
        }

        Assert.Equal(["n1", "n2", "n3"], texts);
    }

    [Fact]
    public async Task What_became_of_a_message_can_be_followed()
    {
        using var ended = new CancellationTokenSource();
        var states = new System.Collections.Concurrent.ConcurrentQueue<string>();
        Task following = Task.Run(async () =>
        {
            await foreach (LocalReply<LocalEvent> happened in alice.Client.FollowAsync("acme", null, null, ended.Token))
                states.Enqueue(happened.Value?.Receipt?.State ?? happened.Value?.Kind ?? happened.Problem!.Error);
        });

        // The stream may begin after the first of these.
        await Eventually.TrueAsync("a delivery is told", async () =>
        {
            await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "x", Wait: "delivered"), default));
            return states.Contains("delivered");
        });
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
    }

    [Fact]
    public async Task No_text_key_or_invite_is_in_any_log()
    {
        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));
        broker.Tamper = push => push with { Ciphertext = [1, 2, 3] };
        await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", "the canary sings", Wait: "delivered"), default));
        await bob.Client.JoinWorkspaceAsync(new JoinWorkspace(invite.Url[..^4] + "AAAA", "x"), default);
        broker.LoseConnections();

        foreach (RunningDaemon daemon in new[] { alice, bob })
        {
            string log = await ReadLogAsync(daemon);
            Assert.DoesNotContain("canary", log, StringComparison.Ordinal);
            Assert.DoesNotContain(invite.Url[^60..^4], log, StringComparison.Ordinal);
            Assert.DoesNotContain((await KeyAsync(alice)).ToString(), log, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("cli", "7 secrets: an invite that is kept")]
    public async Task An_invite_is_in_no_file_of_who_made_it_nor_of_who_came_with_it()
    {
        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));
        await Ok.Async(bob.Client.JoinWorkspaceAsync(new JoinWorkspace(invite.Url, "bob"), default));
        await alice.StopAsync();
        await bob.StopAsync();

        byte[] secret = Encoding.UTF8.GetBytes(invite.Url[^60..]);
        foreach (string file in Directory.GetFiles(alice.Home.Folder, "*", SearchOption.AllDirectories).Concat(Directory.GetFiles(bob.Home.Folder, "*", SearchOption.AllDirectories)))
            Assert.True((await File.ReadAllBytesAsync(file)).AsSpan().IndexOf(secret) < 0, file);
    }

    private static async Task<string> ReadLogAsync(RunningDaemon daemon)
    {
        using var file = new StreamReader(new FileStream(daemon.Home.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return await file.ReadToEndAsync();
    }

    private static async Task<Protocol.PublicKey> KeyAsync(RunningDaemon daemon) =>
        Protocol.PublicKey.Parse((await Ok.Async(daemon.Client.ListWorkspacesAsync(default))).Workspaces[0].MemberKey);

    private async Task<Protocol.Push> PushOfAsync(Protocol.Send send) => new(
        $"{1:D32}", Protocol.MeshId.Parse((await Ok.Async(bob.Client.ListWorkspacesAsync(default))).Workspaces[0].MeshId), (await KeyAsync(alice)).ToString(),
        send.Nonce, send.Ciphertext, DateTimeOffset.UnixEpoch, Priority: send.Priority, SenderMemberPubkey: await KeyAsync(alice), SenderName: "alice",
        ClientMessageId: send.ClientMessageId, BodyVersion: send.BodyVersion, Header: send.Header, Target: send.TargetSpec, Position: 2);
}
