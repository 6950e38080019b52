using System.Text;
using System.Text.Json.Nodes;

namespace Claudemesh.Protocol.Tests;

public sealed class GoldenFrameTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Golden");

    public static TheoryData<string> Frames => [.. Directory.GetFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Frames))]
    public void A_frame_that_is_read_and_written_again_has_the_same_bytes(string name)
    {
        byte[] frame = Encoding.UTF8.GetBytes(Text(name));

        Assert.True(FrameHead.TryScan(frame, out FrameHead head));
        string type = Encoding.UTF8.GetString(head.Type(frame));
        Assert.Equal(name.Split('.')[0], type);
        object? message = WireMessages.Read(WireMessages.ByWireType[type], frame, out MeshError? refusal);
        Assert.Null(refusal);

        string written = WireMessages.Write(message!, Encoding.UTF8.GetString(head.RequestId(frame)));
        Assert.Equal(Encoding.UTF8.GetString(frame), written);
    }

    [Fact]
    public void Every_message_has_a_golden_frame() =>
        Assert.All(WireMessages.ByWireType.Keys, type => Assert.True(File.Exists(Path.Combine(Folder, type + ".json")), type));

    internal static string Text(string name) => File.ReadAllText(Path.Combine(Folder, name + ".json")).TrimEnd('\n');

    internal static JsonObject Parse(string name) => (JsonObject)JsonNode.Parse(Text(name))!;
}
