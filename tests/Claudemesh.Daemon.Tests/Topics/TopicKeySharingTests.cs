using System.Text;
using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Topics;

/// <summary>A topic that is shared with a 1.x client, who gets its key from a daemon and posts under it.</summary>
public sealed class TopicKeySharingTests : IAsyncLifetime
{
    private TestMesh mesh = null!;
    private RunningDaemon alice = null!;

    public async ValueTask InitializeAsync()
    {
        mesh = await TestMesh.StartAsync(log: LogKind.Mixed);
        alice = await RunningDaemon.StartAsync();
        await JoinAsync(alice, "alice");
    }

    public async ValueTask DisposeAsync()
    {
        await alice.DisposeAsync();
        await mesh.DisposeAsync();
    }

    [Fact]
    public async Task A_1_x_member_is_given_the_key_and_what_he_posts_under_it_is_read_by_all_and_vouched_for_by_nobody()
    {
        await using RunningDaemon bob = await RunningDaemon.StartAsync();
        await JoinAsync(bob, "bob");
        await using LegacyPeer old = await mesh.JoinLegacyAsync("old");
        using TestKey rest = await MakeKeyAsync(old);

        using SecretBytes key = await TakeKeyAsync(rest, old, "general");
        byte[] nonce = RandomBytes.Next(SecretBox.NonceSize);
        await PostAsync(old, await IdOfAsync(alice, "general"), nonce, SecretBox.Seal(key.Expose(), nonce, Encoding.UTF8.GetBytes("hello from 1.x, @alice")));

        foreach (RunningDaemon daemon in new[] { alice, bob })
        {
            Post post = await FindAsync(daemon, "general", 1);
            Assert.Equal(("old", "hello from 1.x, @alice", true, false, Encryptions.Box), (post.Sender, post.Text, post.Encrypted, post.Verified, post.Encryption));
            Assert.Single((await Ok.Async(daemon.Client.SearchAsync(new SearchMessages("hello"), default))).Messages);
        }

        Assert.Equal("hello from 1.x, @alice", Assert.Single((await Ok.Async(alice.Client.ReadInboxAsync(new InboxQuery(), default))).Items).Text);
    }

    [Fact]
    public async Task Under_another_key_nothing_opens_and_a_bit_more_or_less_is_nothing_either()
    {
        await using LegacyPeer old = await mesh.JoinLegacyAsync("old");
        using TestKey rest = await MakeKeyAsync(old);
        using SecretBytes key = await TakeKeyAsync(rest, old, "general");
        string topic = await IdOfAsync(alice, "general");
        byte[] nonce = RandomBytes.Next(SecretBox.NonceSize);
        byte[] bent = SecretBox.Seal(key.Expose(), nonce, "bent"u8);
        bent[^1] ^= 1;

        await PostAsync(old, topic, nonce, bent);
        await PostAsync(old, topic, nonce, SecretBox.Seal(RandomBytes.Next(32), nonce, "another key"u8));
        await PostAsync(old, topic, nonce, SecretBox.Seal(key.Expose(), nonce, [0xff, 0xfe]));

        for (int i = 1; i <= 3; i++)
        {
            Post post = await FindAsync(alice, "general", i);
            Assert.Equal((null, "no_topic_key", false), (post.Text, post.Unreadable, post.Verified));
        }
    }

    [Fact]
    public async Task A_private_topics_key_comes_from_its_own_root_and_goes_to_whom_it_admits()
    {
        await using LegacyPeer old = await mesh.JoinLegacyAsync("old");
        using TestKey rest = await MakeKeyAsync(old);
        await Eventually.TrueAsync("alice knows him", async () => (await Ok.Async(alice.Client.ListMembersAsync(null, default))).Members.Any(member => member.Name == "old"));
        await Ok.Async(alice.Client.CreateTopicAsync(new CreateTopic("incident", Visibility: "private", With: ["old"]), default));
        await Ok.Async(alice.Client.ChangeTopicAsync(new ChangeTopic("incident", Plain: true), default));

        using SecretBytes general = await TakeKeyAsync(rest, old, "general");
        using SecretBytes own = await TakeKeyAsync(rest, old, "incident");
        Assert.NotEqual(general.Expose().ToArray(), own.Expose().ToArray());

        byte[] nonce = RandomBytes.Next(SecretBox.NonceSize);
        await PostAsync(old, await IdOfAsync(alice, "incident"), nonce, SecretBox.Seal(own.Expose(), nonce, "in private"u8));
        Assert.Equal("in private", (await FindAsync(alice, "incident", 1)).Text);
    }

    private async Task JoinAsync(RunningDaemon daemon, string name)
    {
        TestInvite invite = await mesh.Log.InviteAsync();
        string link = new InviteLink(mesh.Broker.Url.ToString().TrimEnd('/'), invite.Id, invite.Secret).ToTextWithSecret();
        await Ok.Async(daemon.Client.JoinWorkspaceAsync(new JoinWorkspace(link, name), default));
        await mesh.Log.ReadOnAsync();
    }

    private async Task<TestKey> MakeKeyAsync(LegacyPeer peer)
    {
        await peer.Socket.SendAsync(new ApiKeyCreate(DisplayName.Parse("1.x"), [KeyCapability.Send, KeyCapability.Read]), "k");
        JsonObject made = await peer.Socket.NextAsync("apikey_created");
        return new TestKey(mesh.Broker, (string)made["id"]!, (string)made["secret"]!);
    }

    /// <summary>Waits for his copy, and opens it as 1.x does.</summary>
    private static async Task<SecretBytes> TakeKeyAsync(TestKey rest, LegacyPeer peer, string topic)
    {
        RestAnswer answer = await rest.GetAsync($"/topics/{topic}/key");
        await Eventually.TrueAsync("the key is sealed to him", async () => (answer = await rest.GetAsync($"/topics/{topic}/key")).Status == 200);
        byte[] copy = Convert.FromBase64String((string)answer.Body!["encryptedKey"]!);
        Assert.True(LegacyTopicKey.TryOpen(peer.Member.Key.Key, copy, Convert.FromBase64String((string)answer.Body["nonce"]!), out SecretBytes? key));
        return key!;
    }

    private static async Task PostAsync(LegacyPeer peer, string topicId, byte[] nonce, byte[] sealedText)
    {
        string id = Guid.NewGuid().ToString("N");
        await peer.Socket.SendAsync(new Send("#" + topicId, nonce, sealedText, id, BodyVersion: 2));
        await peer.Socket.NextAsync("the ack", frame => TestSocket.IsType(frame, "ack") && (string?)frame["id"] == id);
    }

    private static async Task<string> IdOfAsync(RunningDaemon daemon, string topic) =>
        (await Ok.Async(daemon.Client.ListTopicsAsync(null, false, default))).Topics.Single(one => one.Name == topic).Id;

    /// <summary>Waits for so many posts, and gives the newest of them.</summary>
    private static async Task<Post> FindAsync(RunningDaemon daemon, string topic, int count)
    {
        IReadOnlyList<Post> posts = [];
        await Eventually.TrueAsync($"{count} posts are there", async () =>
            (posts = (await Ok.Async(daemon.Client.ReadPostsAsync(new PostQuery(topic, 100), default))).Posts).Count >= count);
        return posts[count - 1];
    }
}
