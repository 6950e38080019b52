using System.Diagnostics;
using Claudemesh.Load.Sockets;

namespace Claudemesh.Load.Traffic;

/// <summary>The messages of one sender to one recipient: what was sent, and whether it arrives once and in order.</summary>
internal sealed class Flow(ushort run, ushort number, Sender sender, string target)
{
    // More are never on their way where the time of each is asked for.
    private const int TimesKept = 1 << 13;

    private readonly SendFrame frame = new(target);
    private readonly long[] sentAt = new long[TimesKept];

    public Sender Sender { get; } = sender;

    public long Sent { get; private set; }

    public long Delivered { get; private set; }

    public long OutOfOrder { get; private set; }

    public long Again { get; private set; }

    private long last = -1;

    public ReadOnlySpan<byte> Next(ref ClientIds ids, long unixMilliseconds, long due)
    {
        sentAt[Sent & (TimesKept - 1)] = due;
        return frame.Fill(new MessageNo(run, number, (uint)Sent++), ref ids, unixMilliseconds);
    }

    /// <returns>How long it was on its way; null for one that had arrived before.</returns>
    public TimeSpan? Arrive(long sequence, long now)
    {
        if (sequence <= last)
        {
            // Either it comes again, or an earlier one comes later: what is missing at the end tells which.
            Again++;
            return null;
        }

        OutOfOrder += sequence == last + 1 ? 0 : 1;
        last = sequence;
        Delivered++;
        return Stopwatch.GetElapsedTime(sentAt[sequence & (TimesKept - 1)], now);
    }
}

/// <summary>A connection that sends: to one recipient or to several in turn.</summary>
internal sealed class Sender(LoadSocket socket)
{
    private int turn;

    public LoadSocket Socket { get; } = socket;

    public List<Flow> Flows { get; } = [];

    public long Sent { get; set; }

    public long Acknowledged { get; set; }

    public long Delivered { get; set; }

    public Flow NextFlow() => Flows[turn++ % Flows.Count];
}
