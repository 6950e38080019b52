using System.Text;

namespace Claudemesh.Protocol.Tests.Frames;

public sealed class FrameHeadTests
{
    [Theory]
    [InlineData("""{"type":"send"}""", "send", "", null)]
    [InlineData("""{"type":"send","_reqId":"r1","id":"x"}""", "send", "r1", "x")]
    [InlineData("""{"a":{"type":"no","_reqId":"no","id":"no"},"b":[{"type":1}],"id":"q\"\u00e9","type":"ack","_reqId":"a\\b\u00e9"} """, "ack", """a\\b\u00e9""", "q\"é")]
    [InlineData("""  {"\u0074ype":"send","i\u0064":"7"}""", "send", "", "7")]
    [InlineData("""{"type":"send","id":7}""", "send", "", null)]
    [InlineData("""{"type":"send","id":"\ud800"}""", "send", "", null)]
    [InlineData("""{"type":"naïve"}""", "naïve", "", null)]
    public void The_head_is_found_wherever_it_stands(string frame, string type, string requestId, string? id)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(frame);
        Assert.True(FrameHead.TryScan(utf8, out FrameHead head));
        Assert.Equal(type, Encoding.UTF8.GetString(head.Type(utf8)));
        Assert.Equal(requestId, Encoding.UTF8.GetString(head.RequestId(utf8)));
        Assert.Equal(id, head.FindId(utf8));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("null")]
    [InlineData("\"send\"")]
    [InlineData("{not json")]
    [InlineData("""{"type":""}""")]
    [InlineData("""{"type":null}""")]
    [InlineData("""{"type":7}""")]
    [InlineData("""{"type":["send"]}""")]
    [InlineData("""{"type":"send","type":"send"}""")]
    [InlineData("""{"type":"send","_reqId":7}""")]
    [InlineData("""{"type":"send","_reqId":""}""")]
    [InlineData("""{"type":"send","_reqId":null}""")]
    [InlineData("""{"type":"send","_reqId":"a","_reqId":"a"}""")]
    [InlineData("""{"type":"send"} {}""")]
    [InlineData("""{"type":"send"},""")]
    [InlineData("""{"type":"send"}x""")]
    [InlineData("""{"type":"send",}""")]
    [InlineData("""{"type":"send","x":01}""")]
    [InlineData("""{"type":"send"/* */}""")]
    [InlineData("""{type:"send"}""")]
    [InlineData("""{'type':'send'}""")]
    [InlineData("\uFEFF{\"type\":\"send\"}")]
    [InlineData("{\"type\":\"send\",\"x\":\"\u0001\"}")]
    public void What_is_not_one_object_with_a_type_is_refused(string frame)
    {
        Assert.False(FrameHead.TryScan(Encoding.UTF8.GetBytes(frame), out _, out MeshError? refusal));
        Assert.Equal("bad_json", refusal.Code);
    }

    [Theory]
    [InlineData(0xFF)]
    [InlineData(0xC0)]
    [InlineData(0x80)]
    public void Bytes_that_are_not_utf8_are_refused(byte wrong)
    {
        byte[] frame = [.. """{"type":"send","x":"?"}"""u8];
        Assert.True(FrameHead.TryScan(frame, out _));
        frame[Array.IndexOf(frame, (byte)'?')] = wrong;
        Assert.False(FrameHead.TryScan(frame, out _));
    }

    [Theory]
    [InlineData(31, true)]
    [InlineData(32, false)]
    [InlineData(30_000, false)]
    public void A_frame_has_at_most_32_levels(int inside, bool accepted)
    {
        string frame = $$"""{"type":"send","x":{{new string('[', inside)}}{{new string(']', inside)}}}""";
        Assert.Equal(accepted, FrameHead.TryScan(Encoding.UTF8.GetBytes(frame), out _));
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void A_request_id_has_at_most_128_bytes(int length, bool accepted) =>
        Assert.Equal(accepted, FrameHead.TryScan(Encoding.UTF8.GetBytes($$"""{"type":"send","_reqId":"{{new string('r', length)}}"}"""), out _));

    [Fact]
    public void A_frame_that_is_cut_anywhere_is_refused()
    {
        byte[] frame = [.. """{"_reqId":"r1","x":[1,{"y":null}],"type":"send"}"""u8];
        Assert.True(FrameHead.TryScan(frame, out _));
        for (int length = 0; length < frame.Length; length++)
            Assert.False(FrameHead.TryScan(frame.AsSpan(0, length), out _));
    }

    [Fact]
    public void Scanning_allocates_nothing()
    {
        byte[] frame = [.. """{"_reqId":"r1","x":[1,{"y":null}],"type":"send"}"""u8];
        FrameHead.TryScan(frame, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 10; round++)
            FrameHead.TryScan(frame, out _);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
