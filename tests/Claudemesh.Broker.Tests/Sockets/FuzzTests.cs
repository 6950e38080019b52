using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Sockets;

/// <summary>
/// Whatever is sent, the socket answers or ignores it, stays usable, and so does the broker. Half of the frames come before
/// a hello. The seed is printed; CLAUDEMESH_FUZZ_SEED repeats a run and CLAUDEMESH_FUZZ_FRAMES makes it longer.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int FramesBetweenChecks = 500;
    private const int Hellos = 2;

    private static readonly string[] Corpus =
    [
        """{"type":"send","id":"1","targetSpec":"*","priority":"now","nonce":"","ciphertext":"aGk="}""",
        """{"type":"send","id":"2","targetSpec":"@team","nonce":"AAAA","ciphertext":"aGk=","client_message_id":"x","request_fingerprint":"00"}""",
        """{"type":"client_ack","clientMessageId":"x","brokerMessageId":"y"}""",
        """{"type":"list_peers","_reqId":"q"}""",
        """{"type":"set_profile","bio":"b","capabilities":["a"]}""",
        """{"type":"join_group","name":"team","role":"lead"}""",
        """{"type":"set_tags","tags":["repo:x"],"_reqId":"q"}""",
        """{"type":"message_status","messageId":"12345678"}""",
        """{"type":"message_states","messageIds":["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]}""",
        """{"type":"session_open","sessionId":"s","sessionPubkey":"00","displayName":"n","expiresAt":1,"attestation":"AA==","proof":"AA==","cwd":"","pid":1}""",
        """{"type":"invite_create","token":"abc","uses":1}""",
        """{"type":"nobody_knows_this","a":[1,2,{"b":null}]}""",

        // A hello that parses and proves nothing ends its socket, as it should; these go to sockets that have said theirs.
        """{"type":"hello","meshId":"m","memberId":"x","pubkey":"00","sessionId":"s","pid":1,"timestamp":1,"signature":"00"}""",
        """{"type":"member_hello","meshId":"m","pubkey":"00","deviceId":"d","client":"c","features":[],"sentAt":1,"signature":"AA=="}""",
    ];

    [Fact]
    public async Task A_hundred_thousand_spoilt_frames_leave_socket_and_broker_usable()
    {
        ulong seed = ulong.Parse(Environment.GetEnvironmentVariable("CLAUDEMESH_FUZZ_SEED") ?? "20261123", CultureInfo.InvariantCulture);
        int frames = int.Parse(Environment.GetEnvironmentVariable("CLAUDEMESH_FUZZ_FRAMES") ?? "100000", CultureInfo.InvariantCulture);
        output.WriteLine($"fuzz: seed {seed}, {frames} frames");
        Dice dice = new(seed);
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer witness = await mesh.JoinAsync("witness");
        TestMember attacker = await mesh.AddMemberAsync("attacker");

        for (int sent = 0; sent < frames; sent += FramesBetweenChecks)
        {
            bool proven = dice.Next(2) == 0;
            await using TestSocket socket = proven
                ? (await attacker.ConnectAsync("fuzz")).Socket
                : await TestSocket.ConnectAsync(mesh.Broker.SocketUrl);
            for (int i = 0; i < FramesBetweenChecks; i++)
                await socket.SendAsync(Spoil(dice, proven ? Corpus.Length : Corpus.Length - Hellos), dice.Next(4) == 0 ? WebSocketMessageType.Binary : WebSocketMessageType.Text);

            await AssertAnswersAsync(socket, $"after {sent + FramesBetweenChecks} frames of seed {seed}");
        }

        await AssertAnswersAsync(witness.Socket, "the witness");
    }

    [Fact]
    public async Task A_frame_above_the_bound_closes_its_socket_and_no_other()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer witness = await mesh.JoinAsync("witness");
        await using TestPeer large = await mesh.JoinAsync("large");

        // The broker hangs up at the header: the rest of the frame may meet a closed pipe, and the closing code be lost with it.
        Exception? cut = await Record.ExceptionAsync(() => large.Socket.SendAsync(new byte[2 * 1024 * 1024]));

        if (cut is null)
            Assert.Contains(await large.Socket.ClosedAsync(), new WebSocketCloseStatus?[] { null, WebSocketCloseStatus.MessageTooBig });
        await AssertAnswersAsync(witness.Socket, "the witness");
    }

    [Fact]
    public async Task A_body_above_the_bound_is_refused_in_words_that_end_retries()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");

        JsonObject ack = await alice.SendAsync(alice.Key, new string('x', 300_000));

        Assert.False((bool)ack["queued"]!);
        Assert.Contains("payload too large", (string?)ack["error"], StringComparison.Ordinal);
        Assert.Contains("invalid", (string?)ack["error"], StringComparison.Ordinal);
    }

    private static async Task AssertAnswersAsync(TestSocket socket, string when)
    {
        string id = Guid.NewGuid().ToString("N");
        await socket.SendAsync($$"""{"type":"list_peers","_reqId":"{{id}}"}""");
        JsonObject reply = await socket.NextAsync($"an answer {when}", frame => IsAnswerTo(id, frame));
        Assert.Contains((string?)reply["type"], new[] { "peers_list", "error" });
    }

    /// <summary>Compared raw: spoilt request ids come back as they were, and some are no text that could be read.</summary>
    private static bool IsAnswerTo(string id, JsonObject frame) =>
        frame["_reqId"]?.GetValue<JsonElement>().GetRawText() == $"\"{id}\"";

    private static byte[] Spoil(Dice dice, int corpus)
    {
        byte[] frame = Encoding.UTF8.GetBytes(Corpus[dice.Next(corpus)]);
        switch (dice.Next(8))
        {
            case 0:
                return Noise(dice, dice.Next(400));
            case 1:
                return frame[..dice.Next(frame.Length)];
            case 2:
                frame[dice.Next(frame.Length)] = (byte)dice.Next(256);
                return frame;
            case 3:
                return Encoding.UTF8.GetBytes(new string('[', dice.Next(2000)) + "1");
            case 4:
                return Encoding.UTF8.GetBytes($$"""{"type":"send","targetSpec":{{Value(dice)}},"nonce":{{Value(dice)}},"ciphertext":{{Value(dice)}}}""");
            case 5:
                return Encoding.UTF8.GetBytes($$"""{"type":"{{new string('t', dice.Next(5000))}}","_reqId":{{Value(dice)}}}""");
            case 6:
                return [.. frame, .. Noise(dice, dice.Next(20))];
            default:
                for (int i = dice.Next(6); i >= 0; i--)
                    frame[dice.Next(frame.Length)] = (byte)"{}[]\":,0\\"[dice.Next(9)];
                return frame;
        }
    }

    private static string Value(Dice dice) => dice.Next(9) switch
    {
        0 => "null",
        1 => "true",
        2 => "-1e308",
        3 => "99999999999999999999999999",
        4 => "[]",
        5 => "{\"a\":{\"a\":{}}}",
        6 => "\"\\ud800\"",
        7 => $"\"{new string('a', dice.Next(300))}\"",
        _ => "\"\\u0000\"",
    };

    private static byte[] Noise(Dice dice, int length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
            bytes[i] = (byte)dice.Next(256);
        return bytes;
    }

    /// <summary>SplitMix64: the same seed gives the same frames everywhere.</summary>
    private sealed class Dice(ulong seed)
    {
        private ulong state = seed;

        public int Next(int below)
        {
            ulong z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return (int)((z ^ (z >> 31)) % (ulong)below);
        }
    }
}
