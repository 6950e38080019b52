using System.Diagnostics;
using System.Text;
using Claudemesh.Load.Sockets;

namespace Claudemesh.Load.Traffic;

/// <summary>Asks for the list of topics, one time after the other, and takes the time of each.</summary>
internal sealed class TopicListTraffic(LoadSocket socket, int lists) : ITraffic
{
    private long askedAt;
    private bool isWaiting;

    public List<TimeSpan> Times { get; } = [];

    /// <summary>The last one.</summary>
    public string List { get; private set; } = "";

    public bool IsDone => Times.Count == lists;

    public long OnTurn(EventLoop loop, long now)
    {
        if (!isWaiting && !IsDone)
        {
            askedAt = Stopwatch.GetTimestamp();
            loop.Send(socket, "{\"type\":\"topic_list\",\"_reqId\":\"list\"}"u8);
            isWaiting = true;
        }

        return now + Stopwatch.Frequency;
    }

    public void OnOpen(EventLoop loop, LoadSocket socket)
    {
    }

    public void OnText(EventLoop loop, LoadSocket socket, ReadOnlySpan<byte> text)
    {
        if (!JsonText.Type(text).SequenceEqual("topic_list_response"u8))
            return;

        Times.Add(Stopwatch.GetElapsedTime(askedAt));
        List = Encoding.UTF8.GetString(text);
        isWaiting = false;
    }

    public void OnClosed(EventLoop loop, LoadSocket socket) => throw new InvalidOperationException("The connection that lists topics was closed.");
}
