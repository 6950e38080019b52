using System.Text;
using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.TestKit;

/// <summary>A connection with our hello. Bodies are sealed by nobody here: they carry what the test wants to find again.</summary>
public sealed class TestPeer(TestMember member, TestSocket socket, JsonObject welcome) : IAsyncDisposable
{
    public TestMember Member => member;

    public TestSocket Socket => socket;

    public JsonObject Welcome => welcome;

    public string Key => member.Key.Public.ToString();

    public Task<JsonObject> SendAsync(string to, string text, Priority priority = Priority.Next, string? clientId = null, byte[]? fingerprint = null, string? session = null) =>
        Frames.SendAsync(socket, to, text, priority, clientId ?? Guid.CreateVersion7().ToString(), fingerprint, session);

    /// <summary>
    /// Sends a version 3 body that names a root; without one, the current root of the workspace's log. Its text is not sealed: the broker cannot
    /// tell.
    /// </summary>
    public Task<JsonObject> SendSharedAsync(TargetSpec to, string text, RootReference? root = null, string? clientId = null, Priority priority = Priority.Next)
    {
        string id = clientId ?? Guid.CreateVersion7().ToString();
        Membership log = member.Mesh.Log.State;
        MessageHeader header = new(
            member.Mesh.Id, to, member.Key.Public, SenderSession: null, id, member.Mesh.Log.Now, ReplyTo: null, priority, Mentions: "",
            root ?? log.FindRoot(log.Epoch));
        return Frames.SendAsync(socket, to.ToString(), text, priority, id, fingerprint: null, session: null, SignedBytes.Of(header));
    }

    /// <summary>The next message, acknowledged.</summary>
    public async Task<Received> NextMessageAsync(bool acknowledge = true)
    {
        Received received = Received.Of(await socket.NextAsync("a message", Frames.IsMessage));
        if (acknowledge)
            await AcknowledgeAsync(received);

        return received;
    }

    public Task AcknowledgeAsync(Received received) => socket.SendAsync(new ClientAck(
        BrokerMessageId: received.Id, SessionId: received.Session is { } session ? SessionId.Parse(session) : null));

    /// <summary>Announces a session of this member on this socket.</summary>
    public async Task<SessionSecretKey> OpenSessionAsync(string sessionId, string[]? tags = null, GroupTag[]? groups = null)
    {
        SessionSecretKey key = member.Key.DeriveSession(member.Mesh.Id, sessionId);
        long expires = member.Mesh.Clock.GetUtcNow().ToUnixTimeMilliseconds() + 60_000;
        SessionAttestation attestation = member.Key.Attest(key, member.Mesh.Id, sessionId, expires);
        SessionOpen open = new(
            SessionId.Parse(sessionId),
            key.Public,
            DisplayName.Parse(member.Name + "-" + sessionId),
            expires,
            attestation.Attestation,
            attestation.Proof,
            "/home/test",
            3,
            Groups: groups,
            Tags: tags is null ? null : [.. tags.Select(TagName.Parse)]);
        await socket.SendAsync(open, "open-" + sessionId);
        await socket.NextAsync("session_opened");
        return key;
    }

    public ValueTask DisposeAsync() => socket.DisposeAsync();
}

/// <summary>A connection with a 1.x hello.</summary>
public sealed class LegacyPeer(TestMember member, SigningKey key, TestSocket socket, JsonObject ack) : IAsyncDisposable
{
    public TestMember Member => member;

    public TestSocket Socket => socket;

    public JsonObject Ack => ack;

    public string Key => key.Public.ToString();

    public Task<JsonObject> SendAsync(string to, string text, Priority priority = Priority.Next, string? clientId = null) =>
        Frames.SendAsync(socket, to, text, priority, clientId, fingerprint: null, session: null);

    public async Task<Received> NextMessageAsync(bool acknowledge = true)
    {
        Received received = Received.Of(await socket.NextAsync("a message", Frames.IsMessage));
        if (acknowledge)
            await socket.SendAsync(new ClientAck(received.ClientId ?? received.Id, received.Id));

        return received;
    }

    public ValueTask DisposeAsync() => socket.DisposeAsync();
}

/// <summary>A push that is a message.</summary>
public sealed record Received(string Id, string Text, string Sender, string? ClientId, string? Session, JsonObject Frame)
{
    public static Received Of(JsonObject frame) => new(
        (string)frame["messageId"]!,
        Encoding.UTF8.GetString(Convert.FromBase64String((string)frame["ciphertext"]!)),
        (string)frame["senderPubkey"]!,
        (string?)frame["client_message_id"],
        (string?)frame["sessionId"],
        frame);
}

internal static class Frames
{
    public static bool IsMessage(JsonObject frame) => TestSocket.IsType(frame, "push") && frame["subtype"] is null;

    public static async Task<JsonObject> SendAsync(
        TestSocket socket, string to, string text, Priority priority, string? clientId, byte[]? fingerprint, string? session, byte[]? header = null)
    {
        string id = Guid.NewGuid().ToString("N");
        await socket.SendAsync(new Send(
            to,
            new byte[24],
            Encoding.UTF8.GetBytes(text),
            id,
            priority,
            clientId,
            fingerprint,
            BodyVersion: header is null ? null : 3,
            Header: header,
            SessionId: session is null ? null : SessionId.Parse(session)));
        return await socket.NextAsync("the ack", frame => TestSocket.IsType(frame, "ack") && (string?)frame["id"] == id);
    }
}
