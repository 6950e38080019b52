using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Compatibility;

/// <summary>What a 1.x client meets on this broker that its own never sent, and what is documented as unknown to ours.</summary>
public sealed class OriginalClientTests
{
    [Theory]
    [InlineData("claudemesh-daemon", false)]
    [InlineData("claude-code", false)]
    [InlineData("claudemesh-session", true)]
    public async Task A_challenge_before_the_hello_ack_is_skipped_by_a_1x_client_and_nothing_else_is_strange_to_it(string channel, bool isSession)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer bob = await mesh.JoinLegacyAsync("bob");
        TestMember alice = await mesh.AddMemberAsync("alice", legacy: true);
        SigningKey session = SigningKey.Generate();
        await using TestSocket socket = await TestSocket.ConnectAsync(mesh.Broker.SocketUrl);
        OriginalClient client = new(socket, isSession);

        await client.HelloAsync(isSession
            ? Forms.Frame(alice.LegacySessionHello(session, "s1"))
            : Forms.Frame(alice.LegacyHello(channel, "one")));
        JsonObject ack = await client.SendAsync(bob.Key, "m1");
        await bob.SendAsync(isSession ? session.Public.ToString() : alice.Key.Public.ToString(), "an answer");
        await client.NextMessageAsync();

        Assert.Equal(["challenge"], client.Skipped);
        Assert.True((bool)ack["queued"]!);
        Assert.Single(client.Messages);
        Assert.False(client.GaveUp);
    }

    [Fact]
    public async Task Every_type_that_the_document_lists_as_unknown_is_answered_so_and_never_to_a_1x_session()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember alice = await mesh.AddMemberAsync("alice", legacy: true);
        await using LegacyPeer member = await alice.ConnectLegacyAsync();
        await using LegacyPeer session = await alice.ConnectLegacySessionAsync(SigningKey.Generate(), "s1");
        string[] types = ProtocolDocument.UnknownTypes();
        Assert.True(types.Length > 50, "the table was not found");

        foreach (string type in types)
        {
            string frame = $$"""{"type":"{{type}}","_reqId":"{{type}}-1"}""";
            await member.Socket.SendAsync(frame);
            await session.Socket.SendAsync(frame);
            Assert.Equal((type, "unknown_message_type"), (type, (string?)(await AnswerAsync(member, type))["code"]));
            Assert.Equal((type, "invalid_args"), (type, (string?)(await AnswerAsync(session, type))["code"]));
        }
    }

    private static Task<JsonObject> AnswerAsync(LegacyPeer peer, string type) =>
        peer.Socket.NextAsync($"the answer to {type}", frame => (string?)frame["_reqId"] == type + "-1");
}
