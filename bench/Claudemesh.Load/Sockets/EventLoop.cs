using System.Diagnostics;
using System.Net;
using System.Text;

namespace Claudemesh.Load.Sockets;

/// <summary>What a measurement does with the sockets of an <see cref="EventLoop"/>; called on its one thread.</summary>
internal interface ITraffic
{
    bool IsDone { get; }

    /// <summary>Called before each wait: may open sockets and write frames.</summary>
    /// <returns>The <see cref="Stopwatch"/> time at which to be called again even when nothing arrives.</returns>
    long OnTurn(EventLoop loop, long now);

    /// <summary>A socket's upgrade was answered: it may write frames from now on.</summary>
    void OnOpen(EventLoop loop, LoadSocket socket);

    void OnText(EventLoop loop, LoadSocket socket, ReadOnlySpan<byte> text);

    void OnClosed(EventLoop loop, LoadSocket socket);
}

/// <summary>
/// All client connections to one server, on the thread that calls <see cref="Run"/>: everything that arrived is read and answered
/// before one write per socket goes out, so the cost of system calls is shared by many messages.
/// </summary>
internal sealed class EventLoop : IDisposable
{
    private const int ReadBytes = 256 * 1024;
    private const int HeldBytesMax = 4 * 1024 * 1024;

    private readonly byte[] buffer = GC.AllocateArray<byte>(ReadBytes + HeldBytesMax, pinned: true);
    private readonly Epoll epoll = new();
    private readonly IPEndPoint server;
    private readonly byte[] upgrade;
    private readonly List<LoadSocket?> sockets = [];
    private readonly List<LoadSocket> dirty = [];
    private ITraffic? traffic;

    public EventLoop(Uri url)
    {
        server = new IPEndPoint(IPAddress.Parse(url.Host), url.Port);
        upgrade = Encoding.ASCII.GetBytes(
            $"GET /ws HTTP/1.1\r\nHost: {url.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    }

    public int OpenSockets { get; private set; }

    /// <summary>Each frame in a write of its own, as 1.x clients do it; otherwise all that waits for a socket in one.</summary>
    public bool WritesEachFrame { get; set; }

    /// <summary>Connects; <see cref="ITraffic.OnOpen"/> follows.</summary>
    public LoadSocket Open()
    {
        LoadSocket socket = new(server, sockets.Count);
        sockets.Add(socket);
        epoll.Add(socket.Descriptor, socket.Slot, Epoll.In);
        OpenSockets++;
        socket.WriteRaw(upgrade);
        Mark(socket);
        return socket;
    }

    public void Send(LoadSocket socket, ReadOnlySpan<byte> text)
    {
        socket.WriteFrame(ClientFrame.Text, text);
        if (WritesEachFrame && !socket.IsBlocked)
            Flush(socket);
        else
            Mark(socket);
    }

    /// <summary>Drops the connection without a word.</summary>
    public void Drop(LoadSocket socket)
    {
        if (sockets[socket.Slot] is null)
            return;

        sockets[socket.Slot] = null;
        OpenSockets--;
        epoll.Remove(socket.Descriptor);
        socket.Dispose();
    }

    /// <summary>Says goodbye with 1000 and drops the connection.</summary>
    public void Close(LoadSocket socket)
    {
        if (sockets[socket.Slot] is null)
            return;

        socket.WriteFrame(ClientFrame.Close, [0x03, 0xE8]);
        socket.Flush();
        Drop(socket);
    }

    /// <summary>Runs until the traffic is done.</summary>
    /// <returns>False when <paramref name="limit"/> passed before.</returns>
    public bool Run(ITraffic next, TimeSpan limit)
    {
        traffic = next;
        long deadline = Stopwatch.GetTimestamp() + (long)(limit.TotalSeconds * Stopwatch.Frequency);
        while (!next.IsDone)
        {
            long now = Stopwatch.GetTimestamp();
            if (now >= deadline)
                return false;

            long due = Math.Min(next.OnTurn(this, now), deadline);
            FlushDirty();
            if (next.IsDone)
                return true;

            int ready = epoll.Wait(Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due));
            for (int at = 0; at < ready; at++)
            {
                (int slot, uint what) = epoll.Ready(at);
                if (sockets[slot] is { } socket)
                    Serve(socket, what);
            }

            FlushDirty();
        }

        return true;
    }

    public void Dispose()
    {
        for (int slot = 0; slot < sockets.Count; slot++)
        {
            if (sockets[slot] is { } socket)
                Drop(socket);
        }

        epoll.Dispose();
    }

    private void Mark(LoadSocket socket)
    {
        if (socket.IsDirty)
            return;

        socket.IsDirty = true;
        dirty.Add(socket);
    }

    private void FlushDirty()
    {
        foreach (LoadSocket socket in dirty)
        {
            socket.IsDirty = false;
            if (!socket.IsClosed)
                Flush(socket);
        }

        dirty.Clear();
    }

    private void Flush(LoadSocket socket)
    {
        bool wasBlocked = socket.IsBlocked;
        socket.Flush();
        if (socket.IsBlocked != wasBlocked)
            epoll.Modify(socket.Descriptor, socket.Slot, socket.IsBlocked ? Epoll.In | Epoll.Out : Epoll.In);
    }

    private void Serve(LoadSocket socket, uint what)
    {
        if ((what & Epoll.Out) != 0)
            Flush(socket);

        if ((what & (Epoll.In | Epoll.Error | Epoll.HangUp)) == 0)
            return;

        ReadOnlySpan<byte> bytes = socket.Receive(buffer);
        if (!socket.IsUpgraded && !bytes.IsEmpty && !TakeUpgrade(socket, ref bytes))
            return;

        int rest = bytes.Length;
        while (ClientFrame.TryRead(bytes[^rest..], out byte opcode, out ReadOnlySpan<byte> payload, out int length))
        {
            rest -= length;
            if (opcode == ClientFrame.Text)
                traffic!.OnText(this, socket, payload);
            else if (opcode == ClientFrame.Ping)
                Pong(socket, payload);
            else if (opcode == ClientFrame.Close)
                Lose(socket);

            if (socket.IsClosed)
                return;
        }

        if (socket.IsClosed)
            Lose(socket);
        else if (rest > 0)
            socket.Hold(bytes[^rest..]);
    }

    private bool TakeUpgrade(LoadSocket socket, ref ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            socket.Hold(bytes);
            return false;
        }

        if (!bytes.StartsWith("HTTP/1.1 101 "u8))
            throw new InvalidDataException("The server refused to switch to WebSocket: " + Encoding.ASCII.GetString(bytes[..Math.Min(end, 200)]));

        bytes = bytes[(end + 4)..];
        socket.IsUpgraded = true;
        traffic!.OnOpen(this, socket);
        return true;
    }

    private void Pong(LoadSocket socket, ReadOnlySpan<byte> payload)
    {
        socket.WriteFrame(ClientFrame.Pong, payload);
        Mark(socket);
    }

    private void Lose(LoadSocket socket)
    {
        if (sockets[socket.Slot] is null)
            return;

        Drop(socket);
        traffic!.OnClosed(this, socket);
    }
}
