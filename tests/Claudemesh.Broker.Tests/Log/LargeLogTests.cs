using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Log;

public sealed class LargeLogTests
{
    private const int Members = 5_000;
    private const int AdmittedAtOnce = 160;

    [Fact]
    public async Task A_workspace_of_five_thousand_members_rotates_and_each_of_them_gets_his_copy()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestSocket owner = await mesh.OwnerSocketAsync();
        using MemberSecretKey last = MemberSecretKey.Generate();
        await AdmitAsync(mesh, last);
        Assert.Equal(Members, mesh.Log.State.Members.Count);

        LogDraft draft = mesh.Log.Draft();
        Assert.Equal(LogRefusal.None, Rotation.Draft(draft, mesh.Log.Root, "all of them", out RootKey? root));
        EpochCopy[] copies = [.. Rotation.SealCopies(draft.State, root!, draft.At).Select(copy => new EpochCopy(root!.Epoch, copy.Recipient, copy.Copy))];
        EpochCopy[][] parts = [.. copies.Chunk(1_000)];
        await mesh.Log.AppendAsync(draft, parts[0]);
        Assert.Equal(Members - 1_000, (await Frames.GetCopiesAsync(owner)).Missing.Length + 3_000);
        foreach (EpochCopy[] part in parts[1..])
            Assert.Equal(1_000, (await Frames.AskAsync<CopiesStored>(owner, new CopiesPut("mesh", part))).Stored);

        await using TestPeer peer = await new TestMember(mesh, last, "last", "").ConnectAsync();
        CopiesResult got = await Frames.GetCopiesAsync(peer.Socket);
        Assert.Empty(got.Missing);
        using RootHistory roots = new();
        Assert.True(roots.TryOpen(mesh.Log.State, 2, last.Key, got.Copies[0].Copy));
        Assert.Equal(mesh.Log.State.Head.Hash, (await ReadAllAsync(mesh, peer.Socket)).State.Head.Hash);

        await mesh.CloseOwnerAsync();
        await mesh.Broker.RestartAsync();
        await using TestPeer again = await new TestMember(mesh, last, "last", "").ConnectAsync();
        Assert.Null((string?)(await again.SendSharedAsync(TargetSpec.TryParse("*", out TargetSpec? all) ? all : throw new InvalidOperationException(), "hi"))["code"]);
    }

    private static async Task AdmitAsync(TestMesh mesh, MemberSecretKey last)
    {
        IEnumerable<PublicKey> keys = Enumerable.Range(0, Members - 2).Select(_ => MemberSecretKey.Generate().Public).Append(last.Public);
        foreach (PublicKey[] some in keys.Chunk(AdmittedAtOnce))
        {
            LogDraft draft = mesh.Log.Draft();
            foreach (PublicKey key in some)
                Assert.Equal(LogRefusal.None, draft.Add(new LogBody.Admit(RandomBytes.NextId(), key, LogRole.Member, MemberKind.Person)));
            await mesh.Log.AppendAsync(draft);
        }
    }

    private static async Task<HeldLog> ReadAllAsync(TestMesh mesh, TestSocket socket)
    {
        HeldLog held = new(mesh.Id, "mesh", mesh.Log.State.Pin);
        LogPage page;
        do
        {
            page = await Frames.ReadLogAsync(socket, held.State.Head.Seq);
            Assert.InRange(page.Records.Length, 1, LogAppend.RecordsMax);
            Assert.Equal(LogReading.Extended, held.Read(page.Records));
        }
        while (held.State.Head.Seq < page.Seq);

        return held;
    }
}
