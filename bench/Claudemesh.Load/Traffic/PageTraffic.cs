using System.Diagnostics;
using System.Text;
using Claudemesh.Load.Sockets;

namespace Claudemesh.Load.Traffic;

/// <summary>Asks for pages of a topic's history, one after the other, from its end backwards, and takes the time of each.</summary>
internal sealed class PageTraffic(LoadSocket socket, string topic, int pages) : ITraffic
{
    private const int PageCount = 50;

    private string? before;
    private long askedAt;
    private bool isWaiting;

    public List<TimeSpan> Times { get; } = [];

    public bool IsDone => Times.Count == pages;

    public long OnTurn(EventLoop loop, long now)
    {
        if (!isWaiting && !IsDone)
        {
            string from = before is null ? "" : $",\"beforeId\":\"{before}\"";
            askedAt = Stopwatch.GetTimestamp();
            loop.Send(socket, Encoding.ASCII.GetBytes($"{{\"type\":\"topic_history\",\"_reqId\":\"page\",\"topic\":\"{topic}\",\"limit\":{PageCount}{from}}}"));
            isWaiting = true;
        }

        return now + Stopwatch.Frequency;
    }

    public void OnOpen(EventLoop loop, LoadSocket socket)
    {
    }

    public void OnText(EventLoop loop, LoadSocket socket, ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> type = JsonText.Type(text);
        if (type.SequenceEqual("error"u8))
            throw new InvalidOperationException("A page was refused: " + Encoding.UTF8.GetString(text));
        if (!type.SequenceEqual("topic_history_response"u8))
            return;

        Times.Add(Stopwatch.GetElapsedTime(askedAt));
        ReadOnlySpan<byte> opening = "{\"id\":\""u8;
        int last = text.LastIndexOf(opening);
        before = last < 0 ? null : Encoding.ASCII.GetString(JsonText.Find(text[last..], opening));
        isWaiting = false;
    }

    public void OnClosed(EventLoop loop, LoadSocket socket) => throw new InvalidOperationException("The connection that reads the history was closed.");
}
