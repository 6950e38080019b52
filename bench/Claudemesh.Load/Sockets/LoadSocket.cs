using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Claudemesh.Load.Sockets;

/// <summary>
/// One client connection: what it has still to send, and what it has received of a frame that is not whole yet. Owned by the one
/// thread of its <see cref="EventLoop"/>.
/// </summary>
internal sealed class LoadSocket : IDisposable
{
    private const int OutgoingBytesMax = 16 * 1024 * 1024;
    private const int IncomingBytesMax = 4 * 1024 * 1024;

    private static uint masks = 0x9E3779B9;

    private readonly Socket socket;
    private byte[] outgoing = [];
    private int sent;
    private int written;
    private byte[] incoming = [];
    private int held;

    public LoadSocket(IPEndPoint server, int slot)
    {
        Slot = slot;
        socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        // Loopback answers at once, so this waits for nothing; the socket turns non-blocking after it.
        socket.Connect(server);
        socket.Blocking = false;
    }

    public int Slot { get; }

    public int Descriptor => (int)socket.Handle;

    /// <summary>Whose connection it is, for the traffic that opened it.</summary>
    public int Peer { get; set; }

    public bool IsUpgraded { get; set; }

    public bool IsClosed { get; private set; }

    public bool HasOutgoing => written > sent;

    /// <summary>Whether the loop has it in its list of sockets to flush.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Whether the kernel's buffer was full at the last flush.</summary>
    public bool IsBlocked { get; private set; }

    public void WriteRaw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        written += bytes.Length;
    }

    public void WriteFrame(byte opcode, ReadOnlySpan<byte> payload)
    {
        masks ^= masks << 13;
        masks ^= masks >> 17;
        masks ^= masks << 5;
        Span<byte> room = Room(ClientFrame.HeaderBytesMax + payload.Length);
        written += ClientFrame.Write(room, opcode, payload, masks);
    }

    /// <summary>Gives the kernel as much as it takes.</summary>
    public void Flush()
    {
        while (written > sent)
        {
            int count = socket.Send(outgoing.AsSpan(sent, written - sent), SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                IsBlocked = true;
                return;
            }

            if (error != SocketError.Success)
            {
                IsClosed = true;
                break;
            }

            sent += count;
        }

        IsBlocked = false;
        sent = written = 0;
        GiveBack(ref outgoing);
    }

    /// <summary>Reads once into <paramref name="buffer"/>, behind what was held back before; gives what is there to be parsed.</summary>
    public ReadOnlySpan<byte> Receive(byte[] buffer)
    {
        incoming.AsSpan(0, held).CopyTo(buffer);
        int count = socket.Receive(buffer.AsSpan(held), SocketFlags.None, out SocketError error);
        if (error == SocketError.WouldBlock)
            return default;

        if (error != SocketError.Success || count == 0)
        {
            IsClosed = true;
            return default;
        }

        int total = held + count;
        held = 0;
        GiveBack(ref incoming);
        return buffer.AsSpan(0, total);
    }

    /// <summary>Keeps the beginning of a frame for the next <see cref="Receive"/>.</summary>
    public void Hold(ReadOnlySpan<byte> rest)
    {
        if (rest.Length > IncomingBytesMax)
            throw new InvalidDataException("The server sent a frame of more than 4 MB.");

        if (incoming.Length < rest.Length)
            Replace(ref incoming, rest.Length, 0);

        rest.CopyTo(incoming);
        held = rest.Length;
    }

    public void Dispose()
    {
        IsClosed = true;
        socket.Dispose();
        GiveBack(ref outgoing);
        GiveBack(ref incoming);
    }

    private Span<byte> Room(int bytes)
    {
        if (outgoing.Length - written < bytes)
        {
            if (written - sent + bytes > OutgoingBytesMax)
                throw new InvalidOperationException("The server does not read: 16 MB wait for it on one connection.");

            outgoing.AsSpan(sent, written - sent).CopyTo(outgoing);
            written -= sent;
            sent = 0;
            if (outgoing.Length - written < bytes)
                Replace(ref outgoing, Math.Max(2 * outgoing.Length, written + bytes), written);
        }

        return outgoing.AsSpan(written);
    }

    private static void Replace(ref byte[] buffer, int bytesMin, int keep)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(bytesMin);
        buffer.AsSpan(0, keep).CopyTo(larger);
        GiveBack(ref buffer);
        buffer = larger;
    }

    // Ten thousand idle connections must not hold ten thousand buffers.
    private static void GiveBack(ref byte[] buffer)
    {
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);

        buffer = [];
    }
}
