using System.Text;
using CsCheck;

namespace Claudemesh.Protocol.Tests;

/// <summary>Frames spoilt at random: what is not a message is refused, and nothing else ever happens.</summary>
public sealed class MutationTests
{
    private static readonly byte[][] Frames = [.. GoldenFrameTests.Frames.Select(row => Encoding.UTF8.GetBytes(GoldenFrameTests.Text(row)))];

    private static readonly byte[] Bits = [.. "{}[]\",:\\ue019-._ \0"u8, 0x80, 0xC3, 0xFF];

    private static readonly byte[][] HotFrames =
    [
        .. Frames.Where(frame => frame.AsSpan().StartsWith("{\"type\":\"send\""u8) || frame.AsSpan().StartsWith("{\"type\":\"client_ack\""u8)),
    ];

    private static Gen<byte[]> Spoilt(byte[][] frames) =>
        from frame in Gen.Int[0, frames.Length - 1].Select(index => frames[index])
        from changes in Gen.Select(Gen.Int[0, frame.Length - 1], Gen.Int[0, Bits.Length - 1].Select(index => Bits[index]), Gen.Int[0, 3]).Array[1, 4]
        select Change(frame, changes);

    [Fact]
    public void A_spoilt_frame_is_read_or_refused_and_nothing_is_thrown() => Spoilt(Frames).Sample(
        frame =>
        {
            if (!FrameHead.TryScan(frame, out FrameHead head, out MeshError? refusal))
                return refusal is not null;

            string type = Encoding.UTF8.GetString(head.Type(frame));
            _ = head.FindId(frame);
            if (!WireMessages.ByWireType.TryGetValue(type, out Type? record))
                return true;

            object? message = WireMessages.Read(record, frame, out refusal);
            return message is null == refusal is not null;
        },
        seed: "0000KoIPAcM1",
        iter: 20_000,
        threads: 1);

    [Fact]
    public void The_quick_readers_and_the_generated_ones_agree_on_spoilt_frames() => Spoilt(HotFrames).Sample(
        frame =>
        {
            if (!FrameHead.TryScan(frame, out _))
                return true;

            bool read = FrameReader.TryRead(frame, out Send? expected, out MeshError? refused);
            bool quick = SendReader.TryRead(frame, out Send? send, out MeshError? refusal);
            bool readAck = FrameReader.TryRead(frame, out ClientAck? _, out _);
            bool quickAck = ClientAckReader.TryRead(frame, out _, out _);
            return read == quick && readAck == quickAck && refused == refusal
                && (!read || string.Equals(WireMessages.Write(expected!, ""), WireMessages.Write(send!, ""), StringComparison.Ordinal));
        },
        seed: "0000KoIPAcM2",
        iter: 20_000,
        threads: 1);

    private static byte[] Change(byte[] frame, (int At, byte Value, int Kind)[] changes)
    {
        List<byte> bytes = [.. frame];
        foreach ((int place, byte value, int kind) in changes)
        {
            int at = Math.Min(place, bytes.Count - 1);
            switch (kind)
            {
                case 0:
                    bytes[at] = value;
                    break;
                case 1:
                    bytes.Insert(at, value);
                    break;
                case 2 when bytes.Count > 1:
                    bytes.RemoveAt(at);
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at / 2, Math.Min(8, bytes.Count - (at / 2))));
                    break;
            }
        }

        return [.. bytes];
    }
}
