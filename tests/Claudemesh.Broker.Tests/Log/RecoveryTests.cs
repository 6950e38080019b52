using System.Text.Json.Nodes;
using Claudemesh.Broker.Log;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Tests.Log;

public sealed class RecoveryTests
{
    [Fact]
    public async Task A_broker_restored_from_an_old_backup_takes_the_missing_records_again_from_any_member()
    {
        Assert.SkipWhen(TestPostgres.IsEverywhere, "the backup is a copy of the file");
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestMember bob = await mesh.AddMemberAsync("bob");
        string file = Path.Combine(mesh.Broker.DataFolder, "broker.db");
        await StopAsync(mesh);
        File.Copy(file, file + ".backup");
        await mesh.Broker.StartAgainAsync();
        TestMember cid = await mesh.AddMemberAsync("cid");
        await mesh.Log.RemoveAsync((await mesh.AddMemberAsync("dan")).Key.Public);
        long seqThen = mesh.Log.State.Head.Seq;
        await StopAsync(mesh);
        File.Copy(file + ".backup", file, overwrite: true);
        File.Delete(file + "-wal");
        await mesh.Broker.StartAgainAsync();

        await using TestPeer peer = await bob.ConnectAsync();
        LogPage page = await Frames.ReadLogAsync(peer.Socket);
        Assert.Equal(LogDistance.OtherIsBehind, mesh.Log.Held.Compare(new LogHead(page.Seq, page.Hash, 0)));
        JsonObject answer = await Frames.AppendAsync(peer.Socket, new LogAppend("mesh", [.. mesh.Log.Held.After(page.Seq)]));

        Assert.Equal(seqThen, (long)answer["seq"]!);
        await using TestPeer back = await cid.ConnectAsync();
        Assert.Equal(["bob", "cid", "owner"], (await Frames.ListMembersAsync(back.Socket)).Select(member => member.DisplayName.Value).Order(StringComparer.Ordinal));
        Assert.Equal([cid.Key.Public], (await Frames.GetCopiesAsync(back.Socket)).Missing.Intersect([cid.Key.Public]));
    }

    [Fact]
    public async Task A_log_that_went_on_behind_the_brokers_back_is_read_anew_and_refuses_what_does_not_follow()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        Workspace workspace = await ScopeFixture.OpenAsync(mesh);
        using MemberSecretKey key = MemberSecretKey.Generate();
        LogDraft hidden = mesh.Log.Draft(new LogBody.Policy(EncryptionRequired: false, TopicId: null, PlainIn: false));
        LogDraft late = mesh.Log.Draft(new LogBody.Admit(RandomBytes.NextId(), key.Public, LogRole.Member, MemberKind.Person));
        await mesh.Broker.Services.GetRequiredService<Database>().WriteAsync(
            write => LogStore.TryAppend(write, workspace.Row.No, "mesh", hidden.Records), CancellationToken.None);

        Assert.Equal("log_moved", (string?)(await Frames.AppendAsync(bob.Socket, late))["code"]);
        await mesh.Log.ReadOnAsync();
        Assert.Equal(hidden.State.Head.Hash, mesh.Log.State.Head.Hash);
        await mesh.Log.AdmitAsync(RandomBytes.NextId(), key.Public);
        Assert.Null((string?)(await bob.SendAsync("*", "plain now"))["code"]);
    }

    [Fact]
    public async Task A_broker_that_stops_in_the_middle_of_appends_has_each_of_them_whole_or_not_at_all()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestSocket owner = await mesh.OwnerSocketAsync();
        LogDraft draft = mesh.Log.Draft();
        for (int i = 0; i < 40; i++)
            draft.Add(new LogBody.Admit(RandomBytes.NextId(), MemberSecretKey.Generate().Public, LogRole.Member, MemberKind.Person));
        SignedRecord[][] pairs = [.. draft.Records.Select(record => record.Signed).Chunk(2)];

        // All are on their way; the answer to the first says that the broker is at them.
        foreach (SignedRecord[] pair in pairs)
            await owner.SendAsync(new LogAppend("mesh", pair), "append");
        await owner.NextAsync("log_appended");
        await mesh.Broker.StopAsync();
        await mesh.CloseOwnerAsync();
        await mesh.Broker.StartAgainAsync();

        LogPage page = await Frames.ReadLogAsync(await mesh.OwnerSocketAsync());
        Assert.Equal(0, page.Seq % 2);
        HeldLog read = new(mesh.Id, "mesh", mesh.Log.State.Pin);
        Assert.Equal(LogReading.Extended, read.Read(page.Records));
        Assert.Equal(read.State.Members.Count, (await Frames.ListMembersAsync(await mesh.OwnerSocketAsync())).Length);
        SignedRecord[] rest = [.. draft.Records.Select(record => record.Signed).Skip((int)page.Seq - 2)];
        if (rest.Length > 0)
            Assert.Equal("log_appended", (string?)(await Frames.AppendAsync(await mesh.OwnerSocketAsync(), new LogAppend("mesh", rest)))["type"]);
        Assert.Equal(41, (await Frames.ListMembersAsync(await mesh.OwnerSocketAsync())).Length);
    }

    [Fact]
    public async Task Making_a_workspace_again_because_the_answer_was_lost_answers_as_before_and_another_log_is_refused()
    {
        MemberSecretKey key = MemberSecretKey.Generate();
        string id = RandomBytes.NextId();
        await using TestMesh mesh = await TestMesh.StartAsync(ownerKey: key, id: id, log: LogKind.Required);

        InvalidOperationException other = await Assert.ThrowsAsync<InvalidOperationException>(
            () => TestMesh.StartAsync(broker: mesh.Broker, ownerKey: key, id: id, log: LogKind.Required));
        await using TestMesh same = await TestMesh.StartAsync(broker: mesh.Broker, ownerKey: key, id: id);

        Assert.Contains("mesh_id_taken", other.Message, StringComparison.Ordinal);
        Assert.Equal(mesh.OwnerId, same.OwnerId);
    }

    private static async Task StopAsync(TestMesh mesh)
    {
        await mesh.CloseOwnerAsync();
        await mesh.Broker.StopAsync();
    }
}
