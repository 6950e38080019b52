using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Log;

public sealed class CopyTests
{
    [Fact]
    public async Task Who_has_no_copy_is_told_of_to_the_others_and_any_of_them_seals_one()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using MemberSecretKey key = MemberSecretKey.Generate();
        string id = RandomBytes.NextId();
        await mesh.Log.AppendAsync(new LogBody.Admit(id, key.Public, LogRole.Member, MemberKind.Person));
        await using TestPeer cid = await new TestMember(mesh, key, "cid", id).ConnectAsync();

        CopiesResult before = await Frames.GetCopiesAsync(cid.Socket);
        JsonObject wanted = await bob.Socket.NextAsync("copies_wanted");
        await Frames.AskAsync<CopiesStored>(bob.Socket, new CopiesPut("mesh", [mesh.Log.CopyFor(key.Public)]));
        JsonObject given = await cid.Socket.NextAsync("copies_given");
        CopiesResult after = await Frames.GetCopiesAsync(cid.Socket);

        Assert.Empty(before.Copies);
        Assert.Equal([key.Public], before.Missing);
        Assert.Equal(key.Public.ToString(), (string?)wanted["recipients"]![0]);
        Assert.Single(after.Copies);
        Assert.Empty(after.Missing);
        Assert.Empty(await cid.Socket.AllUntilAnsweredAsync("copies_wanted"));
        Assert.Equal(("mesh", 1L), ((string?)given["scope"], (long)given["epoch"]!));
        Assert.Empty(await bob.Socket.AllUntilAnsweredAsync("copies_given"));
    }

    [Fact]
    public async Task Asking_again_at_once_does_not_tell_the_others_again()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using MemberSecretKey key = MemberSecretKey.Generate();
        string id = RandomBytes.NextId();
        await mesh.Log.AppendAsync(new LogBody.Admit(id, key.Public, LogRole.Member, MemberKind.Person));
        await using TestPeer cid = await new TestMember(mesh, key, "cid", id).ConnectAsync();

        for (int i = 0; i < 5; i++)
            await Frames.GetCopiesAsync(cid.Socket);

        Assert.Single(await bob.Socket.AllUntilAnsweredAsync("copies_wanted"));
    }

    [Theory]
    [InlineData("an epoch to come")]
    [InlineData("somebody else")]
    [InlineData("twice")]
    public async Task Copies_that_the_log_knows_nothing_of_are_refused(string how)
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using MemberSecretKey stranger = MemberSecretKey.Generate();
        EpochCopy good = mesh.Log.CopyFor(bob.Member.Key.Public);

        EpochCopy[] copies = how switch
        {
            "an epoch to come" => [good with { Epoch = 2 }],
            "somebody else" => [mesh.Log.CopyFor(stranger.Public)],
            _ => [good, good],
        };

        Assert.Equal("bad_copy", (string?)(await Frames.AskAsync(bob.Socket, new CopiesPut("mesh", copies)))["code"]);
    }

    [Fact]
    public async Task Copies_of_ones_former_keys_are_given_and_those_of_others_are_not()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestMember bob = await mesh.AddMemberAsync("bob");
        using MemberSecretKey renewed = MemberSecretKey.Generate();
        LogDraft draft = mesh.Log.Draft(bob.Key);
        draft.AddKeyChange(renewed, compromised: false);
        await mesh.Log.AppendAsync(draft);
        await using TestPeer peer = await new TestMember(mesh, renewed, "bob", bob.Id).ConnectAsync();

        CopiesResult own = await Frames.AskAsync<CopiesResult>(peer.Socket, new CopiesGet("mesh", [bob.Key.Public]));
        JsonObject foreign = await Frames.AskAsync(peer.Socket, new CopiesGet("mesh", [mesh.OwnerKey.Public]));

        Assert.Equal(bob.Key.Public, Assert.Single(own.Copies).Recipient);
        Assert.Equal("forbidden", (string?)foreign["code"]);
    }
}
