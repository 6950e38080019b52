using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Topics;

public sealed class TopicDeliveryTests
{
    [Fact]
    [Trait("wire", "7.2 #7")]
    [Trait("cli", "7 ids: one message with an id here and another in the history")]
    public async Task A_post_is_pushed_at_once_to_every_device_of_every_member_with_the_topics_name_and_how_to_read_it()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await bob.Socket.GeneralAsync();
        await using TestPeer bobsOther = await bob.Member.ConnectAsync("device2");
        await bobsOther.Socket.GeneralAsync();
        string topic = await alice.Socket.CreateTopicAsync("deploys");
        Assert.Null(await bob.Socket.TellAsync(new TopicJoin("deploys")));

        JsonObject ack = await alice.Socket.PostAsync(topic, "ship it?", bodyVersion: 3);

        Assert.Equal(1, (int?)ack["recipients"]);
        foreach (TestPeer reader in (TestPeer[])[bob, bobsOther])
        {
            Received received = await reader.NextMessageAsync();
            Assert.Equal("ship it?", received.Text);
            Assert.Equal((string)ack["messageId"]!, received.Id);
            Assert.Equal("deploys", (string?)received.Frame["topic"]);
            Assert.Equal("#" + topic, (string?)received.Frame["target"]);
            Assert.Equal(3, (int?)received.Frame["bodyVersion"]);
            Assert.NotNull(received.Frame["header"]);
            Assert.Equal(alice.Key, (string?)received.Frame["senderMemberPubkey"]);
        }

