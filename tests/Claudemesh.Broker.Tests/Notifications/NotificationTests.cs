using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Topics;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Notifications;

public sealed class NotificationTests
{
    [Fact]
    [Trait("rest", "7.2 C15")]
    public async Task Whom_an_encrypted_post_mentions_is_told_of_it_and_has_all_that_he_needs_to_open_it()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("Bob");
        await using TestPeer carol = await mesh.JoinAsync("carol");
        string general = await alice.Socket.GeneralAsync();

        JsonObject ack = await alice.Socket.PostAsync(general, "have a look", bodyVersion: 3, mentions: ["bob"]);
        JsonObject told = await bob.Socket.NextAsync("notification");
        JsonNode listed = Assert.Single((await ListAsync(bob))["notifications"]!.AsArray())!;

        Assert.Equal(told["notification"]!.ToJsonString(), listed.ToJsonString());
        Assert.Equal(("mention", "general", general), ((string?)listed["kind"], (string?)listed["topicName"], (string?)listed["topicId"]));
        JsonNode post = listed["post"]!;
        Assert.Equal((string?)ack["messageId"], (string?)post["id"]);
        Assert.Equal((3, "alice", alice.Key), ((int?)post["bodyVersion"], (string?)post["senderName"], (string?)post["senderMemberPubkey"]));
        foreach (string needed in (string[])["nonce", "ciphertext", "header", "position", "senderMemberId", "client_message_id"])
            Assert.NotNull(post[needed]);

