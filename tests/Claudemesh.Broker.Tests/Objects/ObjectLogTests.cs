using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Objects;

/// <summary>Objects in a workspace with a log: sealed under its current root, and nothing in clear where it says so.</summary>
public sealed class ObjectLogTests
{
    [Fact]
    public async Task An_object_under_an_older_root_or_while_a_rotation_is_due_is_refused()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        RootKey first = mesh.Log.Root;

        string? under1 = await alice.PutAsync(Seal(alice, first, "a"));
        await mesh.Log.AppendAsync(new Claudemesh.Protocol.Log.LogBody.Remove(bob.Key.Public, ""));
        string? due = await alice.PutAsync(Seal(alice, first, "b"));
        await mesh.Log.RotateAsync();
        string? older = await alice.PutAsync(Seal(alice, first, "c"));
        string? under2 = await alice.PutAsync(Seal(alice, mesh.Log.Root, "d"));

        Assert.Equal([null, "stale_epoch", "stale_epoch", null], [under1, due, older, under2]);
        Assert.Equal(["a", "d"], (await alice.ListAsync()).Objects.Select(one => one.Name));
    }

    [Fact]
    [Trait("wire", "7.3 #9")]
    public async Task What_is_put_opens_for_a_member_with_the_root_and_for_nobody_without()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await alice.AskAsync(Seal(alice, mesh.Log.Root, "deploy", "the launch is on friday"));
        SealedObject stored = Assert.Single((await alice.ListAsync()).Objects);
        ObjectFrame frame = new(stored.Kind, mesh.Id, stored.Name, stored.Revision);
        SealedMessage body = new(stored.Header, stored.Nonce, stored.Ciphertext);
        using RootHistory none = new();

        Assert.Equal(MessageRefusal.None, ObjectSeal.Open(mesh.Log.State, mesh.Log.Roots, frame, 0, body, out OpenedObject? opened));
        Assert.Equal("the launch is on friday", opened!.Body.Text);
        Assert.Equal(MessageRefusal.NoRoot, ObjectSeal.Open(mesh.Log.State, none, frame, 0, body, out _));
        Assert.DoesNotContain("friday", Encoding.Latin1.GetString(stored.Ciphertext), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_encryption_is_required_1_x_clients_keep_nothing_in_clear()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using LegacyPeer old = await mesh.JoinLegacyAsync("old", "claude-code");

        await old.Socket.SendAsync(new SetState("k", JsonDocument.Parse("1").RootElement), "s");
        JsonObject state = await old.Socket.NextAsync("error");
        JsonObject memory = await old.Socket.AskAsync(new Remember("text"));
        JsonObject context = await old.Socket.AskAsync(new ShareContext("text"));

        Assert.Equal(("encryption_required", "s"), (state.Code(), (string?)state["_reqId"]));
        Assert.Equal(("encryption_required", "encryption_required"), (memory.Code(), context.Code()));
        Assert.Equal("ack", (string?)(await old.Socket.AskAsync(new Forget("nothing")))["type"]);
    }

    [Fact]
    public async Task Where_a_mixed_workspace_still_has_1_x_clients_they_keep_their_own_in_clear()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Mixed);
        await using LegacyPeer old = await mesh.JoinLegacyAsync("old", "claude-code");

        Assert.Null((await old.Socket.AskAsync(new Remember("text"))).Code());
        Assert.Single((await old.Socket.AskAsync(new Recall("text")))["memories"]!.AsArray());
    }

    private static ObjectPut Seal(TestPeer peer, RootKey root, string name, string text = "text")
    {
        ObjectHeader header = new(ObjectKind.State, peer.Member.Mesh.Id, name, 1, peer.Member.Key.Public, peer.Member.Mesh.Log.Now, root.Epoch, root.Id);
        SealedMessage body = ObjectSeal.Seal(peer.Member.Key, root, header, new MessageBody("text", text));
        return new ObjectPut(ObjectKind.State, name, 1, body.Header, body.Nonce, body.Ciphertext, 0);
    }
}
