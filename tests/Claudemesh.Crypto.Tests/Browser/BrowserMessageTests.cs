using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Crypto.Tests.Log;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests.Browser;

/// <summary>Messages between a daemon and the page, in a workspace whose log and roots each side reads for itself.</summary>
[Collection(nameof(BrowserPeer))]
public sealed class BrowserMessageTests(BrowserPeer page)
{
    private static readonly string[] Specs = ["#topic1", "@back/end", "tag:repo:größe", "*"];

    [Fact]
    public void A_shared_message_of_the_page_opens_in_a_daemon_and_one_of_a_daemon_in_the_page()
    {
        using Team team = new();
        Person reader = team.Admit("reader");
        Team.AssertTaken(team.Rotate(team.Owner));
        team.Pull(team.Owner);
        team.Pull(reader);
        Membership log = team.Broker.State;

        foreach ((string spec, int round) in Specs.Select((spec, round) => (spec, round)))
        {
            string text = TextOf(round);
            SealedMessage fromPage = BrowserPeer.Message(page.Ask(
                "sealShared", Workspace(team, reader, new { spec, text, clientMessageId = $"page-{round}", sentAt = Vectors.At }))!);
            MessageFrame frame = new(Vectors.Mesh, spec, reader.Public, reader.Public, $"page-{round}", Priority.Low);
            Assert.Equal(MessageRefusal.None, MessageSeal.OpenShared(log, team.Owner.Roots, frame, fromPage, out OpenedMessage? opened));
            Assert.Equal(new MessageBody("text", text), opened!.Body);
            Assert.Equal("alice,bob", opened.Header.Mentions);

            Assert.True(TargetSpec.TryParse(spec, out TargetSpec? target));
            RootKey root = team.Owner.Roots.Find(log, log.Epoch)!;
            MessageHeader header = new(
                Vectors.Mesh, target, team.Owner.Public, null, $"daemon-{round}", Vectors.At, "page-0", Priority.Now, "", root.Reference);
            SealedMessage fromDaemon = MessageSeal.SealShared(team.Owner.Key, root, header, new MessageBody("text", text));
            Assert.Equal(text, Open(team, reader, fromDaemon)!["text"]!.GetValue<string>());

            // An older epoch, of which the page has only the link backwards.
            RootKey first = team.Owner.Roots.Find(log, 1)!;
            SealedMessage old = MessageSeal.SealShared(
                team.Owner.Key, first, header with { Root = first.Reference }, new MessageBody("text", text));
            Assert.Equal(text, Open(team, reader, old)!["text"]!.GetValue<string>());

            byte[] spoilt = [.. fromDaemon.Ciphertext];
            spoilt[round] ^= 1;
            Assert.Equal(
                "DoesNotOpen", Open(team, reader, fromDaemon with { Ciphertext = spoilt })!["refusal"]!.GetValue<string>());
        }
    }

    [Fact]
    public void A_direct_message_of_the_page_opens_in_a_daemon_and_one_of_a_daemon_in_the_page()
    {
        for (int round = 0; round < 8; round++)
        {
            using MemberSecretKey inPage = MemberSecretKey.Generate(), inDaemon = MemberSecretKey.Generate();
            using PairKeys pairs = new(inDaemon.Key, Vectors.Mesh);
            string seed = BrowserPeer.Hex(inPage.Key.ExposeSeed()), text = TextOf(round);
            DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(Vectors.At + 1);

            SealedMessage fromPage = BrowserPeer.Message(page.Ask("sealDirect", new
            {
                seed, meshId = Vectors.Mesh, spec = inDaemon.Public.ToString(), text, clientMessageId = "x", sentAt = Vectors.At,
            })!);
            MessageFrame frame = new(Vectors.Mesh, inDaemon.Public.ToString(), inPage.Public, inPage.Public, "x", Priority.Low);
            Assert.Equal(MessageRefusal.None, MessageSeal.OpenDirect(inDaemon.Public, pairs, frame, fromPage, now, out OpenedMessage? opened));
            Assert.Equal(new MessageBody("json", text), opened!.Body);

            MessageHeader header = new(
                Vectors.Mesh, new TargetSpec.Direct(inPage.Public), inDaemon.Public, null, "y", Vectors.At, null, Priority.Next, "", null);
            Assert.True(MessageSeal.TrySealDirect(inDaemon, pairs, header, new MessageBody("json", text), out SealedMessage? fromDaemon));
            JsonNode read = page.Ask(
                "openDirect", new { seed, meshId = Vectors.Mesh, @sealed = BrowserPeer.Hex(fromDaemon!), now = now.ToUnixTimeMilliseconds() })!;
            Assert.Equal(text, read["text"]!.GetValue<string>());
        }
    }

    /// <summary>Lengths around the padding's steps, and characters of every width.</summary>
    private static string TextOf(int round) => new string('x', round * 13) + "ä\u2028\uFEFF\U0001F600\"\\";

    private JsonNode? Open(Team team, Person reader, SealedMessage message) =>
        page.Ask("openShared", Workspace(team, reader, new { @sealed = BrowserPeer.Hex(message) }));

    private static JsonObject Workspace(Team team, Person reader, object more)
    {
        JsonObject all = JsonSerializer.SerializeToNode(more, BrowserPeer.Options)!.AsObject();
        all["meshId"] = Vectors.Mesh;
        all["records"] = JsonSerializer.SerializeToNode(team.Broker.Records.Select(BrowserPeer.Hex), BrowserPeer.Options);
        all["seed"] = BrowserPeer.Hex(reader.Key.Key.ExposeSeed());
        all["epoch"] = team.Broker.State.Epoch;
        all["copy"] = BrowserPeer.Hex(team.Broker.Copies.Last(copy => copy.Copy.Recipient == reader.Public).Copy.Copy);
        return all;
    }
}
