using System.Diagnostics;
using Claudemesh.Load.Http;
using Claudemesh.Load.Sockets;

namespace Claudemesh.Load.Traffic;

/// <summary>Does nothing for a time but read what comes.</summary>
internal sealed class QuietTraffic(TimeSpan time) : IHttpTraffic
{
    private readonly long until = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);

    public bool IsDone => Stopwatch.GetTimestamp() >= until;

    public long OnTurn(HttpLoop loop, long now) => until;

    public void OnAnswer(HttpLoop loop, LoadSocket socket, int status, ReadOnlySpan<byte> body)
    {
    }

    public void OnEvents(LoadSocket socket, ReadOnlySpan<byte> events)
    {
    }

    public void OnClosed(LoadSocket socket)
    {
    }
}
