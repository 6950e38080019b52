using System.Diagnostics;
using Claudemesh.Load.Sockets;

namespace Claudemesh.Load.Traffic;

/// <summary>Does nothing for a time but answer the server's pings, and counts connections that end.</summary>
internal sealed class Waiting(TimeSpan time) : ITraffic
{
    private readonly long until = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);

    public int Lost { get; private set; }

    public bool IsDone => Stopwatch.GetTimestamp() >= until;

    public long OnTurn(EventLoop loop, long now) => until;

    public void OnOpen(EventLoop loop, LoadSocket socket)
    {
    }

    public void OnText(EventLoop loop, LoadSocket socket, ReadOnlySpan<byte> text)
    {
    }

    public void OnClosed(EventLoop loop, LoadSocket socket) => Lost++;
}
