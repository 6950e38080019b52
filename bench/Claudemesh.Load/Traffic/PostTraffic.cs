using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Claudemesh.Load.Http;
using Claudemesh.Load.Sockets;

namespace Claudemesh.Load.Traffic;

/// <summary>
/// Posts over REST, one on its way on each connection, and what readers of streams get of them. A post's text is the time at which it was due, so
/// that its way can be timed to each reader.
/// </summary>
/// <param name="posters">Connections that post.</param>
/// <param name="readers">How many streams are to get each post; 0: what is accepted counts.</param>
internal sealed class PostTraffic(string key, IReadOnlyList<LoadSocket> posters, int readers) : IHttpTraffic
{
    private readonly Stack<LoadSocket> free = new(posters);
    private readonly byte[] head = Encoding.ASCII.GetBytes(
        $"POST /api/v1/messages HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: ");

    private readonly Dictionary<LoadSocket, long> lastOf = [];
    private long next;
    private long until;
    private long left;

    /// <summary>Of the stream of posts; null: as fast as they are answered.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>The body's text is filled up to so many characters.</summary>
    public int TextChars { get; init; } = 100;

    /// <summary>From due to read; null: not timed.</summary>
    public List<TimeSpan>? Times { get; init; }

    public long Sent { get; private set; }

    public long Accepted { get; private set; }

    public long Read { get; private set; }

    public long OutOfOrder { get; private set; }

    public string? FirstRefusal { get; private set; }

    public bool IsDone => free.Count == posters.Count && IsOver && Read >= Accepted * readers;

    private bool IsOver => left == 0 || (left < 0 && Stopwatch.GetTimestamp() >= until);

    public void RunFor(TimeSpan time)
    {
        next = Stopwatch.GetTimestamp();
        until = next + (long)(time.TotalSeconds * Stopwatch.Frequency);
        left = -1;
    }

    public void RunMany(int count) => (left, until) = (count, long.MaxValue);

    public long OnTurn(HttpLoop loop, long now)
    {
        while (free.Count > 0 && !IsOver && (Interval is null || next <= now))
        {
            LoadSocket socket = free.Pop();
            long due = Interval is null ? now : next;
            Post(loop, socket, due);
            if (Interval is { } interval)
                next += (long)(interval.TotalSeconds * Stopwatch.Frequency);
            if (left > 0)
                left--;
        }

        return Interval is not null && free.Count > 0 && !IsOver ? next : now + Stopwatch.Frequency / 20;
    }

    public void OnAnswer(HttpLoop loop, LoadSocket socket, int status, ReadOnlySpan<byte> body)
    {
        free.Push(socket);
        if (status == 200)
            Accepted++;
        else
            FirstRefusal ??= Encoding.UTF8.GetString(body);
    }

    public void OnEvents(LoadSocket socket, ReadOnlySpan<byte> events)
    {
        long now = Stopwatch.GetTimestamp();
        while (events.IndexOf("event: message\n"u8) is >= 0 and var at)
        {
            events = events[at..];
            int end = events.IndexOf("\n\n"u8);
            Take(socket, events[..end], now);
            events = events[end..];
        }
    }

    public void OnClosed(LoadSocket socket) => FirstRefusal ??= "a connection was closed";

    private void Take(LoadSocket socket, ReadOnlySpan<byte> message, long now)
    {
        Read++;
        ReadOnlySpan<byte> named = message[(message.IndexOf("\"position\":"u8) + "\"position\":".Length)..];
        if (!Utf8Parser.TryParse(named, out long position, out _) || position <= lastOf.GetValueOrDefault(socket))
            OutOfOrder++;
        lastOf[socket] = position;
        if (Times is not null && Utf8Parser.TryParse(JsonText.Find(message, "\"text\":\""u8), out long due, out _))
            Times.Add(Stopwatch.GetElapsedTime(due, now));
    }

    private void Post(HttpLoop loop, LoadSocket socket, long due)
    {
        Span<byte> request = stackalloc byte[1024];
        string text = due.ToString(CultureInfo.InvariantCulture).PadRight(TextChars);
        string body = $$"""{"topic":"general","text":"{{text}}"}""";
        head.CopyTo(request);
        int length = head.Length;
        length += Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{body.Length}\r\n\r\n{body}"), request[length..]);
        loop.Send(socket, request[..length]);
        Sent++;
    }
}
