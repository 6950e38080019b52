using System.Net.WebSockets;

namespace Claudemesh.Client;

/// <summary>Reads whole messages from a socket into one buffer that grows up to a limit. For one reader.</summary>
internal sealed class FrameSource(WebSocket socket, int bytesMax)
{
    private const int BufferBytesMin = 16 * 1024;

    private byte[] buffer = new byte[BufferBytesMin];

    /// <summary>The next message, valid until the next call; null when the other side closed.</summary>
    /// <exception cref="BrokenWireException">The message is larger than the limit.</exception>
    /// <exception cref="WebSocketException">The connection broke, in the middle of a message perhaps.</exception>
    internal async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        int length = 0;
        while (true)
        {
            if (length == buffer.Length)
                Grow();

            ValueWebSocketReceiveResult got = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            if (got.MessageType is WebSocketMessageType.Close)
                return null;

            length += got.Count;
            if (got.EndOfMessage)
                return buffer.AsMemory(0, length);
        }
    }

    private void Grow()
    {
        if (buffer.Length >= bytesMax)
            throw new BrokenWireException($"The broker sent a message of more than {bytesMax} bytes.");

        Array.Resize(ref buffer, Math.Min(buffer.Length * 2, bytesMax));
    }
}

/// <summary>The other side sent what no broker sends. The connection is given up and made anew.</summary>
internal sealed class BrokenWireException(string message) : Exception(message);
