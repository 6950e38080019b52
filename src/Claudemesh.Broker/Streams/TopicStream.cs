using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Topics;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Streams;

/// <summary>
/// One open stream: where it stands, and what it is given while it lives. What lies before now is read from the store, page by page, as fast as
/// its reader takes it; then it lives on what is told. In between both come, and what was read is passed over.
/// </summary>
internal sealed class TopicStream : IOutboxObserver
{
    /// <summary>What is told while the last page is read, at most. Beyond it the store is read once more.</summary>
    private const int HeldBytesMax = 1024 * 1024;

    private readonly Lock gate = new();
    private readonly StreamMetrics metrics;
    private Queue<(long Position, SharedFrame Frame)>? held;
    private TaskCompletionSource woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int heldBytes;
    private long position;
    private long crowdedSince;
    private State state;
    private volatile bool isCrowded;

    /// <param name="only">Null: all topics that the caller may be shown.</param>
    public TopicStream(Caller caller, Topic? only, Func<TopicStream, Outbox> outbox, StreamMetrics metrics)
    {
        Caller = caller;
        Only = only;
        this.metrics = metrics;
        Outbox = outbox(this);
    }

    private enum State : byte
    {
        /// <summary>Reads the store; what is told is there by the time that it is read.</summary>
        Behind,

        /// <summary>Reads what may be the last page; what is told is held.</summary>
        Joining,

        Live,
        Ended,
    }

    public Caller Caller { get; }

    public Topic? Only { get; }

    public Outbox Outbox { get; }

    /// <summary>Why it ends, where it is told so; null while it goes on, and where its reader is gone or too slow.</summary>
    public MeshError? Ending { get; private set; }

    public bool IsEnded => state is State.Ended;

    /// <summary>Its place in its workspace's list.</summary>
    public int Index { get; set; }

    /// <summary>Those of the same key, once it is open.</summary>
    public KeyStreams? OfKey { get; set; }

    public long Position
    {
        get
        {
            lock (gate)
                return position;
        }
    }

    /// <summary>Begins after a place, or with what is told from now on.</summary>
    /// <param name="ready">The first event, for the place where it begins.</param>
    public void Begin(long? from, TopicFeed feed, Func<long, SharedFrame> ready)
    {
        lock (gate)
        {
            if (state is State.Ended)
                return;

            position = from ?? feed.LastPosition;
            Outbox.Enqueue(ready(position));
            if (from is null)
                state = State.Live;
        }

        Outbox.Kick();
    }

    /// <summary>
    /// By the workspace's loop: a post at this position, which it may be shown. It takes a share of the frame if it sends it now or later.
    /// </summary>
    /// <param name="turn">The loop's turn. Who is behind since an earlier one is too slow: what comes in one turn is never too much.</param>
    /// <returns>Whether its outbox is to be let out.</returns>
    public bool Offer(long at, SharedFrame frame, long turn)
    {
        lock (gate)
        {
            if (at <= position || state is State.Behind or State.Ended)
                return false;
            if (state is State.Joining)
            {
                Hold(at, frame);
                return false;
            }

            if (crowdedSince != 0 && crowdedSince != turn)
            {
                metrics.Cut();
                End();
                return false;
            }

            position = at;
            metrics.Told(1);
            Outbox.Enqueue(frame.Share());
            if (isCrowded && crowdedSince == 0)
                crowdedSince = turn;
            return true;
        }
    }

    /// <summary>A sign that the stream is there. Who does not take what he has gets none.</summary>
    public bool Beat(SharedFrame heartbeat)
    {
        lock (gate)
        {
            if (state is not State.Live || isCrowded)
                return false;

            Outbox.Enqueue(heartbeat.Share());
            return true;
        }
    }

    /// <summary>What was told last may not have been all: the store is read again from where it stands.</summary>
    public void Doubt()
    {
        lock (gate)
        {
            if (state is State.Ended)
                return;

            DropHeld();
            state = State.Behind;
            woken.TrySetResult();
        }
    }

    /// <summary>Before a page is read: from here on what is told is held, if it is to be the last.</summary>
    /// <returns>False when the stream has ended.</returns>
    public bool BeginPage(bool maybeLast)
    {
        lock (gate)
        {
            if (state is State.Ended)
                return false;

            state = maybeLast ? State.Joining : State.Behind;
            return true;
        }
    }

    /// <summary>A page has been read, and what it has is sent.</summary>
    /// <returns>True when the stream lives: what was held has been sent behind the page.</returns>
    public bool TakePage(StreamPage page, SharedFrame? frame)
    {
        lock (gate)
        {
            if (state is State.Ended)
            {
                frame?.Release();
                return false;
            }

            position = Math.Max(position, page.Through);
            if (frame is not null)
                Outbox.Enqueue(frame);
            if (page.More || state is not State.Joining)
            {
                DropHeld();
                state = State.Behind;
                return false;
            }

            while (held?.TryDequeue(out (long Position, SharedFrame Frame) next) == true)
                Send(next.Position, next.Frame);

            heldBytes = 0;
            held = null;
            state = State.Live;
            woken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
    }

    /// <summary>Ends when there is something else to do than to wait for posts: the store is to be read again, or the stream is over.</summary>
    public Task WokenAsync()
    {
        lock (gate)
            return state is State.Live ? woken.Task : Task.CompletedTask;
    }

    /// <param name="why">What its reader is told; null: nobody is there to be told.</param>
    public void End(MeshError? why = null)
    {
        lock (gate)
        {
            if (state is State.Ended)
                return;

            state = State.Ended;
            Ending = why;
            DropHeld();
            woken.TrySetResult();
        }
    }

    void IOutboxObserver.OnCrowded() => isCrowded = true;

    void IOutboxObserver.OnRoom()
    {
        lock (gate)
        {
            isCrowded = false;
            crowdedSince = 0;
        }
    }

    SharedFrame? IOutboxObserver.OnEventsDropped() => null;

    void IOutboxObserver.OnBroken() => End();

    private void Hold(long at, SharedFrame frame)
    {
        if (heldBytes + frame.Length > HeldBytesMax && heldBytes > 0)
        {
            DropHeld();
            state = State.Behind;
            return;
        }

        (held ??= new Queue<(long, SharedFrame)>()).Enqueue((at, frame.Share()));
        heldBytes += frame.Length;
    }

    private void Send(long at, SharedFrame frame)
    {
        if (at > position)
        {
            position = at;
            metrics.Told(1);
            Outbox.Enqueue(frame);
        }
        else
        {
            frame.Release();
        }
    }

    private void DropHeld()
    {
        while (held?.TryDequeue(out (long Position, SharedFrame Frame) next) == true)
            next.Frame.Release();

        held = null;
        heldBytes = 0;
    }
}
