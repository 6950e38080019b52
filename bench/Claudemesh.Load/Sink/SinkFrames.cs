using System.Buffers.Binary;
using Claudemesh.Load.Sockets;

namespace Claudemesh.Load.Sink;

/// <summary>Writes the sink's frames into a buffer of its own, one at a time. Of the size and shape that the broker's have.</summary>
internal sealed class SinkFrames
{
    private const int HeaderBytes = 4;

    private readonly byte[] buffer = new byte[256 * 1024];
    private int length;

    public ReadOnlySpan<byte> Ack(ReadOnlySpan<byte> send, ReadOnlySpan<byte> messageId) => Start()
        .Add("{\"type\":\"ack\",\"id\":\""u8).Add(JsonText.Find(send, "\"id\":\""u8))
        .Add("\",\"messageId\":\""u8).Add(messageId)
        .Add("\",\"queued\":true}"u8)
        .Finish();

    public ReadOnlySpan<byte> Push(ReadOnlySpan<byte> send, ReadOnlySpan<byte> messageId, ReadOnlySpan<byte> senderKey) => Start()
        .Add("{\"type\":\"push\",\"messageId\":\""u8).Add(messageId)
        .Add("\",\"meshId\":\"00000000000000000000000000000000\",\"senderPubkey\":\""u8).Add(senderKey)
        .Add("\",\"priority\":\"next\",\"nonce\":\""u8).Add(JsonText.Find(send, "\"nonce\":\""u8))
        .Add("\",\"ciphertext\":\""u8).Add(JsonText.Find(send, "\"ciphertext\":\""u8))
        .Add("\",\"createdAt\":\"2026-01-01T00:00:00.000Z\",\"client_message_id\":\""u8).Add(JsonText.Find(send, "\"client_message_id\":\""u8))
        .Add("\",\"request_fingerprint\":\""u8).Add(JsonText.Find(send, "\"request_fingerprint\":\""u8))
        .Add("\"}"u8)
        .Finish();

    public ReadOnlySpan<byte> Fixed(ReadOnlySpan<byte> text) => Start().Add(text).Finish();

    private SinkFrames Start()
    {
        length = HeaderBytes;
        return this;
    }

    private SinkFrames Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(buffer.AsSpan(length));
        length += bytes.Length;
        return this;
    }

    private ReadOnlySpan<byte> Finish()
    {
        int payload = length - HeaderBytes;
        if (payload < 126)
        {
            // The short header is two bytes shorter, so the frame begins two bytes later.
            buffer[2] = 0x80 | ClientFrame.Text;
            buffer[3] = (byte)payload;
            return buffer.AsSpan(2, length - 2);
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload, ushort.MaxValue);
        buffer[0] = 0x80 | ClientFrame.Text;
        buffer[1] = 126;
        BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(2), (ushort)payload);
        return buffer.AsSpan(0, length);
    }
}
