using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Compatibility;

/// <summary>
/// The behaviours of 1.x that stay, by the rows of the delivery engine's chapter 12. Each test has its row as a trait; more of row 1 is in
/// the catalogue's own tests, of 3 and 5 in <see cref="LegacyDefectTests"/>.
/// </summary>
public sealed class LegacyDeliveryTests
{
    private const int MessageIdChars = 32;

    [Fact]
    [Trait("delivery", "12 #1")]
    public async Task An_ack_names_the_request_by_its_id_alone_and_a_refusal_for_good_says_a_word_that_ends_retries()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        await using LegacyPeer bob = await mesh.JoinLegacyAsync("bob");

        await alice.Socket.SendAsync($$"""{"type":"send","id":"one","targetSpec":"{{bob.Key}}","nonce":"","ciphertext":"aGk="}""");
        await alice.Socket.SendAsync("""{"type":"send","id":"two","targetSpec":"*","priority":"soon","nonce":"","ciphertext":"aGk="}""");
        JsonObject taken = await AckAsync(alice, "one");
        JsonObject refused = await AckAsync(alice, "two");

        Assert.True((bool)taken["queued"]!);
        Assert.Equal(MessageIdChars, ((string)taken["messageId"]!).Length);
        Assert.Null(taken["error"]);
        Assert.False((bool)refused["queued"]!);
        Assert.Equal("", (string?)refused["messageId"]);
        Assert.Contains("invalid", (string?)refused["error"], StringComparison.Ordinal);
    }

    [Fact]
    [Trait("delivery", "12 #2")]
    public async Task What_is_for_a_member_goes_to_the_newest_of_its_daemons_and_to_the_other_when_that_one_is_gone()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob", legacy: true);
        await using LegacyPeer older = await bob.ConnectLegacyAsync(sessionId: "daemon-1");

        // What a connection asks is answered after it was attached.
        await older.Socket.PeersAsync();
        await using LegacyPeer newer = await bob.ConnectLegacyAsync(sessionId: "daemon-2");
        await newer.Socket.PeersAsync();
        await alice.SendAsync(bob.Key.Public.ToString(), "first");
        Assert.Equal("first", (await newer.NextMessageAsync(acknowledge: false)).Text);
        Assert.DoesNotContain(await older.Socket.AllUntilAnsweredAsync("push"), push => push["event"] is null);

        newer.Socket.Lose();
        Assert.Equal("first", (await older.NextMessageAsync()).Text);
    }

    [Fact]
    [Trait("delivery", "12 #3")]
    public async Task Each_cold_connection_gets_what_waits_and_what_comes_and_a_daemon_still_gets_it_all()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob", legacy: true);
        await alice.SendAsync(bob.Key.Public.ToString(), "waits");

        await using LegacyPeer one = await bob.ConnectLegacyAsync("claude-code", "cold-1", SigningKey.Generate());
        await using LegacyPeer two = await bob.ConnectLegacyAsync("claude-code", "cold-2", SigningKey.Generate());
        await alice.SendAsync(bob.Key.Public.ToString(), "comes");
        foreach (LegacyPeer cold in new[] { one, two })
        {
            Assert.Equal("waits", (await cold.NextMessageAsync(acknowledge: false)).Text);
            Assert.Equal("comes", (await cold.NextMessageAsync(acknowledge: false)).Text);
        }

        await using LegacyPeer daemon = await bob.ConnectLegacyAsync();
        Assert.Equal("waits", (await daemon.NextMessageAsync()).Text);
        Assert.Equal("comes", (await daemon.NextMessageAsync()).Text);
    }

    [Fact]
    [Trait("delivery", "12 #4")]
    public async Task Nobody_is_pushed_what_its_client_would_drop_for_being_its_own()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember alice = await mesh.AddMemberAsync("alice", legacy: true);
        await using LegacyPeer daemon = await alice.ConnectLegacyAsync();
        await using LegacyPeer session = await alice.ConnectLegacySessionAsync(SigningKey.Generate(), "s1");
        await using LegacyPeer sibling = await alice.ConnectLegacySessionAsync(SigningKey.Generate(), "s2");
        await using LegacyPeer cold = await alice.ConnectLegacyAsync("claude-code", "cold-1", SigningKey.Generate());

        JsonObject toItself = await session.SendAsync(session.Key, "to my own key");
        JsonObject coldToItself = await cold.SendAsync(cold.Key, "to my own unproven key");
        await session.SendAsync("*", "to everyone else");
        await session.SendAsync(sibling.Key, "to the one beside me");
        await session.SendAsync(daemon.Key, "to my own member");

        Assert.Equal(("own_session", "own_session"), ((string?)toItself["code"], (string?)coldToItself["code"]));
        Assert.Equal("to the one beside me", (await sibling.NextMessageAsync()).Text);
        Received own = await daemon.NextMessageAsync();
        Assert.Equal("to my own member", own.Text);
        Assert.False(own.Frame.ContainsKey("senderMemberPubkey"));
        foreach (LegacyPeer each in new[] { daemon, session, sibling })
            Assert.DoesNotContain(await each.Socket.AllUntilAnsweredAsync("push"), push => push["event"] is null);
    }

    [Fact]
    [Trait("delivery", "12 #5")]
    public async Task A_multicast_push_says_who_the_sender_is_and_not_what_the_sender_called_it()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        await using LegacyPeer bob = await mesh.JoinLegacyAsync("bob");

        // Who has just come may get the first of them as what waited for it, which has another form.
        Received multicast;
        int sent = 0;
        do
        {
            await alice.SendAsync("*", "to all", clientId: $"to-all-{++sent}");
            multicast = await bob.NextMessageAsync();
        }
        while (!multicast.Frame.ContainsKey("senderMemberPubkey") && sent < 100);
        await alice.SendAsync(bob.Key, "to one", clientId: "id-2");
        Received direct = await bob.NextMessageAsync();

        Assert.Equal(alice.Key, (string?)multicast.Frame["senderMemberPubkey"]);
        Assert.Equal((alice.Member.Id, "alice"), ((string?)multicast.Frame["senderMemberId"], (string?)multicast.Frame["senderName"]));
        Assert.Null(multicast.ClientId);
        Assert.Equal("id-2", direct.ClientId);
        Assert.False(direct.Frame.ContainsKey("senderMemberPubkey"));
    }

    [Theory]
    [InlineData("message id")]
    [InlineData("client id")]
    [InlineData("both, the client id another's")]
    [Trait("delivery", "12 #6")]
    public async Task An_acknowledgement_by_either_id_counts_the_message_id_wins_and_neither_is_answered(string by)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob", legacy: true);
        LegacyPeer before = await bob.ConnectLegacyAsync();
        await alice.SendAsync(before.Key, "acknowledged", clientId: "id-1");
        await alice.SendAsync(before.Key, "not acknowledged", clientId: "id-2");
        Received first = await before.NextMessageAsync(acknowledge: false);
        await before.NextMessageAsync(acknowledge: false);

        await before.Socket.SendAsync(by switch
        {
            "message id" => new ClientAck(BrokerMessageId: first.Id),
            "client id" => new ClientAck("id-1"),
            _ => new ClientAck("id-2", first.Id),
        });
        Assert.Empty(await before.Socket.AllUntilAnsweredAsync("error"));
        Assert.Empty(await before.Socket.AllUntilAnsweredAsync("ack"));
        before.Socket.Lose();
        await before.DisposeAsync();
        await using LegacyPeer back = await bob.ConnectLegacyAsync();

        Assert.Equal("not acknowledged", (await back.NextMessageAsync()).Text);
        Assert.DoesNotContain(await back.Socket.AllUntilAnsweredAsync("push"), push => push["event"] is null);
    }

    [Fact]
    [Trait("delivery", "12 #7")]
    public async Task Only_a_key_that_was_never_here_is_refused_and_in_the_words_of_1x()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob", legacy: true);
        SigningKey session = SigningKey.Generate();
        LegacyPeer gone = await bob.ConnectLegacySessionAsync(session, "s1");
        gone.Socket.Lose();
        await gone.DisposeAsync();

        JsonObject nobody = await alice.SendAsync(SigningKey.Generate().Public.ToString(), "who?");
        JsonObject member = await alice.SendAsync(bob.Key.Public.ToString(), "you were never here");
        JsonObject left = await alice.SendAsync(session.Public.ToString(), "you have left");

        Assert.StartsWith("no connected peer for target", (string?)nobody["error"], StringComparison.Ordinal);
        Assert.True((bool)member["queued"]!);
        Assert.True((bool)left["queued"]!);
    }

    private static Task<JsonObject> AckAsync(LegacyPeer peer, string id) =>
        peer.Socket.NextAsync($"the ack of {id}", frame => Allowances.Is(frame, "ack") && (string?)frame["id"] == id);
}
