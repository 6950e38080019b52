using System.Diagnostics;
using System.Text;
using Claudemesh.Load.Http;
using Claudemesh.Load.Sockets;

namespace Claudemesh.Load.Traffic;

/// <summary>Opens streams, some at a time, until each has begun.</summary>
internal sealed class OpeningTraffic(string key, int count) : IHttpTraffic
{
    private const int AtOnceMax = 100;

    private readonly byte[] request = Encoding.ASCII.GetBytes($"GET /api/v1/stream HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n\r\n");
    private readonly HashSet<LoadSocket> begun = [];
    private int opened;

    public bool IsDone => begun.Count == count;

    public long OnTurn(HttpLoop loop, long now)
    {
        while (opened < count && opened - begun.Count < AtOnceMax)
        {
            loop.Send(loop.Open(), request);
            opened++;
        }

        return now + Stopwatch.Frequency / 20;
    }

    public void OnAnswer(HttpLoop loop, LoadSocket socket, int status, ReadOnlySpan<byte> body) =>
        throw new InvalidOperationException($"A stream was refused with {status}: {Encoding.UTF8.GetString(body)}");

    public void OnEvents(LoadSocket socket, ReadOnlySpan<byte> events) => begun.Add(socket);

    public void OnClosed(LoadSocket socket) => throw new InvalidOperationException("A stream was closed.");
}
