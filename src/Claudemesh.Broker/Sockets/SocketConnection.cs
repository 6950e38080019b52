using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Topics;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Sockets;

/// <summary>
/// One socket: its identity and its send queue. Capabilities keep what they know of it themselves, by its number, and hear of
/// its end through <see cref="Workspaces.Workspace.Lose"/>.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Others may abort a connection after its end; the source holds nothing by then.")]
internal sealed class SocketConnection : IOutboxObserver, IControlFrames
{
    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(5);
    private static long lastNumber;

    private readonly CancellationTokenSource aborted = new();
    private readonly SocketMetrics metrics;
    private readonly TimeProvider clock;
    private readonly ConcurrentDictionary<ReaderNo, byte> topicReaders = new();
    private ImmutableArray<ReaderView> readers = [];
    private long heardAt;
    private int closing;

    public SocketConnection(Func<SocketConnection, Outbox> outbox, ReadOnlyMemory<byte> challenge, SocketMetrics metrics, TimeProvider clock)
    {
        this.metrics = metrics;
        this.clock = clock;
        heardAt = clock.GetTimestamp();
        No = new ConnectionNo(Interlocked.Increment(ref lastNumber));
        Challenge = new OneTimeChallenge(challenge, clock);
        Outbox = outbox(this);
    }

    public ConnectionNo No { get; }

    public OneTimeChallenge Challenge { get; }

    public Outbox Outbox { get; }

    public PendingSends PendingSends { get; } = new();

    /// <summary>Null until a handshake has succeeded; then it stays.</summary>
    public Caller? Caller { get; set; }

    /// <summary>Whether pushes and answers carry what 1.x does not know.</summary>
    public bool IsOurs { get; set; }

    /// <summary>Whether it has promised <see cref="BrokerFeatures.Resends"/>.</summary>
    public bool Resends { get; set; }

    /// <summary>Whether it is told what changes in the workspace's objects.</summary>
    public bool WantsObjects { get; set; }

    /// <summary>Whether it asked for <see cref="BrokerFeatures.Log"/>.</summary>
    public bool WantsLog { get; set; }

    /// <summary>How it reads its member's topics; null while it reads none.</summary>
    public TopicReading? TopicReading { get; set; }

    /// <summary>Its readers in topics that have a row, for whoever notes that they are still there.</summary>
    public IEnumerable<ReaderNo> TopicReaders => topicReaders.Keys;

    public CancellationToken Aborted => aborted.Token;

    /// <summary>How long the peer has given no sign of life.</summary>
    public TimeSpan Silence => clock.GetElapsedTime(heardAt);

    /// <summary>The code with which the peer ended the connection, when it did so in good order.</summary>
    public int? ClosedByPeer { get; set; }

    public ImmutableArray<ReaderView> Readers => readers;

    public void AddReader(ReaderView reader) => ImmutableInterlocked.Update(
        ref readers, (list, added) => list.RemoveAll(each => each.No == added.No).Add(added), reader);

    public void RemoveReader(ReaderNo reader) => ImmutableInterlocked.Update(
        ref readers, (list, gone) => list.RemoveAll(each => each.No == gone), reader);

    public void AddTopicReader(ReaderNo reader) => topicReaders.TryAdd(reader, 0);

    public ReaderView? FindReader(ReaderNo no)
    {
        foreach (ReaderView reader in readers)
        {
            if (reader.No == no)
                return reader;
        }

        return null;
    }

    public ReaderView? FindSession(SessionId session)
    {
        foreach (ReaderView reader in readers)
        {
            if (reader.Session == session)
                return reader;
        }

        return null;
    }

    public void Reply<T>(T message, ReadOnlySpan<byte> requestId = default)
        where T : class, IMessage
    {
        Outbox.Enqueue(FrameEncoder.Encode(message, requestId));
        Outbox.Kick();
    }

    public void Refuse(MeshError error, ReadOnlySpan<byte> requestId = default, string? id = null)
    {
        metrics.Refused(error);

        // 1.x looks for the id of such a request under another name (wire reference 3.0); it gets both.
        if (!IsOurs && !requestId.IsEmpty && (error.Code == MeshError.TopicNotFound.Code || error.Code == MeshError.InvalidArgs.Code))
            id ??= Encoding.UTF8.GetString(requestId);
        Reply(ErrorReply.From(error, id), requestId);
    }

    /// <summary>A refused <c>send</c> is answered by an <c>ack</c> too. Nothing is sent before the outbox is kicked.</summary>
    public void Refuse(MeshError error, PendingSend send)
    {
        metrics.Refused(error);
        Outbox.Enqueue(PushFrames.Refused(error, send));
    }

    /// <summary>Ends a connection that nobody has proven to be anybody's: it is counted as rejected.</summary>
    public Task RejectAsync(MeshError why, int code, string reason)
    {
        metrics.Rejected(why);
        return CloseAsync(code, reason);
    }

    /// <summary>Says goodbye: what waits is sent, then the closing frame; the peer has five seconds to answer it.</summary>
    public async Task CloseAsync(int code, string reason)
    {
        if (Interlocked.Exchange(ref closing, 1) != 0)
            return;

        try
        {
            Outbox.Enqueue(SharedFrame.Close(code, reason));
            await Outbox.CompleteAsync().WaitAsync(CloseGrace, clock, Aborted);
            aborted.CancelAfter(CloseGrace);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            Abort();
        }
    }

    public void Abort()
    {
        Outbox.Abandon();
        if (!aborted.IsCancellationRequested)
            aborted.Cancel();
    }

    public void OnCrowded() => Caller?.Workspace.Loop.Post(new Crowded(No));

    public void OnRoom() => Caller?.Workspace.Loop.Post(new Room(No));

    public SharedFrame? OnEventsDropped()
    {
        if (IsOurs)
            return FrameEncoder.Encode(new Resync("events were dropped"));

        // 1.x has no way to be told that it missed an event; it lists afresh when it connects again.
        _ = CloseAsync(1013, "try again later");
        return null;
    }

    public void OnBroken() => Abort();

    public void OnHeard() => heardAt = clock.GetTimestamp();

    public void OnPing(ReadOnlySpan<byte> payload)
    {
        Outbox.Enqueue(SharedFrame.Pong(payload));
        Outbox.Kick();
    }

    /// <summary>Asks for a sign of life, or gives a peer up that has given none for too long (wire reference 1.2).</summary>
    public void Ping(TimeSpan silenceMax)
    {
        if (Silence > silenceMax)
        {
            Abort();
            return;
        }

        Outbox.Enqueue(SharedFrame.Ping());
        Outbox.Kick();
    }
}
