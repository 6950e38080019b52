using System.Diagnostics;
using System.Text;
using Claudemesh.Load.Sockets;

namespace Claudemesh.Load.Traffic;

/// <summary>When a run of <see cref="DirectTraffic"/> ends.</summary>
internal enum Finish
{
    /// <summary>At a time, whatever is on its way.</summary>
    Time,

    /// <summary>When everything sent has been acknowledged.</summary>
    Acknowledged,

    /// <summary>When everything sent has been acknowledged and has arrived.</summary>
    Delivered,
}

/// <summary>
/// Direct messages in 1.x frames. Closed: each sender keeps <see cref="WindowMax"/> on their way; or open: one each
/// <see cref="Interval"/>, whether the server keeps up or not, and its time counts from when it was due.
/// </summary>
internal sealed class DirectTraffic(IReadOnlyList<LoadSocket> sockets, ClientIdKind ids) : ITraffic
{
    private const int BurstMax = 256;

    private static ushort runs;

    private readonly ushort run = ++runs;
    private readonly Sender?[] senders = new Sender?[sockets.Count];
    private readonly List<Flow> flows = [];
    private readonly byte[] acknowledgement = new byte[256];
    private ClientIds clientIds = new(ids, (ulong)Stopwatch.GetTimestamp());
    private long until = long.MaxValue;
    private long due;
    private int turn;
    private bool isSending = true;

    public int WindowMax { get; init; } = 64;

    public TimeSpan? Interval { get; init; }

    /// <summary>Of one sender, in all.</summary>
    public long MessagesMax { get; init; } = long.MaxValue;

    public Finish Finish { get; set; }

    /// <summary>When given, takes the time of each message.</summary>
    public List<TimeSpan>? Times { get; set; }

    public long Sent { get; private set; }

    public long Acknowledged { get; private set; }

    public long Delivered { get; private set; }

    public long Refused { get; private set; }

    public string? FirstRefusal { get; private set; }

    public int Lost { get; private set; }

    public long Again => flows.Sum(flow => flow.Again);

    public long OutOfOrder => flows.Sum(flow => flow.OutOfOrder);

    /// <summary>Acknowledged and delivered.</summary>
    public long Completed => Math.Min(Acknowledged, Delivered);

    public bool IsDone => Finish switch
    {
        Finish.Time => Stopwatch.GetTimestamp() >= until,
        Finish.Acknowledged => IsSpent && Acknowledged + Refused == Sent,
        _ => IsSpent && Acknowledged + Refused == Sent && Delivered >= Sent - Refused,
    };

    private bool IsSpent => !isSending || Array.TrueForAll(senders, sender => sender is null || sender.Sent >= MessagesMax);

    /// <param name="target">The recipient's key.</param>
    public void AddFlow(int senderPeer, string target)
    {
        Sender sender = senders[senderPeer] ??= new Sender(sockets[senderPeer]);
        Flow flow = new(run, (ushort)flows.Count, sender, target);
        sender.Flows.Add(flow);
        flows.Add(flow);
    }

    /// <summary>The next run ends after this time.</summary>
    public void RunFor(TimeSpan time)
    {
        Finish = Finish.Time;
        until = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
    }

    /// <summary>The next run sends nothing new.</summary>
    public void Stop(Finish finish)
    {
        isSending = false;
        Finish = finish;
    }

    public long OnTurn(EventLoop loop, long now)
    {
        if (!isSending)
            return Math.Min(until, now + Stopwatch.Frequency);

        long unixMilliseconds = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        if (Interval is { } interval)
            return Math.Min(until, SendDue(loop, now, interval, unixMilliseconds));

        foreach (Sender? sender in senders)
        {
            if (sender is not null)
                FillWindow(loop, sender, now, unixMilliseconds);
        }

        return Math.Min(until, now + Stopwatch.Frequency);
    }

    public void OnOpen(EventLoop loop, LoadSocket socket)
    {
    }

    public void OnText(EventLoop loop, LoadSocket socket, ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> type = JsonText.Type(text);
        if (type.SequenceEqual("push"u8))
            TakePush(loop, socket, text);
        else if (type.SequenceEqual("ack"u8))
            TakeAck(socket, text);
        else if (type.SequenceEqual("error"u8))
            throw new InvalidOperationException("The server says: " + Encoding.UTF8.GetString(text));
    }

    public void OnClosed(EventLoop loop, LoadSocket socket) => Lost++;

    private long SendDue(EventLoop loop, long now, TimeSpan interval, long unixMilliseconds)
    {
        long step = (long)(interval.TotalSeconds * Stopwatch.Frequency);
        due = due == 0 ? now : due;
        while (due <= now)
        {
            Flow flow = flows[turn++ % flows.Count];
            Send(loop, flow.Sender, flow, due, unixMilliseconds);
            due += step;
        }

        return due;
    }

    private void FillWindow(EventLoop loop, Sender sender, long now, long unixMilliseconds)
    {
        long open = sender.Sent - Math.Min(sender.Acknowledged, sender.Delivered);
        long room = Math.Min(Math.Min(WindowMax - open, BurstMax), MessagesMax - sender.Sent);
        for (long sent = 0; sent < room; sent++)
            Send(loop, sender, sender.NextFlow(), now, unixMilliseconds);
    }

    private void Send(EventLoop loop, Sender sender, Flow flow, long sentAt, long unixMilliseconds)
    {
        loop.Send(sender.Socket, flow.Next(ref clientIds, unixMilliseconds, sentAt));
        sender.Sent++;
        Sent++;
    }

    private void TakePush(EventLoop loop, LoadSocket socket, ReadOnlySpan<byte> push)
    {
        // What is announced (who joined, who left) has no nonce.
        if (!MessageNo.TryRead(JsonText.Find(push, "\"nonce\":\""u8), out MessageNo number))
            return;

        loop.Send(socket, ClientAcknowledgement.Write(acknowledgement, push));
        if (number.Run != run)
            return;

        Flow flow = flows[number.Flow];
        if (flow.Arrive(number.Sequence, Stopwatch.GetTimestamp()) is { } time)
        {
            flow.Sender.Delivered++;
            Delivered++;
            Times?.Add(time);
        }
    }

    private void TakeAck(LoadSocket socket, ReadOnlySpan<byte> ack)
    {
        if (socket.Peer >= senders.Length || senders[socket.Peer] is not { } sender)
            return;

        if (ack.IndexOf("\"queued\":true"u8) < 0)
        {
            // It will never arrive: it leaves the window as if it had.
            Refused++;
            FirstRefusal ??= Encoding.UTF8.GetString(ack);
            sender.Delivered++;
            sender.Acknowledged++;
            return;
        }

        sender.Acknowledged++;
        Acknowledged++;
    }
}
