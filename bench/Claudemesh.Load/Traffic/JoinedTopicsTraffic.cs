using System.Text;
using Claudemesh.Load.Sockets;

namespace Claudemesh.Load.Traffic;

/// <summary>Makes topics by one connection, one after the other, and joins each by another.</summary>
internal sealed class JoinedTopicsTraffic(LoadSocket maker, LoadSocket joiner, int topics) : ITraffic
{
    private bool isWaiting;

    public List<string> Ids { get; } = [];

    public bool IsDone => Ids.Count == topics;

    public long OnTurn(EventLoop loop, long now)
    {
        if (!isWaiting && !IsDone)
        {
            loop.Send(maker, Encoding.ASCII.GetBytes($"{{\"type\":\"topic_create\",\"_reqId\":\"make\",\"name\":\"topic-{Ids.Count}\"}}"));
            isWaiting = true;
        }

        return now + System.Diagnostics.Stopwatch.Frequency;
    }

    public void OnOpen(EventLoop loop, LoadSocket socket)
    {
    }

    public void OnText(EventLoop loop, LoadSocket socket, ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> type = JsonText.Type(text);
        if (type.SequenceEqual("error"u8))
            throw new InvalidOperationException("A topic was refused: " + Encoding.UTF8.GetString(text));
        if (!type.SequenceEqual("topic_created"u8))
            return;

        Ids.Add(Encoding.ASCII.GetString(JsonText.Find(text, "\"id\":\""u8)));
        loop.Send(joiner, Encoding.ASCII.GetBytes($"{{\"type\":\"topic_join\",\"topic\":\"{Ids[^1]}\"}}"));
        isWaiting = false;
    }

    public void OnClosed(EventLoop loop, LoadSocket socket) => throw new InvalidOperationException("A connection was closed while topics were made.");
}
