using Claudemesh.Load.Sockets;

namespace Claudemesh.Load.Traffic;

/// <summary>The <c>client_ack</c> of a 1.x daemon, which names both ids.</summary>
internal static class ClientAcknowledgement
{
    public static ReadOnlySpan<byte> Write(byte[] buffer, ReadOnlySpan<byte> push)
    {
        int length = 0;
        Add(buffer, ref length, "{\"type\":\"client_ack\",\"brokerMessageId\":\""u8);
        Add(buffer, ref length, JsonText.Find(push, "\"messageId\":\""u8));
        ReadOnlySpan<byte> clientId = JsonText.Find(push, "\"client_message_id\":\""u8);
        if (!clientId.IsEmpty)
        {
            Add(buffer, ref length, "\",\"clientMessageId\":\""u8);
            Add(buffer, ref length, clientId);
        }

        Add(buffer, ref length, "\"}"u8);
        return buffer.AsSpan(0, length);
    }

    private static void Add(byte[] buffer, ref int length, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(buffer.AsSpan(length));
        length += bytes.Length;
    }
}
