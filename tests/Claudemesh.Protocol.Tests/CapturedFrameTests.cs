using System.Text;
using System.Text.Json;

namespace Claudemesh.Protocol.Tests;

/// <summary>
/// Frames that the original 1.37.0 client and 0.1.0 broker really sent, one of each shape (<c>Captured/frames.jsonl</c>, throw-away identities). We
/// must read what they write.
/// </summary>
public sealed class CapturedFrameTests
{
    /// <summary>What the captured scripts spoilt on purpose; the original met these with silence or, for times that are texts, a refusal.</summary>
    private static readonly string[] RefusedOnPurpose =
    [
        "The hello is invalid: pid must be given.",
        "The hello is invalid: timestamp is missing, null, given twice or of the wrong type.",
        "The send is invalid: priority must be one of now, next, low.",
        "The send is invalid: targetSpec must be given.",
        "The session_hello is invalid: parentAttestation.expiresAt is missing, null, given twice or of the wrong type.",
    ];

    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Captured", "frames.jsonl"));

    [Fact]
    public void Every_captured_frame_is_read_except_those_that_were_spoilt_on_purpose()
    {
        SortedSet<string> refusals = new(StringComparer.Ordinal);
        foreach (string line in Lines)
        {
            using JsonDocument captured = JsonDocument.Parse(line);
            byte[] frame = Encoding.UTF8.GetBytes(captured.RootElement.GetProperty("frame").GetRawText());
            Assert.True(FrameHead.TryScan(frame, out FrameHead head), line);
            Type type = WireMessages.ByWireType[Encoding.UTF8.GetString(head.Type(frame))];
            if (WireMessages.Read(type, frame, out MeshError? refusal) is null)
                refusals.Add(refusal!.Message);
        }

        Assert.Equal(string.Join('\n', RefusedOnPurpose), string.Join('\n', refusals));
    }

    [Fact]
    public void What_is_written_again_says_everything_that_was_captured()
    {
        foreach (string line in Lines)
        {
            using JsonDocument captured = JsonDocument.Parse(line);
            JsonElement frame = captured.RootElement.GetProperty("frame");
            byte[] utf8 = Encoding.UTF8.GetBytes(frame.GetRawText());
            FrameHead.TryScan(utf8, out FrameHead head);
            if (WireMessages.Read(WireMessages.ByWireType[Encoding.UTF8.GetString(head.Type(utf8))], utf8, out _) is not { } message)
                continue;

            using JsonDocument again = JsonDocument.Parse(WireMessages.Write(message, Encoding.UTF8.GetString(head.RequestId(utf8))));
            AssertSays(frame, again.RootElement, line);
        }
    }

    [Fact]
    public void Every_captured_system_event_is_understood_and_written_alike()
    {
        int events = 0;
        foreach (string line in Lines.Where(line => line.Contains("\"subtype\":\"system\"", StringComparison.Ordinal)))
        {
            using JsonDocument captured = JsonDocument.Parse(line);
            byte[] frame = Encoding.UTF8.GetBytes(captured.RootElement.GetProperty("frame").GetRawText());
            Assert.True(FrameReader.TryRead(frame, out Push? push, out _));
            Assert.True(SystemEvent.TryRead(push, out SystemEvent? happened), line);
            Push again = Push.From(happened, push.MessageId, push.MeshId, push.CreatedAt);
            AssertSays(push.EventData!.Value, again.EventData!.Value, line);
            Assert.Equal(push.Event, again.Event);
            events++;
        }

        Assert.Equal(6, events);
    }

    /// <summary>Everything in the first is in the second; the second may say more. Fields that the original itself ignores may be gone.</summary>
    private static void AssertSays(JsonElement expected, JsonElement actual, string line)
    {
        Assert.Equal(expected.ValueKind, actual.ValueKind);
        if (expected.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty field in expected.EnumerateObject().Where(field => field.Name is not ("capabilities" or "protocolVersion" or "role")))
            {
                Assert.True(actual.TryGetProperty(field.Name, out JsonElement value), $"{field.Name} is gone: {line}");
                AssertSays(field.Value, value, line);
            }
        }
        else if (expected.ValueKind == JsonValueKind.Array)
        {
            Assert.Equal(expected.GetArrayLength(), actual.GetArrayLength());
            foreach ((JsonElement first, JsonElement second) in expected.EnumerateArray().Zip(actual.EnumerateArray()))
                AssertSays(first, second, line);
        }
        else
        {
            Assert.Equal(expected.ToString(), actual.ToString());
        }
    }
}