        Assert.Equal([(string)ack["messageId"]!], TopicFrames.Ids(await bob.Socket.AskAsync(new TopicHistory(topic))));
    }

    [Fact]
    public async Task Ones_own_devices_get_what_one_posts_and_1x_clients_do_not_get_their_own()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer other = await alice.Member.ConnectAsync("device2");
        await other.Socket.GeneralAsync();
        await using LegacyPeer carol = await mesh.JoinLegacyAsync("carol");
        await carol.Socket.GeneralAsync();
        string general = await alice.Socket.GeneralAsync();

        await alice.Socket.PostedAsync(general, "from my laptop");
        Assert.Equal("from my laptop", (await other.NextMessageAsync()).Text);
        Assert.Equal("from my laptop", (await alice.NextMessageAsync()).Text);

        await carol.Socket.PostedAsync(general, "from the old one");
        Assert.Equal("from the old one", (await other.NextMessageAsync()).Text);

        // What alice posts next is the next thing that carol gets: her own is not among what comes.
        Assert.Equal("from my laptop", (await carol.NextMessageAsync()).Text);
        await alice.Socket.PostedAsync(general, "an answer");
        Assert.Equal("an answer", (await carol.NextMessageAsync()).Text);
    }

    [Fact]
    public async Task A_device_goes_on_in_each_topic_where_it_stood_and_a_new_one_begins_at_the_end()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestPeer bob = await mesh.JoinAsync("bob");
        await bob.Socket.GeneralAsync();
        string general = await alice.Socket.GeneralAsync();
        string deploys = await alice.Socket.CreateTopicAsync("deploys");
        await bob.Socket.TellAsync(new TopicJoin(deploys));
        await alice.Socket.PostedAsync(general, "one");
        Assert.Equal("one", (await bob.NextMessageAsync()).Text);
        await bob.Socket.AllUntilAnsweredAsync("push");
        await bob.Socket.CloseAsync();
        await bob.DisposeAsync();

        await alice.Socket.PostedAsync(general, "two");
        await alice.Socket.PostedAsync(deploys, "three");

        await using TestPeer back = await bob.Member.ConnectAsync();
        Assert.Equal(["three", "two"], (await NextTextsAsync(back, 2)).Order(StringComparer.Ordinal));
        await using TestPeer fresh = await bob.Member.ConnectAsync("device9");
        await fresh.Socket.GeneralAsync();
        await alice.Socket.PostedAsync(general, "four");
        Assert.Equal("four", (await fresh.NextMessageAsync()).Text);
    }

    [Fact]
    public async Task What_is_posted_survives_the_broker_and_reaches_who_was_away()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestPeer alice = await mesh.JoinAsync("alice");
        TestPeer bob = await mesh.JoinAsync("bob");
        await bob.Socket.GeneralAsync();
        string general = await alice.Socket.GeneralAsync();
        await bob.Socket.CloseAsync();
        await alice.Socket.PostedAsync(general, "before the restart");

        await mesh.Broker.RestartAsync();

        await using TestPeer back = await bob.Member.ConnectAsync();
        Assert.Equal("before the restart", (await back.NextMessageAsync()).Text);
        await alice.DisposeAsync();
        await bob.DisposeAsync();
    }

    [Fact]
    public async Task Who_leaves_gets_nothing_more_and_who_joins_gets_what_comes_from_then_on()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await bob.Socket.GeneralAsync();
        string topic = await alice.Socket.CreateTopicAsync("deploys");
        await alice.Socket.PostedAsync(topic, "before bob");

        await bob.Socket.TellAsync(new TopicJoin(topic));
        await alice.Socket.PostedAsync(topic, "with bob");
        Assert.Equal("with bob", (await bob.NextMessageAsync()).Text);

        await bob.Socket.TellAsync(new TopicLeave(topic));
        JsonObject alone = await alice.Socket.PostAsync(topic, "without bob");
        Assert.Equal(0, (int?)alone["recipients"] ?? 0);
        Assert.Empty(await bob.Socket.AllUntilAnsweredAsync("push"));

        await bob.Socket.TellAsync(new TopicJoin(topic));
        await alice.Socket.PostedAsync(topic, "with bob again");
        Assert.Equal("with bob again", (await bob.NextMessageAsync()).Text);
    }

    [Fact]
    [Trait("wire", "7.3 #15")]
    public async Task One_members_acknowledgement_takes_nothing_from_another()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using LegacyPeer carol = await mesh.JoinLegacyAsync("carol");
        await carol.Socket.GeneralAsync();
        await using LegacyPeer dave = await mesh.JoinLegacyAsync("dave");
        await dave.Socket.GeneralAsync();
        string general = await alice.Socket.GeneralAsync();

        string id = await alice.Socket.PostedAsync(general, "for everybody");
        Received carols = await carol.NextMessageAsync();
        await carol.Socket.SendAsync(new ClientAck(carols.ClientId, id));
        await carol.Socket.AllUntilAnsweredAsync("push");

        Assert.Equal("for everybody", (await dave.NextMessageAsync(acknowledge: false)).Text);
        await dave.Socket.CloseAsync();
        await using LegacyPeer again = await dave.Member.ConnectLegacyAsync();
        Assert.Equal("for everybody", (await again.NextMessageAsync()).Text);
    }

    [Fact]
    public async Task A_1x_client_reads_a_post_in_the_form_of_a_direct_message_with_topic_and_version()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using LegacyPeer carol = await mesh.JoinLegacyAsync("carol");
        await carol.Socket.GeneralAsync();
        string general = await alice.Socket.GeneralAsync();
        string parent = await carol.Socket.PostedAsync(general, "what about lunch?");

        await alice.Socket.PostAsync(general, "aGVsbG8=", bodyVersion: 2, replyTo: parent, clientId: "cmid-1");

        JsonObject push = (await carol.NextMessageAsync()).Frame;
        Assert.Equal(("general", 2, parent, "cmid-1"), ((string?)push["topic"], (int?)push["bodyVersion"], (string?)push["replyToId"], (string?)push["client_message_id"]));
        Assert.Equal(alice.Key, (string?)push["senderPubkey"]);
        Assert.Null(push["senderMemberPubkey"]);
        Assert.Null(push["position"]);
    }

    [Fact]
    public async Task A_connection_that_never_acknowledges_gets_what_comes_and_not_the_past_again()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        string general = await alice.Socket.GeneralAsync();
        TestMember carol = await mesh.AddMemberAsync("carol", legacy: true);
        await alice.Socket.PostedAsync(general, "long ago");

        await using LegacyPeer cold = await carol.ConnectLegacyAsync("claudemesh-cli");
        await cold.Socket.AllUntilAnsweredAsync("push");
        await alice.Socket.PostedAsync(general, "just now");

        Assert.Equal("just now", (await cold.NextMessageAsync(acknowledge: false)).Text);
    }

    [Fact]
    public async Task A_sender_is_told_how_many_have_a_post_and_who_has_read_it()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await bob.Socket.GeneralAsync();
        await using TestPeer carol = await mesh.JoinAsync("carol");
        string topic = await alice.Socket.CreateTopicAsync("deploys");
        await bob.Socket.TellAsync(new TopicJoin(topic));
        await carol.Socket.TellAsync(new TopicJoin(topic));

        string clientId = Guid.CreateVersion7().ToString();
        JsonObject ack = await alice.Socket.PostAsync(topic, "ship it?", clientId: clientId);
        string id = (string)ack["messageId"]!;
        Assert.Equal(2, (int?)ack["recipients"]);
        await bob.NextMessageAsync();
        await carol.NextMessageAsync();
        await alice.Socket.NextAsync("the tally", frame => TestSocket.IsType(frame, "receipt") && (int?)frame["delivered"] == 2);

        long now = mesh.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        byte[] proof = bob.Member.Key.Sign(new ReceiptText(
            mesh.Id, alice.Member.Key.Public, clientId, bob.Member.Key.Public, null, "read", null, now));
        await bob.Socket.SendAsync(new MessageProgress(MessageId.Parse(id), ProgressState.Read, now, proof));

        JsonObject read = await alice.Socket.NextAsync("bob's word", frame => TestSocket.IsType(frame, "receipt") && frame["signature"] is not null);
        Assert.Equal(bob.Key, (string?)read["recipientPubkey"]);
        Assert.Equal(1, (int?)read["read"]);
        JsonObject states = await alice.Socket.AskAsync(new MessageStates([MessageId.Parse(id)]));
        Assert.Equal((2, 1), ((int?)states["results"]![0]!["delivered"], (int?)states["results"]![0]!["read"]));
    }

    [Fact]
    public async Task Sending_the_same_post_again_posts_it_once()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        string general = await alice.Socket.GeneralAsync();

        JsonObject first = await alice.Socket.PostAsync(general, "once", clientId: "cmid-1");
        JsonObject second = await alice.Socket.PostAsync(general, "once", clientId: "cmid-1");

        Assert.Equal((string?)first["messageId"], (string?)second["messageId"]);
        Assert.Single(TopicFrames.Texts(await alice.Socket.AskAsync(new TopicHistory(general))));
    }

    [Fact]
    public async Task A_session_posts_under_its_own_key()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await bob.Socket.GeneralAsync();
        string general = await alice.Socket.GeneralAsync();
        SessionSecretKey session = await alice.OpenSessionAsync("s1");

        await alice.Socket.PostAsync(general, "from a session", session: "s1");

        Received received = await bob.NextMessageAsync();
        Assert.Equal(session.Public.ToString(), received.Sender);
        Assert.Equal(alice.Key, (string?)received.Frame["senderMemberPubkey"]);
    }

    private static async Task<List<string>> NextTextsAsync(TestPeer peer, int count)
    {
        List<string> texts = [];
        while (texts.Count < count)
            texts.Add((await peer.NextMessageAsync()).Text);
        return texts;
    }
}
