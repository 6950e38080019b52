using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Tests.Brokers;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;
using MessageStates = Claudemesh.Local.MessageStates;

namespace Claudemesh.Daemon.Tests.Keys;

/// <summary>Bob's daemon sees the workspace through a broker that lies; one test for each lie.</summary>
public sealed class LyingBrokerTests : IAsyncLifetime
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<long, string> hashes = new();
    private TestBroker broker = null!;
    private LyingBroker liar = null!;
    private RunningDaemon alice = null!;
    private RunningDaemon bob = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync();
        liar = await LyingBroker.StartAsync(broker.Url);
        liar.Show = frame => Change(frame, "log_page", Remember);
        liar.ShowAnswer = (path, answer) =>
        {
            if (path.EndsWith("/log", StringComparison.Ordinal))
                Remember(answer);
            return answer;
        };
        alice = await RunningDaemon.StartAsync();
        bob = await RunningDaemon.StartAsync();
        await Ok.Async(alice.Client.CreateWorkspaceAsync(new Local.CreateWorkspace("Acme", broker.Url.ToString(), "alice"), default));
        await Ok.Async(bob.Client.JoinWorkspaceAsync(new JoinWorkspace(await LinkAsync(), "bob"), default));
        await Eventually.TrueAsync("bob is connected and has read the log", async () => await CheckAsync(bob) is { Seq: > 0, RootInHand: true });
    }

    public async ValueTask DisposeAsync()
    {
        await bob.DisposeAsync();
        await alice.DisposeAsync();
        await liar.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task It_inserts_a_member_and_nobody_writes_to_him()
    {
        PublicKey made = MemberSecretKey.Generate().Public;
        liar.Show = frame => Change(frame, "members_list", list =>
        {
            JsonObject eve = list["members"]![0]!.DeepClone().AsObject();
            eve["memberId"] = "eve";
            eve["pubkey"] = made.ToString();
            eve["displayName"] = "eve";
            list["members"]!.AsArray().Add((JsonNode)eve);
        });

        Local.Member eve = Assert.Single((await Ok.Async(bob.Client.ListMembersAsync(null, default))).Members, member => member.Name == "eve");
        Assert.Equal(("none", true), (eve.Role, eve.Unverified));
        LocalProblem refused = (await bob.Client.SendAsync(new SendMessage("eve", "hello"), default)).Problem!;
        Assert.Equal(LocalErrors.UnsafeRecipient, refused.Error);
        Assert.Equal(2, (await CheckAsync(bob)).Members);
    }

    [Fact]
    public async Task It_renames_a_role_and_the_log_counts()
    {
        liar.Show = frame => Change(frame, "members_list", list =>
        {
            foreach (JsonNode? member in list["members"]!.AsArray())
                member!["role"] = (string)member["role"]! == "owner" ? "member" : "owner";
        });

        IReadOnlyList<Local.Member> members = (await Ok.Async(bob.Client.ListMembersAsync(null, default))).Members;
        Assert.Equal(("owner", "member"), (members.Single(member => member.Name == "alice").Role, members.Single(member => member.Self).Role));
    }

    [Fact]
    public async Task It_calls_a_member_a_1x_client_and_he_is_written_to_under_his_key_all_the_same()
    {
        liar.Show = frame => Change(frame, "members_list", list =>
        {
            foreach (JsonNode? member in list["members"]!.AsArray())
                member!["kind"] = "legacy";
        });

        SendResult sent = await Ok.Async(bob.Client.SendAsync(new SendMessage("alice", "secret", Wait: "accepted"), default));
        Assert.Equal(Encryptions.Member, Assert.Single(sent.Recipients).Encryption);
    }

    [Fact]
    public async Task It_substitutes_a_key_and_nothing_is_written_to_it()
    {
        PublicKey substitute = MemberSecretKey.Generate().Public;
        string key = (await Ok.Async(alice.Client.ListWorkspacesAsync(default))).Workspaces[0].MemberKey;
        await Ok.Async(bob.Client.MarkVerifiedAsync(new MarkVerified("alice"), default));
        liar.Show = frame => Change(frame, "members_list", list =>
            list["members"]!.AsArray().Single(member => (string)member!["pubkey"]! == key)!["pubkey"] = substitute.ToString());

        await Ok.Async(bob.Client.ListMembersAsync(null, default));
        LocalProblem refused = (await bob.Client.SendAsync(new SendMessage("alice", "secret"), default)).Problem!;
        Assert.Equal(LocalErrors.UnsafeRecipient, refused.Error);
        Safety safety = Assert.Single((await Ok.Async(bob.Client.ListSafetyAsync(null, null, default))).Members);
        Assert.Equal((key, true, false), (safety.Key, safety.Changed, safety.Verified));
    }

    [Fact]
    public async Task It_forks_the_log_and_nothing_is_sent_any_more_also_after_a_restart()
    {
        // Another history from the second record on, by the owner's key that the liar does not have: it can only sign with its own.
        long head = (await CheckAsync(bob)).Seq;
        liar.Show = frame => Change(frame, "log_page", page => Fork(page, head));
        await Ok.Async(alice.Client.RotateKeysAsync(new RotateKeys(), default));

        await Eventually.TrueAsync("bob has seen it", async () => !(await CheckAsync(bob)).Sound);
        LocalProblem refused = (await bob.Client.SendAsync(new SendMessage("*", "secret"), default)).Problem!;
        Assert.Equal((LocalErrors.LogForked, (int)ExitCode.Denied), (refused.Error, refused.ExitCode));
        Assert.Equal(LocalErrors.LogForked, (await bob.Client.CreateInviteAsync(new CreateInvite(), default)).Problem!.Error);
        Assert.True((await Ok.Async(bob.Client.ListWorkspacesAsync(default))).Workspaces[0].Forked);

        liar.Show = frame => frame;
        await bob.RestartAsync();
        Assert.Equal(LocalErrors.LogForked, (await bob.Client.SendAsync(new SendMessage("*", "secret"), default)).Problem!.Error);
        Assert.DoesNotContain(liar.Said, frame => (string?)frame["type"] == "send");
    }

    [Fact]
    public async Task It_withholds_an_epoch_and_what_is_written_meanwhile_is_sealed_again_when_it_is_shown()
    {
        long head = (await CheckAsync(bob)).Seq;
        bool hides = true;
        liar.Show = frame => (string?)frame["type"] switch
        {
            "log_head_moved" when hides => null,
            "log_page" when hides => Hide(frame, head),
            _ => frame,
        };
        await Ok.Async(alice.Client.RotateKeysAsync(new RotateKeys(), default));

        SendResult sent = await Ok.Async(bob.Client.SendAsync(new SendMessage("*", "under the old key"), default));
        await Eventually.TrueAsync("the honest part refuses it", async () => (await StatusAsync(bob, sent)).Recipients[0].Reason is { Length: > 0 });
        Assert.Empty((await Ok.Async(alice.Client.ReadInboxAsync(new InboxQuery(), default))).Items);

        hides = false;
        liar.LoseConnections();
        await Eventually.TrueAsync("it has arrived", async () => (await StatusAsync(bob, sent)).State is MessageStates.Delivered);
        InboxItem item = Assert.Single((await Ok.Async(alice.Client.ReadInboxAsync(new InboxQuery(), default))).Items);
        Assert.Equal(("under the old key", true), (item.Text, item.Verified));
    }

    [Fact]
    public async Task It_withholds_a_copy_of_the_root_and_the_message_is_kept_until_it_comes()
    {
        bool hides = true;
        liar.Show = frame => hides ? Change(frame, "copies_result", result => result["copies"] = new JsonArray()) : frame;
        await Ok.Async(alice.Client.RotateKeysAsync(new RotateKeys(), default));
        await Ok.Async(alice.Client.SendAsync(new SendMessage("*", "later", Wait: "delivered"), default));

        InboxItem waiting = Assert.Single((await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(), default))).Items);
        Assert.Equal((null, "waiting_for_key", false), (waiting.Text, waiting.Unreadable, waiting.Verified));

        hides = false;
        liar.LoseConnections();
        await Eventually.TrueAsync("it opens", async () => (await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(), default))).Items is [{ Text: "later", Verified: true }]);
    }

    [Fact]
    public async Task It_gives_the_root_of_an_earlier_epoch_as_the_present_one_and_is_not_believed()
    {
        JsonNode? old = null;
        liar.Show = frame => Change(frame, "copies_result", result =>
        {
            JsonArray copies = result["copies"]!.AsArray();
            if (copies.Count == 0)
                return;

            old ??= copies[^1]!["copy"]!.DeepClone();
            foreach (JsonNode? copy in copies)
                copy!["copy"] = old.DeepClone();
        });
        liar.LoseConnections();
        await Ok.Async(alice.Client.RotateKeysAsync(new RotateKeys(), default));
        await Ok.Async(alice.Client.RotateKeysAsync(new RotateKeys(), default));
        await Eventually.TrueAsync("bob knows of both", async () => (await CheckAsync(bob)).Epoch == 3);
        SendResult sent = await Ok.Async(bob.Client.SendAsync(new SendMessage("*", "which key?"), default));

        await Eventually.TrueAsync("bob waits for the right one", async () =>
            (await StatusAsync(bob, sent)).Recipients[0].Reason?.Contains("is not here yet", StringComparison.Ordinal) == true);
        Assert.DoesNotContain(liar.Said, frame => (string?)frame["type"] == "send");
    }

    [Fact]
    public async Task It_replays_a_message_under_an_earlier_epoch_and_it_is_shown_once()
    {
        JsonObject? first = null;
        liar.Show = frame =>
        {
            if ((string?)frame["type"] == "push" && frame["subtype"] is null)
                first ??= frame.DeepClone().AsObject();
            return frame;
        };
        await Ok.Async(alice.Client.SendAsync(new SendMessage("*", "once", Wait: "delivered"), default));
        await Ok.Async(alice.Client.RotateKeysAsync(new RotateKeys(), default));
        liar.Show = frame => (string?)frame["type"] == "push" && frame["subtype"] is null && first is not null ? Replay(frame, first) : frame;

        await Ok.Async(alice.Client.SendAsync(new SendMessage("*", "twice", Wait: "delivered"), default));
        InboxItem item = Assert.Single((await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(), default))).Items);
        Assert.Equal("once", item.Text);
    }

    [Fact]
    public async Task It_invites_into_its_own_workspace_and_nothing_is_signed()
    {
        await using RunningDaemon mallory = await RunningDaemon.StartAsync();
        await Ok.Async(mallory.Client.CreateWorkspaceAsync(new Local.CreateWorkspace("Acme", broker.Url.ToString(), "mallory"), default));
        Invite own = await Ok.Async(mallory.Client.CreateInviteAsync(new CreateInvite(), default));
        Invite meant = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));
        JsonObject shown = await LookAsync(own.Id);
        liar.ShowAnswer = (path, answer) =>
        {
            if (!path.EndsWith(meant.Id, StringComparison.Ordinal))
                return answer;

            // Everything is its own workspace's but the package, which only the inviter could write.
            JsonObject lie = shown.DeepClone().AsObject();
            lie["inviteId"] = meant.Id;
            lie["package"] = answer["package"]!.DeepClone();
            return lie;
        };

        await using RunningDaemon carol = await RunningDaemon.StartAsync();
        LocalProblem refused = (await carol.Client.JoinWorkspaceAsync(new JoinWorkspace(Through(meant.Url), "carol"), default)).Problem!;
        Assert.Equal((LocalErrors.InvalidInvite, (int)ExitCode.Denied), (refused.Error, refused.ExitCode));
        Assert.Contains("shows another workspace", refused.Detail, StringComparison.Ordinal);
        Assert.Empty((await Ok.Async(carol.Client.ListWorkspacesAsync(default))).Workspaces);
    }

    [Fact]
    public async Task It_shows_a_joiner_an_older_log_than_the_inviter_has_seen()
    {
        Invite meant = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default));
        liar.ShowAnswer = (path, answer) => path.EndsWith("/log", StringComparison.Ordinal) ? HideAnswer(answer, 2) : answer;

        await using RunningDaemon carol = await RunningDaemon.StartAsync();
        LocalProblem refused = (await carol.Client.JoinWorkspaceAsync(new JoinWorkspace(Through(meant.Url), "carol"), default)).Problem!;
        Assert.Contains("without the record of this invite", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_vouches_for_a_session_key_of_its_own_and_what_is_written_to_it_is_sealed_to_the_member()
    {
        PublicKey made = MemberSecretKey.Generate().Public;
        string key = (await Ok.Async(alice.Client.ListWorkspacesAsync(default))).Workspaces[0].MemberKey;
        liar.Show = frame => Change(frame, "peers_list", list =>
        {
            JsonObject session = list["peers"]!.AsArray().First(peer => (string)peer!["memberPubkey"]! == key)!.DeepClone().AsObject();
            session["pubkey"] = made.ToString();
            session["displayName"] = "helper";
            session["sessionId"] = "s9";
            list["peers"]!.AsArray().Add((JsonNode)session);
        });

        await Ok.Async(bob.Client.SendAsync(new SendMessage("helper", "secret"), default));
        await Eventually.TrueAsync("it is on its way", () => Task.FromResult(liar.Said.Any(frame => (string?)frame["type"] == "send")));
        JsonObject sent = liar.Said.First(frame => (string?)frame["type"] == "send");
        Assert.True(MessageHeader.TryParse(Convert.FromBase64String((string)sent["header"]!), out MessageHeader? header));
        Assert.Equal(key, header!.Recipient.ToString());
        Assert.Equal(key + made, (string)sent["targetSpec"]!);
    }

    [Fact]
    public async Task It_shows_a_log_that_ends_before_ours_and_is_given_back_what_it_lacks()
    {
        long head = (await CheckAsync(bob)).Seq;
        bool lies = true;
        liar.Show = frame => lies ? Change(frame, "log_page", page => Hide(page, head - 1)) : frame;
        liar.LoseConnections();
        await Eventually.TrueAsync("bob gives it", () => Task.FromResult(liar.Said.Any(frame => (string?)frame["type"] == "log_append")));

        lies = false;
        liar.LoseConnections();
        Assert.Equal("delivered", (await Ok.Async(bob.Client.SendAsync(new SendMessage("*", "all is well", Wait: "delivered"), default))).State);
        Assert.True((await CheckAsync(bob)).Sound);
    }

    private static JsonObject Change(JsonObject frame, string type, Action<JsonObject> lie)
    {
        if ((string?)frame["type"] == type)
            lie(frame);
        return frame;
    }

    /// <summary>A page as if the log ended at <paramref name="seq"/>. The hash of that record is what an honest page would have: the liar has all records.</summary>
    private JsonObject Hide(JsonObject page, long seq)
    {
        if ((long)page["seq"]! <= seq)
            return page;

        JsonArray records = page["records"]!.AsArray();
        List<JsonNode?> kept = [.. records.Where(record => SeqOf(record!) <= seq).Select(record => record!.DeepClone())];
        page["records"] = new JsonArray([.. kept]);
        page["seq"] = seq;
        page["hash"] = hashes.TryGetValue(seq, out string? known) ? known : page["hash"]!.DeepClone();
        return page;
    }

    private JsonObject HideAnswer(JsonObject page, long seq)
    {
        Remember(page);
        return Hide(page, seq);
    }

    private void Remember(JsonObject page)
    {
        foreach (JsonNode? record in page["records"]!.AsArray())
            hashes[SeqOf(record!)] = HashOf(record!);
    }

    private static void Fork(JsonObject page, long head)
    {
        if (page["records"]!.AsArray().Count == 0)
            return;

        JsonNode record = page["records"]![0]!;
        if (!LogRecordText.TryParse(Convert.FromBase64String((string)record["record"]!), out LogRecordText text) || text.Seq != head + 1)
            return;

        using MemberSecretKey own = MemberSecretKey.Generate();
        byte[] bytes = SignedBytes.Of(text with { Author = own.Public });
        record["record"] = Convert.ToBase64String(bytes);
        record["signature"] = Convert.ToBase64String(own.Key.Sign(bytes));
    }

    private static JsonObject Replay(JsonObject frame, JsonObject first)
    {
        JsonObject replayed = first.DeepClone().AsObject();
        foreach (string name in new[] { "messageId", "position", "previous" })
            replayed[name] = frame[name]?.DeepClone();
        return replayed;
    }

    private static long SeqOf(JsonNode record) =>
        LogRecordText.TryParse(Convert.FromBase64String((string)record["record"]!), out LogRecordText text) ? text.Seq : 0;

    private static string HashOf(JsonNode record) => Sha256.Hash(
        [.. Convert.FromBase64String((string)record["record"]!), .. Convert.FromBase64String((string)record["signature"]!)]).ToString();

    private static async Task<LogCheck> CheckAsync(RunningDaemon daemon) => await Ok.Async(daemon.Client.CheckLogAsync(null, default));

    private static async Task<Local.MessageStatus> StatusAsync(RunningDaemon daemon, SendResult sent) =>
        await Ok.Async(daemon.Client.FindMessageAsync(sent.ClientMessageId, default));

    private async Task<string> LinkAsync() => Through((await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(), default))).Url);

    private string Through(string url) => url.Replace(broker.Url.ToString().TrimEnd('/'), liar.Address, StringComparison.Ordinal);

    private async Task<JsonObject> LookAsync(string inviteId)
    {
        using var http = new HttpClient();
        return JsonNode.Parse(await http.GetStringAsync(new Uri(broker.Url, $"/api/v1/invites/{inviteId}")))!.AsObject();
    }
}
