using System.Buffers;
using System.Text;

namespace Claudemesh.Protocol.Tests.Frames;

public sealed class FrameWriterTests
{
    [Fact]
    public void A_message_without_fields_is_its_type_and_request_id_alone()
    {
        Assert.Equal("""{"type":"list_peers"}""", WireMessages.Write(new ListPeers(), ""));
        Assert.Equal("""{"type":"list_peers","_reqId":"r\"1"}""", WireMessages.Write(new ListPeers(), "r\\\"1"));
        Assert.Equal("""{"type":"client_ack"}""", WireMessages.Write(new ClientAck(), ""));
    }

    [Fact]
    public void A_request_id_comes_back_exactly_as_it_was_written()
    {
        byte[] request = [.. """{"type":"list_peers","_reqId":"\u00e9\/\"x"}"""u8];
        Assert.True(FrameHead.TryScan(request, out FrameHead head));
        ArrayBufferWriter<byte> to = new();
        FrameWriter.Write(to, new PeersList([]), head.RequestId(request));
        Assert.Equal("""{"type":"peers_list","_reqId":"\u00e9\/\"x","peers":[]}""", Encoding.UTF8.GetString(to.WrittenSpan));
    }

    [Fact]
    public void A_message_is_whole_in_a_buffer_that_hands_out_little_at_a_time()
    {
        string summary = string.Concat(Enumerable.Range(0, 100).Select(number => $"{number} \"é\" "));
        StingyBuffer to = new();
        FrameWriter.Write(to, new SetSummary(summary), "r1"u8);
        Assert.Equal(WireMessages.Write(new SetSummary(summary), "r1"), Encoding.UTF8.GetString([.. to.Written]));
    }

    [Fact]
    public void An_error_repeats_the_id_of_the_message_that_it_refuses()
    {
        ArrayBufferWriter<byte> to = new();
        FrameWriter.WriteError(to, MeshError.NoHello, "r1"u8, "x1");
        Assert.Equal(
            $$"""{"type":"error","_reqId":"r1","code":"no_hello","message":"{{MeshError.NoHello.Message}}","id":"x1"}""",
            Encoding.UTF8.GetString(to.WrittenSpan));
    }

    [Fact]
    public void A_write_that_fails_leaves_the_next_one_whole()
    {
        Assert.ThrowsAny<Exception>(() => FrameWriter.Write(new BrokenBuffer(), new SetSummary("x")));
        ArrayBufferWriter<byte> to = new();
        FrameWriter.Write(to, new SetSummary("x"));
        Assert.Equal("""{"type":"set_summary","summary":"x"}""", Encoding.UTF8.GetString(to.WrittenSpan));
    }

    /// <summary>Gives exactly what is asked for, each time from another array.</summary>
    private sealed class StingyBuffer : IBufferWriter<byte>
    {
        private byte[] current = [];

        public List<byte> Written { get; } = [];

        public void Advance(int count) => Written.AddRange(current.AsSpan(0, count));

        public Memory<byte> GetMemory(int sizeHint = 0) => current = new byte[Math.Max(sizeHint, 1)];

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }

    private sealed class BrokenBuffer : IBufferWriter<byte>
    {
        private int asked;

        public void Advance(int count)
        {
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => asked++ == 0 ? new byte[sizeHint + 64] : throw new IOException("broken");

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
