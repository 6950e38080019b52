using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Sockets;

public sealed class DirectMessageTests
{
    [Fact]
    public async Task A_message_to_a_member_key_arrives_with_what_the_sender_said_of_it()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");

        JsonObject ack = await alice.SendAsync(bob.Key, "ship it?");
        Received received = await bob.NextMessageAsync();

        Assert.True((bool)ack["queued"]!);
        Assert.Equal("ship it?", received.Text);
        Assert.Equal((string?)ack["messageId"], received.Id);
        Assert.Equal(alice.Key, received.Sender);
        Assert.Equal("alice", (string?)received.Frame["senderName"]);
        Assert.Equal(0, (long)received.Frame["previous"]!);
    }

    [Fact]
    public async Task A_message_to_somebody_who_is_away_waits_and_arrives_when_he_comes()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");

        await alice.SendAsync(bob.Key.Public.ToString(), "first");
        await alice.SendAsync(bob.Key.Public.ToString(), "second");
        await using TestPeer connected = await bob.ConnectAsync();

        Assert.Equal("first", (await connected.NextMessageAsync()).Text);
        Assert.Equal("second", (await connected.NextMessageAsync()).Text);
    }

    [Fact]
    public async Task What_was_accepted_is_delivered_after_a_restart_of_the_broker()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        TestPeer alice = await mesh.JoinAsync("alice");
        JsonObject ack = await alice.SendAsync(bob.Key.Public.ToString(), "before");

        await mesh.Broker.RestartAsync();
        await using TestPeer connected = await bob.ConnectAsync();
        Received received = await connected.NextMessageAsync();

        Assert.Equal("before", received.Text);
        Assert.Equal((string?)ack["messageId"], received.Id);
    }

    [Fact]
    public async Task What_was_not_acknowledged_comes_again_and_what_was_does_not()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        TestPeer first = await bob.ConnectAsync();
        await alice.SendAsync(first.Key, "kept");
        await alice.SendAsync(first.Key, "lost");
        await first.NextMessageAsync();
        await first.NextMessageAsync(acknowledge: false);
        await first.Socket.AllUntilAnsweredAsync("push");

        first.Socket.Lose();
        await using TestPeer second = await bob.ConnectAsync();

        Assert.Equal("lost", (await second.NextMessageAsync()).Text);
        Assert.Empty(await second.Socket.AllUntilAnsweredAsync("push"));
    }

    [Fact]
    public async Task Sending_again_under_the_same_client_id_gives_the_same_message()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        string id = Guid.CreateVersion7().ToString();

        JsonObject first = await alice.SendAsync(bob.Key, "once", clientId: id, fingerprint: new byte[32]);
        JsonObject again = await alice.SendAsync(bob.Key, "once", clientId: id, fingerprint: new byte[32]);
        JsonObject other = await alice.SendAsync(bob.Key, "twice", clientId: id, fingerprint: [.. Enumerable.Repeat((byte)1, 32)]);
        await bob.NextMessageAsync();

        Assert.Equal((string?)first["messageId"], (string?)again["messageId"]);
        Assert.True((bool)again["again"]!);
        Assert.False((bool)other["queued"]!);
        Assert.Contains("invalid", (string?)other["error"], StringComparison.Ordinal);
        Assert.Empty(await bob.Socket.AllUntilAnsweredAsync("push"));
    }

    [Fact]
    public async Task A_key_that_was_never_a_member_or_session_is_refused_in_the_words_1x_knows()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");

        JsonObject ack = await alice.SendAsync(new string('a', 64), "anybody?");

        Assert.False((bool)ack["queued"]!);
        Assert.StartsWith("no connected peer for target", (string?)ack["error"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_daemons_and_a_browser_of_a_member_each_get_a_message_once_and_the_sender_hears_delivered_once()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        await using TestPeer laptop = await bob.ConnectAsync("laptop");
        await using TestPeer desktop = await bob.ConnectAsync("desktop");
        await using TestPeer browser = await bob.ConnectAsync("browser", origin: mesh.Broker.Url.ToString().TrimEnd('/'));

        await alice.SendAsync(laptop.Key, "to all three");

        Assert.Equal("to all three", (await laptop.NextMessageAsync()).Text);
        Assert.Equal("to all three", (await desktop.NextMessageAsync()).Text);
        Assert.Equal("to all three", (await browser.NextMessageAsync()).Text);
        JsonObject receipt = await alice.Socket.NextAsync("receipt");
        Assert.Equal(1, (int)receipt["delivered"]!);
        Assert.Empty(await laptop.Socket.AllUntilAnsweredAsync("push"));
        Assert.Empty(await browser.Socket.AllUntilAnsweredAsync("push"));
        Assert.Empty(await desktop.Socket.AllUntilAnsweredAsync("push"));
        Assert.Empty(await alice.Socket.AllUntilAnsweredAsync("receipt"));
    }

    [Fact]
    public async Task A_page_of_another_origin_may_not_connect()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();

        WebSocketException refused = await Assert.ThrowsAsync<WebSocketException>(
            () => TestSocket.ConnectAsync(mesh.Broker.SocketUrl, "https://elsewhere.example"));

        Assert.Contains("403", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_to_a_session_reaches_its_devices_socket_under_the_sessions_name()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        var session = await bob.OpenSessionAsync("session1");

        await alice.SendAsync(session.Public.ToString(), "to the session");
        Received received = await bob.NextMessageAsync();

        Assert.Equal("to the session", received.Text);
        Assert.Equal("session1", received.Session);
    }

    [Fact]
    public async Task A_broadcast_reaches_everybody_else_and_whoever_is_away_later()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        TestMember carol = await mesh.AddMemberAsync("carol");

        await alice.SendAsync("*", "hear ye");
        Assert.Equal("hear ye", (await bob.NextMessageAsync()).Text);

        await using TestPeer late = await carol.ConnectAsync();
        Assert.Equal("hear ye", (await late.NextMessageAsync()).Text);
        Assert.Empty(await alice.Socket.AllUntilAnsweredAsync("push"));
    }
}
