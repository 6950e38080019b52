using System.Text.Json.Nodes;
using Claudemesh.Broker.Log;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Log;

public sealed class BodyRuleTests
{
    public static TheoryData<string> Shared => ["*", "@backend", "tag:repo:billing"];

    [Theory]
    [MemberData(nameof(Shared))]
    public async Task A_body_under_the_present_root_is_taken(string target)
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");

        Assert.Null((string?)(await bob.SendSharedAsync(To(target), "hi"))["code"]);
    }

    [Theory]
    [MemberData(nameof(Shared))]
    [Trait("wire", "7.3 #9")]
    public async Task A_body_that_the_broker_could_read_is_refused_where_encryption_is_required(string target)
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer cid = await mesh.JoinAsync("cid");

        JsonObject ack = await bob.SendAsync(target, "in clear");

        Assert.Equal(("encryption_required", false), ((string?)ack["code"], (bool)ack["queued"]!));
        await bob.SendSharedAsync(To("*"), "sealed");
        Assert.Equal("sealed", (await cid.NextMessageAsync()).Text);
    }

    [Fact]
    public async Task A_direct_message_to_a_1x_client_is_asked_nothing()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Mixed);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using LegacyPeer old = await mesh.JoinLegacyAsync("old");

        await bob.SendAsync(old.Key, "crypto_box");

        Assert.Equal("crypto_box", (await old.NextMessageAsync()).Text);
    }

    [Fact]
    public async Task A_mixed_workspace_and_one_without_a_log_take_plain_bodies()
    {
        await using TestMesh mixed = await TestMesh.StartAsync(log: LogKind.Mixed);
        await using TestMesh none = await TestMesh.StartAsync();
        await using TestPeer bob = await mixed.JoinAsync("bob");
        await using TestPeer ann = await none.JoinAsync("ann");

        Assert.Null((string?)(await bob.SendAsync("*", "plain"))["code"]);
        Assert.Null((string?)(await ann.SendAsync("*", "plain"))["code"]);
    }

    [Theory]
    [InlineData("the epoch before")]
    [InlineData("another root")]
    [InlineData("another scope")]
    [InlineData("an epoch to come")]
    public async Task A_body_under_another_root_is_refused_until_it_is_sealed_again(string which)
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer cid = await mesh.JoinAsync("cid");
        RootReference old = mesh.Log.Root.Reference;
        await mesh.Log.RotateAsync();
        RootReference current = mesh.Log.Root.Reference;

        RootReference named = which switch
        {
            "the epoch before" => old,
            "another root" => current with { RootId = old.RootId },
            "another scope" => current with { Scope = "topic/t1" },
            _ => current with { Epoch = current.Epoch + 1 },
        };
        JsonObject refused = await bob.SendSharedAsync(To("*"), "one", named, clientId: "m1");
        JsonObject taken = await bob.SendSharedAsync(To("*"), "one", current, clientId: "m1");

        Assert.Equal("stale_epoch", (string?)refused["code"]);
        Assert.Null((string?)taken["code"]);
        Assert.Equal("one", (await cid.NextMessageAsync()).Text);
    }

    [Fact]
    [Trait("wire", "7.3 #9")]
    public async Task After_a_removal_nothing_is_taken_until_somebody_has_rotated()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        TestMember cid = await mesh.AddMemberAsync("cid");
        await mesh.Log.AppendAsync(new LogBody.Remove(cid.Key.Public, "away"));

        JsonObject refused = await bob.SendSharedAsync(To("*"), "one", clientId: "m1");
        LogDraft byBob = mesh.Log.Draft(bob.Member.Key);
        await mesh.Log.RotateAsync(byBob, socket: bob.Socket);
        JsonObject taken = await bob.SendSharedAsync(To("*"), "one", clientId: "m1");

        Assert.Equal("stale_epoch", (string?)refused["code"]);
        Assert.Null((string?)taken["code"]);
    }

    [Fact]
    public async Task Nothing_overtakes_what_must_be_sealed_again_but_what_is_for_others_goes_on()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer cid = await mesh.JoinAsync("cid");
        RootReference old = mesh.Log.Root.Reference;
        await mesh.Log.RotateAsync();

        Assert.Equal("stale_epoch", (string?)(await bob.SendSharedAsync(To("*"), "one", old, clientId: "m1"))["code"]);
        Assert.Equal("stale_epoch", (string?)(await bob.SendSharedAsync(To("*"), "two", clientId: "m2"))["code"]);
        Assert.Null((string?)(await bob.SendAsync(cid.Key, "direct"))["code"]);
        Assert.Null((string?)(await bob.SendSharedAsync(To("*"), "one", clientId: "m1"))["code"]);
        Assert.Null((string?)(await bob.SendSharedAsync(To("*"), "two", clientId: "m2"))["code"]);

        Assert.Equal(["direct", "one", "two"], [(await cid.NextMessageAsync()).Text, (await cid.NextMessageAsync()).Text, (await cid.NextMessageAsync()).Text]);
    }

    [Fact]
    public async Task A_header_that_is_none_is_refused_like_one_of_another_root()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");

        await bob.Socket.SendAsync(new Send("*", new byte[24], new byte[64], "x", BodyVersion: 3, Header: [0, 0, 0, 1, 1]));

        Assert.Equal("stale_epoch", (string?)(await bob.Socket.NextAsync("ack"))["code"]);
    }

    [Fact]
    public void A_header_is_judged_without_allocating_and_to_its_last_byte()
    {
        using MemberSecretKey owner = MemberSecretKey.Generate();
        LogDraft draft = new(Membership.Empty("mesh1", "mesh"), owner, 1_000);
        draft.Add(new LogBody.Genesis(default, EncryptionRequired: true, "member1"));
        Rotation.Draft(draft, old: null, "", out RootKey? root);
        ScopeState state = new(draft.State);
        byte[] header = SignedBytes.Of(new MessageHeader(
            "mesh1", To("*"), owner.Public, null, "m1", 1_000, null, Priority.Next, "", root!.Reference));

        Assert.True(state.Takes(header));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
            state.Takes(header);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        Assert.False(state.Takes([.. header, 0]));
        for (int cut = 0; cut < header.Length; cut++)
            Assert.False(state.Takes(header.AsSpan(0, cut)));
    }

    [Fact]
    public async Task A_topics_policy_lets_plain_bodies_into_it_alone()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await mesh.Log.AppendAsync(new LogBody.Policy(EncryptionRequired: true, "ci", PlainIn: true));
        ScopeLogs logs = (await ScopeFixture.OpenAsync(mesh)).Logs;
        Send plain = new("#ci", [], [1], BodyVersion: 1);

        Assert.Null(BodyRules.Check(logs, logs.Mesh, "ci", plain));
        Assert.Equal(MeshError.EncryptionRequired, BodyRules.Check(logs, logs.Mesh, "other", plain));
        Assert.Equal(MeshError.EncryptionRequired, BodyRules.Check(logs, plain));
    }

    [Fact]
    public async Task A_topic_whose_member_the_workspace_has_lost_takes_nothing_until_it_has_rotated()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestMember cid = await mesh.AddMemberAsync("cid");
        LogDraft topic = new(Membership.Empty(mesh.Id, "topic/t1"), mesh.OwnerKey, mesh.Log.Now, mesh.Log.State);
        topic.Add(new LogBody.Genesis(default, EncryptionRequired: true, mesh.OwnerId));
        topic.Add(new LogBody.Admit(cid.Id, cid.Key.Public, LogRole.Member, MemberKind.Person));
        Rotation.Draft(topic, old: null, "", out RootKey? root);
        await ScopeFixture.AppendAsync(mesh, topic);
        ScopeLogs logs = (await ScopeFixture.OpenAsync(mesh)).Logs;
        byte[] header = SignedBytes.Of(new MessageHeader(
            mesh.Id, To("#t1"), mesh.OwnerKey.Public, null, "m1", mesh.Log.Now, null, Priority.Next, "", root!.Reference));
        Send send = new("#t1", new byte[24], new byte[64], BodyVersion: 3, Header: header);
        Assert.Null(BodyRules.Check(logs, logs.Find("topic/t1")!, "t1", send));

        await mesh.Log.RemoveAsync(cid.Key.Public);

        Assert.Equal(MeshError.StaleEpoch, BodyRules.Check(logs, logs.Find("topic/t1")!, "t1", send));
    }

    private static TargetSpec To(string text) => TargetSpec.TryParse(text, out TargetSpec? target) ? target : throw new ArgumentException(text, nameof(text));
}
