using System.Buffers;
using System.Globalization;
using System.Text;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Streams;

/// <summary>The events of a stream as they travel (WHATWG HTML, server-sent events). The data is JSON without line breaks.</summary>
internal static class StreamFrames
{
    public const string ContentType = "text/event-stream; charset=utf-8";

    /// <summary>In milliseconds: a browser connects again so soon after it has lost a stream.</summary>
    private const int RetryMilliseconds = 1_000;

    /// <param name="topic">Null: all topics.</param>
    /// <param name="place">Where the stream begins.</param>
    public static SharedFrame Ready(Topic? topic, string place, DateTimeOffset now)
    {
        FrameEncoder.PooledWriter to = FrameEncoder.Start();
        Write(to, string.Create(CultureInfo.InvariantCulture, $"retry: {RetryMilliseconds}\nid: {place}\nevent: ready\ndata: "));
        FrameWriter.WriteBody(to, new StreamReady(now, topic?.Name, topic?.Id));
        to.Write("\n\n"u8);
        return to.FinishBare();
    }

    public static SharedFrame Heartbeat(DateTimeOffset now)
    {
        FrameEncoder.PooledWriter to = FrameEncoder.Start();
        Write(to, string.Create(CultureInfo.InvariantCulture, $"event: heartbeat\ndata: {now.ToUnixTimeMilliseconds()}\n\n"));
        return to.FinishBare();
    }

    /// <summary>The last event: why the broker ends the stream, in the form of a refusal.</summary>
    public static SharedFrame Ended(MeshError why)
    {
        FrameEncoder.PooledWriter to = FrameEncoder.Start();
        to.Write("event: ended\ndata: "u8);
        FrameWriter.WriteBody(to, Problem.From(why));
        to.Write("\n\n"u8);
        return to.FinishBare();
    }

    public static SharedFrame Message(Workspace workspace, Topic topic, Message post)
    {
        FrameEncoder.PooledWriter to = FrameEncoder.Start();
        Write(to, workspace, topic, post);
        return to.FinishBare();
    }

    /// <summary>Many events in one piece.</summary>
    public static SharedFrame Messages(Workspace workspace, IReadOnlyList<(Topic Topic, Message Post)> posts)
    {
        FrameEncoder.PooledWriter to = FrameEncoder.Start();
        foreach ((Topic topic, Message post) in posts)
            Write(to, workspace, topic, post);
        return to.FinishBare();
    }

    private static void Write(FrameEncoder.PooledWriter to, Workspace workspace, Topic topic, Message post)
    {
        to.Write("id: "u8);
        workspace.Ids.Write(post.Id, to.GetSpan(MessageId.Length)[..MessageId.Length]);
        to.Advance(MessageId.Length);
        to.Write("\nevent: message\ndata: "u8);
        FrameWriter.WriteBody(to, RowRecords.Of(workspace, topic, post));
        to.Write("\n\n"u8);
    }

    private static void Write(FrameEncoder.PooledWriter to, string text) => Encoding.UTF8.GetBytes(text, to);
}
