using System.Buffers;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Tests.Compatibility;

/// <summary>Hellos that are signed again after a test has changed them, and what a test does to a broker from the inside.</summary>
internal static class Forms
{
    public static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    public static Hello Signed(this Hello hello, SigningKey key) => hello with
    {
        Signature = Hex(key.Sign(new LegacyHello(hello.MeshId, hello.MemberId, PublicKey.Parse(hello.Pubkey), hello.Timestamp))),
    };

    /// <param name="session">Signs the hello.</param>
    public static SessionHello Signed(this SessionHello hello, SigningKey session) => hello with
    {
        Signature = Hex(session.Sign(new LegacySessionHello(
            hello.MeshId, PublicKey.Parse(hello.ParentMemberPubkey), PublicKey.Parse(hello.SessionPubkey), hello.Timestamp))),
    };

    /// <param name="parent">Signs the attestation, which then expires at this time.</param>
    public static SessionHello Attested(this SessionHello hello, SigningKey parent, long expiresAt) => hello with
    {
        ParentAttestation = hello.ParentAttestation! with
        {
            ExpiresAt = expiresAt,
            Signature = Hex(parent.Sign(new LegacySessionAttestation(
                PublicKey.Parse(hello.ParentMemberPubkey), PublicKey.Parse(hello.SessionPubkey), expiresAt))),
        },
    };

    public static JsonObject Frame<T>(T message)
        where T : class, IMessage
    {
        ArrayBufferWriter<byte> frame = new();
        FrameWriter.Write(frame, message, []);
        return (JsonObject)JsonNode.Parse(frame.WrittenSpan)!;
    }

    public static async Task<Workspace> OpenAsync(this TestMesh mesh) =>
        (await mesh.Broker.Services.GetRequiredService<OpenWorkspaces>().FindAsync(MeshId.Parse(mesh.Id), CancellationToken.None))!;

    /// <summary>Removes a member, in the store and in the open workspace.</summary>
    public static async Task RemoveAsync(this TestMesh mesh, TestMember member)
    {
        await mesh.Broker.Services.GetRequiredService<Database>().WriteAsync(
            scope => scope.Sql.Execute("UPDATE member SET removed_at = @now WHERE id = @id", ("@now", scope.Now.Micros), ("@id", member.Id)),
            CancellationToken.None);
        Workspace workspace = await mesh.OpenAsync();
        workspace.Members.Put(workspace.Members.Find(member.Key.Public)! with { RemovedAt = mesh.Clock.GetUtcNow() });
        workspace.RefreshDirectory();
    }

    public static Task EndAsync(this TestMesh mesh) => mesh.Broker.Services.GetRequiredService<Database>().WriteAsync(
        scope => scope.Sql.Execute("UPDATE mesh SET ended_at = @now WHERE id = @id", ("@now", scope.Now.Micros), ("@id", mesh.Id)),
        CancellationToken.None);

    /// <summary>The rows that this connection is shown.</summary>
    public static async Task<IReadOnlyList<JsonObject>> PeersAsync(this TestSocket socket)
    {
        string id = Guid.NewGuid().ToString("N");
        await socket.SendAsync(new ListPeers(), id);
        JsonObject list = await socket.NextAsync("peers_list", frame => (string?)frame["_reqId"] == id);
        return [.. list["peers"]!.AsArray().Select(peer => (JsonObject)peer!)];
    }

    /// <summary>The pushed events that had come by the time the broker answered something asked now.</summary>
    public static async Task<IReadOnlyList<string>> EventsAsync(this TestSocket socket) =>
        [.. (await socket.AllUntilAnsweredAsync("push")).Where(push => push["event"] is not null).Select(push => (string)push["event"]!)];

    public static Task<JsonObject> NextEventAsync(this TestSocket socket, string name) =>
        socket.NextAsync($"the event {name}", frame => TestSocket.IsType(frame, "push") && (string?)frame["event"] == name);

    /// <summary>Asks the broker again and again until it holds: each time costs a round trip, none waits for time to pass.</summary>
    public static async Task EventuallyAsync(this TestSocket socket, string what, Func<bool> holds)
    {
        using CancellationTokenSource patience = new(TestSocket.Patience);
        while (!holds())
        {
            if (patience.IsCancellationRequested)
                throw new TimeoutException($"It never happened that {what}.");

            await socket.PeersAsync();
        }
    }
}
