using System.Text;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Objects;

/// <summary>Objects as a client puts them. What is in them is for nobody: the broker does not open it.</summary>
internal static class TestObjects
{
    public static ObjectPut Put(
        this TestPeer peer, string name, long revision, string sealedText = "sealed", long? after = null, bool? deleted = null, ObjectKind kind = ObjectKind.State,
        Func<ObjectHeader, ObjectHeader>? spoil = null)
    {
        ObjectHeader header = new(kind, peer.Member.Mesh.Id, name, revision, peer.Member.Key.Public, 1_700_000_000_000, 1, new Digest(new byte[32]));
        return new ObjectPut(
            kind, name, revision, SignedBytes.Of(spoil?.Invoke(header) ?? header), RandomBytes.Next(24), Encoding.UTF8.GetBytes(sealedText), after, deleted);
    }

    public static async Task<string?> PutAsync(this TestPeer peer, ObjectPut put) => (await peer.AskAsync(put)).Code();

    /// <summary>Everything after a change, page by page.</summary>
    public static async Task<(List<SealedObject> Objects, long Change, int Pages)> ListAsync(this TestPeer peer, long after = 0, int? count = null, ObjectKind? kind = null)
    {
        List<SealedObject> all = [];
        for (int pages = 1; ; pages++)
        {
            ObjectPage page = System.Text.Json.JsonSerializer.Deserialize(
                (await peer.AskAsync(new ObjectList(kind, after, count))).ToJsonString(), ProtocolJson.Default.ObjectPage)!;
            all.AddRange(page.Objects);
            after = page.Change;
            if (!page.More)
                return (all, after, pages);
        }
    }

    public static async Task<SealedObject> NextChangeAsync(this TestPeer peer) => System.Text.Json.JsonSerializer.Deserialize(
        (await peer.Socket.NextAsync("object_changed")).ToJsonString(), ProtocolJson.Default.ObjectChanged)!.Object;

    public static string Text(this SealedObject one) => Encoding.UTF8.GetString(one.Ciphertext);
}
