using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Rest;
using Claudemesh.Broker.Tests.Topics;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.TopicKeys;

/// <summary>A topic's 1.x key over a socket: what a daemon brings of it, and what it is told.</summary>
public sealed class TopicKeyOfferTests
{
    [Fact]
    public async Task Who_comes_first_gives_the_key_and_seals_it_and_who_comes_later_is_told_whose_it_is()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        string general = await alice.Socket.GeneralAsync();

        JsonObject nothing = await alice.Socket.AskAsync(new TopicKeyOffer(general));
        Assert.Null(nothing["pubkey"]);
        Assert.Contains(bob.Member.Id, Pending(nothing));
        Assert.Contains(alice.Member.Id, Pending(nothing));

        JsonObject given = await alice.Socket.AskAsync(new TopicKeyOffer(general, Claim(alice, 1), [Copy(bob, 2)]));
        Assert.Equal((alice.Member.Key.Public.ToString(), Text(1)), ((string?)given["pubkey"], (string?)given["encryptedKey"]));
        Assert.DoesNotContain(bob.Member.Id, Pending(given));

        JsonObject later = await bob.Socket.AskAsync(new TopicKeyOffer(general, Claim(bob, 66), [Copy(alice, 67)]));
        Assert.Equal((alice.Member.Key.Public.ToString(), Text(2)), ((string?)later["pubkey"], (string?)later["encryptedKey"]));
        Assert.Equal(Text(1), (string?)(await alice.Socket.AskAsync(new TopicKeyOffer(general)))["encryptedKey"]);
    }

    [Fact]
    [Trait("rest", "7.1 A13")]
    public async Task Copies_of_who_holds_no_key_are_not_kept()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer carol = await mesh.JoinAsync("carol");
        string general = await alice.Socket.GeneralAsync();
        await alice.Socket.AskAsync(new TopicKeyOffer(general, Claim(alice, 1)));

        JsonObject state = await bob.Socket.AskAsync(new TopicKeyOffer(general, Copies: [Copy(bob, 3), Copy(carol, 4)]));

        Assert.Null(state["encryptedKey"]);
        Assert.Contains(carol.Member.Id, Pending(state));
        Assert.Null((await carol.Socket.AskAsync(new TopicKeyOffer(general)))["encryptedKey"]);
    }

    [Fact]
    public async Task A_copy_for_who_is_not_in_the_topic_is_not_kept_and_he_may_not_ask()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        string ops = await alice.Socket.CreateTopicAsync("ops");

        JsonObject state = await alice.Socket.AskAsync(new TopicKeyOffer(ops, Claim(alice, 1), [Copy(bob, 2)]));
        Assert.Empty(Pending(state));
        Assert.Equal("not_in_topic", (string?)(await bob.Socket.AskAsync(new TopicKeyOffer(ops)))["code"]);
        await bob.Socket.TellAsync(new TopicJoin(ops));
        Assert.Null((await bob.Socket.AskAsync(new TopicKeyOffer(ops)))["encryptedKey"]);
        Assert.Equal("topic_not_found", (string?)(await bob.Socket.AskAsync(new TopicKeyOffer("nowhere")))["code"]);
    }

    [Fact]
    public async Task A_topic_whose_keys_come_from_the_log_alone_has_none()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer alice = await mesh.JoinAsync("alice");
        Assert.Equal("topic_key_in_log", (string?)(await alice.Socket.AskAsync(new TopicKeyOffer(await alice.Socket.GeneralAsync(), Claim(alice, 1))))["code"]);
    }

    [Fact]
    public async Task What_is_no_copy_or_too_many_is_refused_before_any_is_taken()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        string general = await alice.Socket.GeneralAsync();
        SealTopicKey copy = Copy(alice, 1);
        foreach (TopicKeyOffer offer in new[]
        {
            new TopicKeyOffer(general, Claim(alice, 1) with { EncryptedKey = new byte[79] }),
            new TopicKeyOffer(general, Claim(alice, 1), [copy with { Nonce = new byte[23] }]),
            new TopicKeyOffer(general, Claim(alice, 1), [.. Enumerable.Repeat(copy, PendingSeals.PendingMax + 1)]),
            new TopicKeyOffer(""),
        })
        {
            Assert.Equal("invalid_args", (string?)(await alice.Socket.AskAsync(offer))["code"]);
        }

        Assert.Null((await alice.Socket.AskAsync(new TopicKeyOffer(general)))["pubkey"]);
    }

    private static IEnumerable<string> Pending(JsonObject state) => state["pending"]!.AsArray().Select(one => (string)one!["memberId"]!);

    private static string Text(byte fill) => Convert.ToBase64String([.. Enumerable.Repeat(fill, 80)]);

    private static ClaimTopicKey Claim(TestPeer maker, byte fill) => new(maker.Member.Key.Public, [.. Enumerable.Repeat(fill, 80)], new byte[24]);

    private static SealTopicKey Copy(TestPeer recipient, byte fill) => new(MemberId.Parse(recipient.Member.Id), [.. Enumerable.Repeat(fill, 80)], new byte[24]);
}
