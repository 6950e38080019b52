using System.Threading.Channels;
using Claudemesh.Daemon.Topics;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Inbox;

/// <summary>
/// Takes one connection's pushes in order: opens them, stores a batch in one transaction, and only then acknowledges each. What is pushed twice is
/// stored once and acknowledged twice. A push that shows that one before it is missing ends the connection; the next one resumes behind what is stored.
/// </summary>
internal sealed partial class Receiver(
    long workspaceNo,
    InboxStore inbox,
    Opener opener,
    PostMaker posts,
    Func<ClientAck, CancellationToken, Task> acknowledge,
    Action<Stored> stored,
    TimeProvider clock,
    ILogger<Receiver> logger)
{
    private const int BatchMax = 256;

    // More than a broker pushes unacknowledged: its bound is 1 MiB a lane, whatever the count.
    private const int WaitingMax = 8192;

    // A disk that is full is asked again at this pace; the broker keeps what is not acknowledged.
    private static readonly TimeSpan StoreAgain = TimeSpan.FromSeconds(2);

    private readonly Channel<Push> pushes = Channel.CreateBounded<Push>(new BoundedChannelOptions(WaitingMax) { SingleReader = true });
    private readonly Dictionary<(string Source, Priority Lane), long> last = [];

    /// <summary>Waits for room: a daemon that cannot keep up stops reading its socket instead of growing.</summary>
    public ValueTask OfferAsync(Push push, CancellationToken cancellationToken) => pushes.Writer.WriteAsync(push, cancellationToken);

    /// <summary>Runs until the connection ends.</summary>
    /// <returns>That a push went missing: the connection must end, and the next one resumes.</returns>
    public async Task<bool> RunAsync(CancellationToken connected)
    {
        var batch = new List<Incoming>(BatchMax);
        var acks = new List<ClientAck>(BatchMax);
        while (await pushes.Reader.WaitToReadAsync(connected))
        {
            bool gap = false;
            while (batch.Count < BatchMax && !gap && pushes.Reader.TryRead(out Push? push))
            {
                gap = IsAfterGap(push);
                if (gap)
                    break;

                Arrival arrival = await opener.OpenAsync(push, connected);
                if (arrival.Unreadable is { } reason)
                    LogUnreadable(push.MessageId, reason);
                batch.Add(PostMaker.TopicOf(push) is { } topic ? Incoming.Of(posts.Make(topic, arrival)) : new Incoming(arrival));
                acks.Add(new ClientAck(push.ClientMessageId, push.MessageId, push.SessionId));
            }

            if (batch.Count > 0)
            {
                Stored fresh = await StoreAsync(batch, connected);
                foreach (ClientAck ack in acks)
                    await acknowledge(ack, connected);
                stored(fresh with { Waits = batch.Exists(one => one.Waits) });
            }

            batch.Clear();
            acks.Clear();
            if (gap)
            {
                LogMissed();
                return true;
            }
        }

        return false;
    }

    /// <summary>The broker names the position it pushed before this one; another than the last seen means that one was lost on the way.</summary>
    private bool IsAfterGap(Push push)
    {
        if (push is not { Position: { } position, Previous: { } previous } || push.Again == true)
            return false;

        // Each topic is a source of its own, with a chain of its own.
        (string, Priority) lane = (PostMaker.TopicOf(push) is { } topic ? "#" + topic : push.SessionId?.Value ?? "", push.Priority ?? Priority.Next);
        bool gap = previous != 0 && last.TryGetValue(lane, out long seen) && seen < previous;
        last[lane] = position;
        return gap;
    }

    private async Task<Stored> StoreAsync(List<Incoming> batch, CancellationToken connected)
    {
        while (true)
        {
            try
            {
                return await inbox.StoreAsync(workspaceNo, batch, connected);
            }
            catch (Microsoft.Data.Sqlite.SqliteException error)
            {
                LogNotStored(error, batch.Count);
                await Task.Delay(StoreAgain, clock, connected);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Message {MessageId} cannot be read: {Reason}")]
    private partial void LogUnreadable(string messageId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A push went missing; connecting again to resume")]
    private partial void LogMissed();

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} messages could not be stored; trying again")]
    private partial void LogNotStored(Exception error, int count);
}
