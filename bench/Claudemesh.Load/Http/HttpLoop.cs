using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Text;
using Claudemesh.Load.Sockets;

namespace Claudemesh.Load.Http;

/// <summary>What a measurement does with the connections of an <see cref="HttpLoop"/>; called on its one thread.</summary>
internal interface IHttpTraffic
{
    bool IsDone { get; }

    /// <summary>Called before each wait: may open connections and write requests.</summary>
    /// <returns>The <see cref="Stopwatch"/> time at which to be called again even when nothing arrives.</returns>
    long OnTurn(HttpLoop loop, long now);

    /// <summary>A whole answer with a body of its own length.</summary>
    void OnAnswer(HttpLoop loop, LoadSocket socket, int status, ReadOnlySpan<byte> body);

    /// <summary>A piece of a stream: whole events.</summary>
    void OnEvents(LoadSocket socket, ReadOnlySpan<byte> events);

    void OnClosed(LoadSocket socket);
}

/// <summary>HTTP/1.1 connections to one server, kept alive, on the thread that calls <see cref="Run"/>. Knows of HTTP what the two servers write.</summary>
internal sealed class HttpLoop : IDisposable
{
    private const int ReadBytes = 256 * 1024;
    private const int HeldBytesMax = 4 * 1024 * 1024;

    private readonly byte[] buffer = GC.AllocateArray<byte>(ReadBytes + HeldBytesMax, pinned: true);
    private readonly Epoll epoll = new();
    private readonly IPEndPoint server;
    private readonly List<LoadSocket?> sockets = [];
    private readonly List<bool> streams = [];

    public HttpLoop(Uri url) => server = new IPEndPoint(IPAddress.Parse(url.Host), url.Port);

    public int Lost { get; private set; }

    public LoadSocket Open()
    {
        LoadSocket socket = new(server, sockets.Count);
        sockets.Add(socket);
        streams.Add(false);
        epoll.Add(socket.Descriptor, socket.Slot, Epoll.In);
        return socket;
    }

    public void Send(LoadSocket socket, ReadOnlySpan<byte> request)
    {
        socket.WriteRaw(request);
        socket.Flush();
        if (socket.IsBlocked)
            epoll.Modify(socket.Descriptor, socket.Slot, Epoll.In | Epoll.Out);
    }

    /// <summary>Runs until the traffic is done.</summary>
    /// <returns>False when <paramref name="limit"/> passed before.</returns>
    public bool Run(IHttpTraffic traffic, TimeSpan limit)
    {
        long deadline = Stopwatch.GetTimestamp() + (long)(limit.TotalSeconds * Stopwatch.Frequency);
        while (!traffic.IsDone)
        {
            long now = Stopwatch.GetTimestamp();
            if (now >= deadline)
                return false;

            long due = Math.Min(traffic.OnTurn(this, now), deadline);
            int ready = epoll.Wait(Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due));
            for (int at = 0; at < ready; at++)
            {
                (int slot, uint what) = epoll.Ready(at);
                if (sockets[slot] is { } socket)
                    Serve(traffic, socket, what);
            }
        }

        return true;
    }

    public void Dispose()
    {
        foreach (LoadSocket? socket in sockets)
            socket?.Dispose();

        epoll.Dispose();
    }

    private void Serve(IHttpTraffic traffic, LoadSocket socket, uint what)
    {
        if ((what & Epoll.Out) != 0)
        {
            socket.Flush();
            if (!socket.IsBlocked)
                epoll.Modify(socket.Descriptor, socket.Slot, Epoll.In);
        }

        if ((what & (Epoll.In | Epoll.Error | Epoll.HangUp)) == 0)
            return;

        ReadOnlySpan<byte> bytes = socket.Receive(buffer);
        while (!bytes.IsEmpty && (streams[socket.Slot] ? TakeEvents(traffic, socket, ref bytes) : TakeAnswer(traffic, socket, ref bytes)))
        {
        }

        if (!socket.IsClosed)
        {
            socket.Hold(bytes);
            return;
        }

        Lost++;
        sockets[socket.Slot] = null;
        epoll.Remove(socket.Descriptor);
        socket.Dispose();
        traffic.OnClosed(socket);
    }

    private bool TakeAnswer(IHttpTraffic traffic, LoadSocket socket, ref ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return false;

        ReadOnlySpan<byte> head = bytes[..end];
        ReadOnlySpan<byte> rest = bytes[(end + 4)..];
        int status = Number(head["HTTP/1.1 ".Length..]);
        if (status == 200 && head.IndexOf("text/event-stream"u8) >= 0)
        {
            streams[socket.Slot] = true;
            bytes = rest;
            return true;
        }

        if (head.IndexOf("Content-Length: "u8) is >= 0 and var at)
        {
            int length = Number(head[(at + "Content-Length: ".Length)..]);
            if (rest.Length < length)
                return false;

            traffic.OnAnswer(this, socket, status, rest[..length]);
            bytes = rest[length..];
            return true;
        }

        // One chunk and the end: the servers write a small answer at once.
        if (!TryReadChunk(rest, out ReadOnlySpan<byte> body, out int first))
            return false;
        if (!TryReadChunk(rest[first..], out _, out int last))
            return false;

        traffic.OnAnswer(this, socket, status, body);
        bytes = rest[(first + last)..];
        return true;
    }

    private static int Number(ReadOnlySpan<byte> text) => Utf8Parser.TryParse(text, out int number, out _)
        ? number
        : throw new InvalidDataException("No number stands at " + Encoding.ASCII.GetString(text[..Math.Min(text.Length, 40)]));

    private static bool TakeEvents(IHttpTraffic traffic, LoadSocket socket, ref ReadOnlySpan<byte> bytes)
    {
        if (!TryReadChunk(bytes, out ReadOnlySpan<byte> events, out int length))
            return false;

        traffic.OnEvents(socket, events);
        bytes = bytes[length..];
        return true;
    }

    private static bool TryReadChunk(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> chunk, out int length)
    {
        chunk = default;
        length = 0;
        int line = bytes.IndexOf("\r\n"u8);
        if (line < 0)
            return false;
        if (!Utf8Parser.TryParse(bytes[..line], out int size, out int digits, 'x') || digits != line)
            throw new InvalidDataException("No chunk begins with " + Encoding.ASCII.GetString(bytes[..Math.Min(line, 40)]));

        length = line + 2 + size + 2;
        if (bytes.Length < length)
            return false;

        chunk = bytes.Slice(line + 2, size);
        return true;
    }
}
