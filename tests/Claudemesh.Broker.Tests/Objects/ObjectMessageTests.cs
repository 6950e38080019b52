using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Objects;

/// <summary>Sealed objects: who may write what over what, and how others learn of it.</summary>
public sealed class ObjectMessageTests
{
    [Fact]
    public async Task An_object_is_stored_told_and_given_as_it_was_written()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        ObjectPut put = alice.Put("deploy", 1, "first", after: 0);

        JsonObject stored = await alice.AskAsync(put);
        SealedObject told = await bob.NextChangeAsync();
        JsonObject got = await bob.AskAsync(new ObjectGet(ObjectKind.State, "deploy"));

        Assert.Equal((1, 1), ((long)stored["revision"]!, (long)stored["change"]!));
        Assert.Equal("first", told.Text());
        Assert.Equal(put.Header, told.Header);
        Assert.Equal(("alice", false, false), (told.WrittenBy, told.Plain, told.Deleted));
        SealedObject again = JsonSerializer.Deserialize(got.ToJsonString(), ProtocolJson.Default.ObjectResult)!.Object!;
        Assert.Equal((told.Text(), told.Revision, told.Change, told.WrittenAt), (again.Text(), again.Revision, again.Change, again.WrittenAt));
        Assert.Equal(told.Header, again.Header);
        Assert.Equal(told.Nonce, again.Nonce);
        Assert.Equal("first", (await alice.NextChangeAsync()).Text());
    }

    [Fact]
    public async Task A_revision_that_is_not_above_the_stored_one_or_follows_another_is_refused_and_changes_nothing()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        Assert.Null(await alice.PutAsync(alice.Put("k", 5, "five")));

        Assert.Equal("revision_conflict", await alice.PutAsync(alice.Put("k", 5, "other")));
        Assert.Equal("revision_conflict", await alice.PutAsync(alice.Put("k", 4, "older")));
        Assert.Equal("revision_conflict", await alice.PutAsync(alice.Put("k", 6, "blind", after: 0)));
        Assert.Equal("revision_conflict", await alice.PutAsync(alice.Put("k", 6, "behind", after: 4)));
        Assert.Equal("revision_conflict", await alice.PutAsync(alice.Put("new", 6, "of nothing", after: 5)));
        Assert.Null(await alice.PutAsync(alice.Put("k", 6, "six", after: 5)));

        Assert.Equal(["six"], (await alice.ListAsync()).Objects.Select(one => one.Text()));
    }

    [Fact]
    public async Task Of_many_who_write_after_the_same_revision_exactly_one_succeeds()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestPeer[] writers = await JoinAsync(mesh, 6);

        string?[] codes = await Task.WhenAll(writers.Select((writer, i) => writer.PutAsync(writer.Put("k", 1, "by " + i, after: 0))));

        Assert.Single(codes, code => code is null);
        Assert.Equal(5, codes.Count(code => code == "revision_conflict"));
        foreach (TestPeer writer in writers)
            await writer.DisposeAsync();
    }

    [Fact]
    [Trait("cli", "7 ids: a write that is done twice")]
    public async Task The_same_write_again_is_answered_as_before_and_told_to_nobody()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        ObjectPut put = alice.Put("k", 1, "once", after: 0);

        JsonObject first = await alice.AskAsync(put);
        JsonObject second = await alice.AskAsync(put);

        Assert.Equal((long)first["change"]!, (long)second["change"]!);
        Assert.Single(await alice.Socket.AllUntilAnsweredAsync("object_changed"));
    }

    [Fact]
    public async Task A_header_that_says_something_else_than_its_frame_or_its_sender_is_refused()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");

        Assert.Equal("invalid_args", await alice.PutAsync(alice.Put("k", 1, spoil: header => header with { Name = "other" })));
        Assert.Equal("invalid_args", await alice.PutAsync(alice.Put("k", 1, spoil: header => header with { Revision = 2 })));
        Assert.Equal("invalid_args", await alice.PutAsync(alice.Put("k", 1, spoil: header => header with { Kind = ObjectKind.Memory })));
        Assert.Equal("invalid_args", await alice.PutAsync(alice.Put("k", 1, spoil: header => header with { MeshId = "elsewhere" })));
        Assert.Equal("invalid_args", await alice.PutAsync(alice.Put("k", 1, spoil: header => header with { Author = bob.Member.Key.Public })));
        Assert.Equal("invalid_args", await alice.PutAsync(alice.Put("k", 1) with { Header = [1, 2, 3] }));
        Assert.Equal("invalid_args", await alice.PutAsync(alice.Put("k", 1) with { Name = "a\0b" }));
        Assert.Equal("payload_too_large", await alice.PutAsync(alice.Put("k", 1, new string('x', ObjectPut.BodyBytesMax + 1))));
        Assert.Empty((await alice.ListAsync()).Objects);
    }

    [Fact]
    public async Task Who_was_away_lists_each_name_once_as_it_is_now_also_what_was_deleted()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await alice.PutAsync(alice.Put("a", 1, "a1"));
        long seen = (await alice.ListAsync()).Change;
        await alice.PutAsync(alice.Put("b", 1, "b1"));
        await alice.PutAsync(alice.Put("a", 2, "a2"));
        await alice.PutAsync(alice.Put("b", 2, "gone", deleted: true));
        await mesh.Broker.RestartAsync();

        await using TestPeer again = await alice.Member.ConnectAsync("later");
        (List<SealedObject> objects, long change, _) = await again.ListAsync(seen);

        Assert.Equal([("a", "a2", false), ("b", "gone", true)], objects.Select(one => (one.Name, one.Text(), one.Deleted)));
        Assert.Equal(4, change);
        Assert.Empty((await again.ListAsync(change)).Objects);
        Assert.Null(await again.PutAsync(again.Put("b", 3, "back", after: 0)));
    }

    [Fact]
    public async Task Pages_end_at_their_count_and_before_they_are_larger_than_a_frame_and_skip_nothing()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        for (int i = 0; i < 5; i++)
            await alice.PutAsync(alice.Put("k" + i, 1, new string((char)('a' + i), 200 * 1024), kind: i % 2 == 0 ? ObjectKind.State : ObjectKind.Memory));

        (List<SealedObject> byBytes, _, int pagesByBytes) = await alice.ListAsync();
        (List<SealedObject> byCount, _, int pagesByCount) = await alice.ListAsync(count: 2);
        (List<SealedObject> states, long change, _) = await alice.ListAsync(count: 1, kind: ObjectKind.State);

        Assert.Equal(["k0", "k1", "k2", "k3", "k4"], byBytes.Select(one => one.Name));
        Assert.Equal(["k0", "k1", "k2", "k3", "k4"], byCount.Select(one => one.Name));
        Assert.Equal((3, 3), (pagesByBytes, pagesByCount));
        Assert.Equal(["k0", "k2", "k4"], states.Select(one => one.Name));
        Assert.Equal(5, change);
    }

    [Fact]
    public async Task Changes_are_told_in_the_order_of_their_numbers_however_many_write_at_once()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer reader = await mesh.JoinAsync("reader");
        TestPeer[] writers = await JoinAsync(mesh, 4);

        await Task.WhenAll(writers.Select(async (writer, w) =>
        {
            for (int i = 0; i < 25; i++)
                await writer.PutAsync(writer.Put($"{w}-{i}", 1));
        }));
        List<long> told = [];
        for (int i = 0; i < 100; i++)
            told.Add((await reader.NextChangeAsync()).Change);

        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), told);
        foreach (TestPeer writer in writers)
            await writer.DisposeAsync();
    }

    [Fact]
    public async Task A_connection_that_did_not_ask_for_them_is_told_of_no_objects()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember member = await mesh.AddMemberAsync("alice");
        await using TestPeer alice = await member.ConnectAsync();
        await using TestPeer quiet = await member.ConnectAsync("quiet", receipts: false);
        await using LegacyPeer old = await mesh.JoinLegacyAsync("old");

        await alice.PutAsync(alice.Put("k", 1));
        await alice.NextChangeAsync();

        Assert.Empty(await quiet.Socket.AllUntilAnsweredAsync("object_changed"));
        Assert.Empty(await old.Socket.AllUntilAnsweredAsync("object_changed"));
        Assert.Empty(await old.Socket.AllUntilAnsweredAsync("state_change"));
    }

    [Fact]
    public async Task A_workspace_that_keeps_as_much_as_it_may_says_so_and_takes_more_once_some_is_deleted()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(
            change: settings => settings with { Limits = new BrokerLimits { Objects = 2, ObjectBytes = 4096 } });
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await alice.PutAsync(alice.Put("a", 1));
        await alice.PutAsync(alice.Put("b", 1));

        Assert.Equal("object_quota", await alice.PutAsync(alice.Put("c", 1)));
        Assert.Null(await alice.PutAsync(alice.Put("c", 1, kind: ObjectKind.Memory)));
        Assert.Null(await alice.PutAsync(alice.Put("a", 2, "", deleted: true)));
        Assert.Null(await alice.PutAsync(alice.Put("c", 1)));
        Assert.Equal("object_quota", await alice.PutAsync(alice.Put("c", 2, new string('x', 5000))));
        Assert.Null(await alice.PutAsync(alice.Put("c", 2, "smaller")));
    }

    [Fact]
    public async Task Names_without_a_value_are_bounded_too()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(change: settings => settings with { Limits = new BrokerLimits { Objects = 1 } });
        await using TestPeer alice = await mesh.JoinAsync("alice");

        List<string?> codes = [];
        for (int i = 0; i < 5; i++)
        {
            codes.Add(await alice.PutAsync(alice.Put("k" + i, 1)));
            await alice.PutAsync(alice.Put("k" + i, 2, "", deleted: true));
        }

        Assert.Equal([null, null, null, null, "object_quota"], codes);
    }

    [Fact]
    public async Task A_removed_member_neither_reads_nor_writes_objects()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await bob.PutAsync(bob.Put("k", 1));

        await owner.AskAsync(new Ban("bob"));
        await bob.Socket.ClosedAsync();

        Assert.Equal("k", Assert.Single((await owner.ListAsync()).Objects).Name);
    }

    [Fact]
    public async Task Workspaces_do_not_see_each_others_objects()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestMesh other = await TestMesh.StartAsync(broker: mesh.Broker);
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer eve = await other.JoinAsync("eve");
        await alice.PutAsync(alice.Put("k", 1));

        Assert.Empty((await eve.ListAsync()).Objects);
        Assert.Null((await eve.AskAsync(new ObjectGet(ObjectKind.State, "k")))["object"]);
    }

    private static async Task<TestPeer[]> JoinAsync(TestMesh mesh, int count)
    {
        List<TestPeer> joined = [];
        for (int i = 0; i < count; i++)
            joined.Add(await mesh.JoinAsync("writer" + i));

        return [.. joined];
    }
}
