using System.Diagnostics;
using Claudemesh.Load.Sockets;

namespace Claudemesh.Load.Traffic;

/// <summary>Messages of one peer to all others, as a broadcast or in a topic: each of them must get each once, in order.</summary>
internal sealed class BroadcastTraffic(IReadOnlyList<LoadSocket> sockets, string target = "*") : ITraffic
{
    private readonly SendFrame frame = new(target);
    private readonly long[] last = [.. Enumerable.Repeat(-1L, sockets.Count)];
    private readonly byte[] acknowledgement = new byte[256];
    private ClientIds ids = new(ClientIdKind.Ordered, (ulong)Stopwatch.GetTimestamp());
    private long sent;
    private long wanted;
    private int atOnceMax;

    public long Delivered { get; private set; }

    public long OutOfOrder { get; private set; }

    public int Lost { get; private set; }

    public bool IsDone => sent == wanted && Delivered == wanted * (sockets.Count - 1 - Lost);

    /// <summary>The next run sends this many more, and keeps this many on their way.</summary>
    public void Add(int messages, int atOnce)
    {
        wanted += messages;
        atOnceMax = atOnce;
    }

    public long OnTurn(EventLoop loop, long now)
    {
        long unixMilliseconds = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        while (sent < wanted && sent - (Delivered / (sockets.Count - 1)) < atOnceMax)
            loop.Send(sockets[0], frame.Fill(new MessageNo(0, 0, (uint)sent++), ref ids, unixMilliseconds));

        return now + Stopwatch.Frequency;
    }

    public void OnOpen(EventLoop loop, LoadSocket socket)
    {
    }

    public void OnText(EventLoop loop, LoadSocket socket, ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> type = JsonText.Type(text);
        if (type.SequenceEqual("ack"u8) && text.IndexOf("\"queued\":true"u8) < 0)
            throw new InvalidOperationException("A broadcast was refused: " + System.Text.Encoding.UTF8.GetString(text));

        if (!type.SequenceEqual("push"u8) || !MessageNo.TryRead(JsonText.Find(text, "\"nonce\":\""u8), out MessageNo number))
            return;

        if (number.Sequence == last[socket.Peer] + 1)
            Delivered++;
        else if (number.Sequence > last[socket.Peer])
            OutOfOrder++;

        last[socket.Peer] = Math.Max(last[socket.Peer], number.Sequence);
        loop.Send(socket, ClientAcknowledgement.Write(acknowledgement, text));
    }

    public void OnClosed(EventLoop loop, LoadSocket socket) => Lost++;
}