        Assert.Empty((await ListAsync(alice))["notifications"]!.AsArray());
        Assert.Empty((await ListAsync(carol))["notifications"]!.AsArray());
        Assert.DoesNotContain(await carol.Socket.AllUntilAnsweredAsync("notification"), static frame => TestSocket.IsType(frame, "notification"));
    }

    [Fact]
    public async Task A_plain_post_mentions_whom_its_text_names_and_an_encrypted_one_nobody_that_is_not_said()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer carol = await mesh.JoinAsync("carol");
        string general = await bob.Socket.GeneralAsync();

        await alice.Socket.PostAsync(general, "@bob look, and mail carol@example.org; I am @alice");
        await alice.Socket.PostAsync(general, "@bob", bodyVersion: 3);
        await alice.Socket.PostAsync(general, "@bob instead of him", mentions: ["carol"]);

        Assert.Equal(["@bob look, and mail carol@example.org; I am @alice"], await TextsAsync(bob));
        Assert.Equal(["@bob instead of him"], await TextsAsync(carol));
        Assert.DoesNotContain(await alice.Socket.AllUntilAnsweredAsync("notification"), static frame => TestSocket.IsType(frame, "notification"));
    }

    [Fact]
    [Trait("rest", "7.2 C14")]
    public async Task A_name_of_two_members_is_refused_until_one_of_them_is_named_by_key()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using LegacyPeer legacy = await mesh.JoinLegacyAsync("legacy");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer namesake = await mesh.JoinAsync("BOB");
        string general = await alice.Socket.GeneralAsync();

        JsonObject refused = await alice.Socket.PostAsync(general, "which?", mentions: ["bob"]);
        Assert.Equal(("mention_ambiguous", false), ((string?)refused["code"], (bool?)refused["queued"]));
        Assert.Contains("by his key", (string?)refused["error"], StringComparison.Ordinal);
        Assert.True((bool?)(await alice.Socket.PostAsync(general, "the first", mentions: ["bob", bob.Key]))["queued"]);

        // Nobody can ask these whom they mean.
        Assert.True((bool?)(await legacy.Socket.PostAsync(general, "whichever", mentions: ["bob"]))["queued"]);
        Assert.True((bool?)(await alice.Socket.PostAsync(general, "hello @bob"))["queued"]);
        Assert.True((bool?)(await bob.Socket.PostAsync(general, "you", mentions: ["bob"]))["queued"]);

        Assert.Equal(["the first"], await TextsAsync(bob));
        Assert.Equal(["you"], await TextsAsync(namesake));
    }

    [Fact]
    public async Task A_name_with_spaces_a_key_and_a_member_id_reach_their_member_once()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("Bob the Builder");
        string general = await alice.Socket.GeneralAsync();

        foreach (string[] named in (string[][])[["bob the builder"], [bob.Key], [bob.Member.Id], ["bob the builder", bob.Key, bob.Member.Id, "nobody"]])
            Assert.True((bool?)(await alice.Socket.PostAsync(general, "you", mentions: named))["queued"]);

        Assert.Equal(4, (await TextsAsync(bob)).Length);
        Assert.Equal("invalid_args", (string?)(await alice.Socket.PostAsync(general, "you", mentions: ["Bob"]))["code"]);
    }

    [Fact]
    public async Task Nobody_outside_of_a_private_topic_is_told_of_it_and_who_has_left_it_sees_no_more_of_it()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer carol = await mesh.JoinAsync("carol");
        PrivateTopic topic = await PrivateTopic.CreateAsync(mesh, alice, "plans");
        await topic.AdmitAsync(bob.Member, LogRole.Member);
        await topic.RotateAsync();

        await topic.PostAsync(alice, "only for us", mentions: [bob.Key, carol.Key]);
        Assert.Equal(["only for us"], await TextsAsync(bob));
        Assert.Empty(await TextsAsync(carol));

        await topic.AppendAsync(new LogBody.Remove(bob.Member.Key.Public, ""));
        JsonObject after = await ListAsync(bob);
        Assert.Empty(after["notifications"]!.AsArray());
        Assert.Equal(0, (int?)after["unread"]);
        Assert.Equal(0, (int?)(await bob.Socket.AskAsync(new NotificationsRead(All: true)))["marked"]);
    }

    [Fact]
    public async Task Who_has_been_removed_is_not_notified_and_a_repeated_send_notifies_once()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer carol = await mesh.JoinAsync("carol");
        string general = await alice.Socket.GeneralAsync();
        TestSocket owner = await mesh.OwnerSocketAsync();
        await owner.AskAsync(new Ban("carol"));

        await alice.Socket.PostAsync(general, "twice", mentions: ["bob", "carol"], clientId: "0197f1d2-6b5e-7c3a-9f10-3b6a4c2d1e0f");
        await alice.Socket.PostAsync(general, "twice", mentions: ["bob", "carol"], clientId: "0197f1d2-6b5e-7c3a-9f10-3b6a4c2d1e0f");
        await owner.AskAsync(new Unban("carol"));

        Assert.Equal(["twice"], await TextsAsync(bob));
        await using TestPeer back = await carol.Member.ConnectAsync();
        Assert.Empty(await TextsAsync(back));
    }

    [Fact]
    [Trait("rest", "7.2 C9")]
    public async Task Marking_as_read_says_how_many_really_changed()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        string general = await alice.Socket.GeneralAsync();
        string deploys = await alice.Socket.CreateTopicAsync("deploys");
        List<MessageId> ids = [];
        foreach (string topic in (string[])[general, general, general, deploys, deploys])
            ids.Add(MessageId.Parse((string)(await alice.Socket.PostAsync(topic, "@bob"))["messageId"]!));
        MessageId other = MessageId.Parse(await alice.Socket.PostedAsync(general, "nobody"));

        Assert.Equal(2, await MarkAsync(bob, new NotificationsRead([ids[0], ids[1], other, MessageId.Parse(new string('0', 32))])));
        Assert.Equal(0, await MarkAsync(bob, new NotificationsRead([ids[0]])));
        Assert.Equal(0, await MarkAsync(alice, new NotificationsRead([ids[2]])));
        Assert.Equal((3, 5), await FiguresAsync(bob));
        Assert.Equal(2, await MarkAsync(bob, new NotificationsRead(Topic: "deploys")));
        Assert.Equal(0, await MarkAsync(bob, new NotificationsRead(All: true, Before: mesh.Clock.GetUtcNow().AddDays(-1))));
        Assert.Equal(1, await MarkAsync(bob, new NotificationsRead(All: true)));
        Assert.Equal((0, 5), await FiguresAsync(bob));
        Assert.Empty((await bob.Socket.AskAsync(new NotificationsList(Unread: true)))["notifications"]!.AsArray());
    }

    [Fact]
    public async Task Pages_give_each_notification_once_newest_first()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        string general = await alice.Socket.GeneralAsync();
        for (int i = 0; i < 7; i++)
            await alice.Socket.PostAsync(general, $"@bob {i}");

        List<string> read = [];
        MessageId? before = null;
        JsonObject page;
        do
        {
            page = await bob.Socket.AskAsync(new NotificationsList(BeforeId: before, Count: 3));
            read.AddRange(Texts(page));
            before = MessageId.Parse((string)page["notifications"]!.AsArray()[^1]!["post"]!["id"]!);
            await alice.Socket.PostAsync(general, "@bob meanwhile");
        }
        while ((bool?)page["more"] == true);

        Assert.Equal(Enumerable.Range(0, 7).Reverse().Select(i => $"@bob {i}"), read);
        Assert.Empty(Texts(await bob.Socket.AskAsync(new NotificationsList(Since: mesh.Clock.GetUtcNow().AddDays(1)))));
    }

    [Fact]
    public async Task Nonsense_is_refused_with_what_is_wrong()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        MessageId forged = MessageId.Parse(new string('z', 32));

        Assert.Equal("invalid_args", (string?)(await bob.Socket.AskAsync(new NotificationsList(Count: 0)))["code"]);
        Assert.Equal("invalid_args", (string?)(await bob.Socket.AskAsync(new NotificationsList(Count: 201)))["code"]);
        Assert.Equal("invalid_args", (string?)(await bob.Socket.AskAsync(new NotificationsList(BeforeId: forged)))["code"]);
        Assert.Equal("invalid_args", (string?)(await bob.Socket.AskAsync(new NotificationsRead()))["code"]);
        Assert.Equal("invalid_args", (string?)(await bob.Socket.AskAsync(new NotificationsRead([])))["code"]);
        Assert.Equal("invalid_args", (string?)(await bob.Socket.AskAsync(new NotificationsRead([forged], All: true)))["code"]);
        Assert.Equal("invalid_args", (string?)(await bob.Socket.AskAsync(new NotificationsRead(Enumerable.Repeat(forged, 201).ToArray())))["code"]);
        Assert.Equal("invalid_args", (string?)(await bob.Socket.AskAsync(new NotificationsRead([forged], Before: mesh.Clock.GetUtcNow())))["code"]);
        Assert.Equal("topic_not_found", (string?)(await bob.Socket.AskAsync(new NotificationsRead(Topic: "nowhere")))["code"]);
    }

    private static Task<JsonObject> ListAsync(TestPeer peer) => peer.Socket.AskAsync(new NotificationsList());

    private static string[] Texts(JsonObject page) => TopicFrames.Texts(new JsonObject
    {
        ["messages"] = new JsonArray([.. page["notifications"]!.AsArray().Select(one => one!["post"]!.DeepClone())]),
    });

    private static async Task<string[]> TextsAsync(TestPeer peer) => Texts(await ListAsync(peer));

    private static async Task<int?> MarkAsync(TestPeer peer, NotificationsRead what) => (int?)(await peer.Socket.AskAsync(what))["marked"];

    private static async Task<(int? Unread, int Listed)> FiguresAsync(TestPeer peer)
    {
        JsonObject page = await ListAsync(peer);
        return ((int?)page["unread"], page["notifications"]!.AsArray().Count);
    }
}
