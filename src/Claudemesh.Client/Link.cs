using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using Claudemesh.Protocol;

namespace Claudemesh.Client;

/// <summary>Why a link ended.</summary>
/// <param name="CloseCode">The broker's close code, or null when the wire just broke.</param>
internal sealed record LinkEnd(string Reason, int? CloseCode);

/// <summary>
/// One socket from its handshake to its end: a reader that routes frames, a writer that owns the sending side, and the requests that
/// wait for a reply on this socket. Whatever still waits at the end is told that the connection is gone.
/// </summary>
internal sealed class Link : IDisposable
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private const int FramesAtOnceMax = 64;

    private readonly WebSocket socket;
    private readonly CorkedStream wire;
    private readonly FrameSource source;
    private readonly TimeProvider clock;
    private readonly Channel<ReadOnlyMemory<byte>> outgoing;
    private readonly ChannelWriter<BrokerEvent> events;
    private readonly ConcurrentDictionary<string, IPending> requests = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IPending> sends = new(StringComparer.Ordinal);

    // Never disposed: requests that are told of the end give their slots back after it.
    private readonly SemaphoreSlim requestSlots;
    private readonly ITimer closeTimer;
    private long lastRequest;
    private volatile bool ended;
    private ErrorReply? lastRefusal;

    /// <param name="socket">Disposed with this.</param>
    /// <param name="wire">The stream below the socket.</param>
    internal Link(WebSocket socket, CorkedStream wire, MeshConnectionOptions options, TimeProvider clock, ChannelWriter<BrokerEvent> events)
    {
        this.socket = socket;
        this.wire = wire;
        this.clock = clock;
        this.events = events;
        closeTimer = clock.CreateTimer(_ => socket.Abort(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        source = new FrameSource(socket, options.FrameBytesMax);
        requestSlots = new SemaphoreSlim(options.RequestsMax);
        outgoing = Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(options.FramesMax) { SingleReader = true });
    }

    /// <summary>Reads the next frame before the reader runs: only the handshake does this.</summary>
    internal async Task<(FrameHead Head, ReadOnlyMemory<byte> Frame)?> ReadFrameAsync(CancellationToken cancellationToken)
    {
        if (await source.ReadAsync(cancellationToken) is not { } frame)
            return null;

        return FrameHead.TryScan(frame.Span, out FrameHead head)
            ? (head, frame)
            : throw new BrokenWireException("The broker sent something that is not a message.");
    }

    /// <summary>Writes a frame before the writer runs: only the handshake does this.</summary>
    internal Task WriteNowAsync<T>(T message, CancellationToken cancellationToken)
        where T : class, IMessage =>
        socket.SendAsync(Encode(message, requestId: null), WebSocketMessageType.Text, endOfMessage: true, cancellationToken).AsTask();

    /// <summary>
    /// Reads and writes until the connection ends. When <paramref name="stopping"/> fires, what is queued is still written, then the
    /// socket is closed in the proper way. Never throws.
    /// </summary>
    internal async Task<LinkEnd> RunAsync(CancellationToken stopping)
    {
        using CancellationTokenRegistration closing = stopping.Register(BeginClose);
        Task writing = WriteAsync();
        LinkEnd end = await ReadAsync(stopping);
        End();
        BeginClose();
        await writing;
        return end;
    }

    internal void Abort() => socket.Abort();

    internal LinkEnd ClosedByBroker() => new(
        (lastRefusal, (int?)socket.CloseStatus, socket.CloseStatusDescription) switch
        {
            // Before it takes a member off, the broker says by whom and why.
            ({ } refusal, CloseCodes.Kicked or CloseCodes.Banned, _) => refusal.Message,
            (_, _, { Length: > 0 } words) => $"The broker closed the connection: {words}.",
            _ => "The broker closed the connection.",
        },
        (int?)socket.CloseStatus);

    internal async Task<Answer<TReply>> RequestAsync<TRequest, TReply>(TRequest request, TimeSpan timeout, CancellationToken cancellationToken)
        where TRequest : class, IRequest<TReply>
        where TReply : class, IMessage
    {
        string id = Interlocked.Increment(ref lastRequest).ToString(CultureInfo.InvariantCulture);
        return await AskAsync<TReply>(requests, id, Encode(request, id), timeout, cancellationToken);
    }

    /// <exception cref="InvalidOperationException">A send with this id is waiting for its acknowledgement already.</exception>
    internal Task<Answer<Ack>> SendAsync(Send message, string id, TimeSpan timeout, CancellationToken cancellationToken) =>
        AskAsync<Ack>(sends, id, Encode(message, requestId: null), timeout, cancellationToken);

    /// <returns>False when the connection is gone.</returns>
    internal async ValueTask<bool> NotifyAsync<T>(T notice, CancellationToken cancellationToken)
        where T : class, INotice => await WriteAsync(Encode(notice, requestId: null), cancellationToken);

    public void Dispose()
    {
        End();
        closeTimer.Dispose();
        socket.Dispose();
    }

    private static ReadOnlyMemory<byte> Encode<T>(T message, string? requestId)
        where T : class, IMessage
    {
        ArrayBufferWriter<byte> frame = new(512);
        FrameWriter.Write(frame, message, requestId is null ? default : Encoding.ASCII.GetBytes(requestId));
        return frame.WrittenMemory;
    }

    private async Task<Answer<T>> AskAsync<T>(
        ConcurrentDictionary<string, IPending> waiting,
        string id,
        ReadOnlyMemory<byte> frame,
        TimeSpan timeout,
        CancellationToken cancellationToken)
        where T : class, IMessage
    {
        Pending<T> pending = new();
        await requestSlots.WaitAsync(cancellationToken);
        try
        {
            if (!waiting.TryAdd(id, pending))
                throw new InvalidOperationException($"A request with the id {id} is waiting for its reply already.");

            // After the entry is there: either the end sees it and answers, or this sees the end.
            Task<Answer<T>> answer = pending.Task.WaitAsync(timeout, clock, cancellationToken);
            ValueTask<bool> writing = ended ? ValueTask.FromResult(false) : WriteAsync(frame, cancellationToken);
            bool written = writing.IsCompletedSuccessfully ? writing.Result : await writing.AsTask().WaitAsync(timeout, clock, cancellationToken);
            if (!written)
                pending.Disconnect();
            return await answer;
        }
        catch (TimeoutException)
        {
            return Answer.TimedOut<T>();
        }
        finally
        {
            waiting.TryRemove(new KeyValuePair<string, IPending>(id, pending));
            requestSlots.Release();
        }
    }

    private async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        try
        {
            await outgoing.Writer.WriteAsync(frame, cancellationToken);
            return true;
        }
        catch (ChannelClosedException)
        {
            return false;
        }
    }

    /// <summary>No token: a cancelled operation would abort the socket, and an orderly end writes what is queued. The close timer is the bound.</summary>
    private async Task WriteAsync()
    {
        try
        {
            while (await outgoing.Reader.WaitToReadAsync(CancellationToken.None))
            {
                // What waits by now leaves in one write.
                wire.Cork();
                for (int i = 0; i < FramesAtOnceMax && outgoing.Reader.TryRead(out ReadOnlyMemory<byte> frame); i++)
                    await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                await wire.UncorkAsync(CancellationToken.None);
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, CancellationToken.None);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The reader sees the same end and knows more of it; a write that failed alone must end the reader too.
            socket.Abort();
        }
        finally
        {
            outgoing.Writer.TryComplete();
        }
    }

    private async Task<LinkEnd> ReadAsync(CancellationToken stopping)
    {
        try
        {
            while (await source.ReadAsync(CancellationToken.None) is { } frame)
            {
                // A full channel stops the reading here, and with it the broker's sending.
                if (Route(frame.Span) is { } happened)
                    await events.WriteAsync(happened, stopping);
            }

            return ClosedByBroker();
        }
        catch (BrokenWireException broken)
        {
            return new LinkEnd(broken.Message, null);
        }
        catch (OperationCanceledException)
        {
            return new LinkEnd("Closed by this side.", null);
        }
        catch (Exception gone) when (gone is WebSocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            return new LinkEnd("The connection to the broker was lost.", null);
        }
    }

    private BrokerEvent? Route(ReadOnlySpan<byte> frame)
    {
        if (!FrameHead.TryScan(frame, out FrameHead head))
            throw new BrokenWireException("The broker sent something that is not a message.");

        ReadOnlySpan<byte> type = head.Type(frame);
        if (FindWaiting(head, type, frame) is { } pending)
        {
            pending.Take(type, frame);
            return null;
        }

        // A reply that came after its request had timed out is nobody's.
        BrokerEvent? happened = head.RequestId(frame).IsEmpty ? FrameTypes.ReadEvent(type, frame) : null;
        lastRefusal = (happened as BrokerEvent.Refused)?.Refusal ?? lastRefusal;
        return happened;
    }

    private IPending? FindWaiting(FrameHead head, ReadOnlySpan<byte> type, ReadOnlySpan<byte> frame)
    {
        ReadOnlySpan<byte> requestId = head.RequestId(frame);
        if (!requestId.IsEmpty)
            return requests.TryRemove(Encoding.ASCII.GetString(requestId), out IPending? request) ? request : null;

        // Sends are answered by the id that they carry themselves.
        bool mayAnswerSend = FrameTypes.Is<Ack>(type) || FrameTypes.Is<ErrorReply>(type);
        return mayAnswerSend && head.FindId(frame) is { } id && sends.TryRemove(id, out IPending? send) ? send : null;
    }

    private void BeginClose()
    {
        outgoing.Writer.TryComplete();
        closeTimer.Change(CloseTimeout, Timeout.InfiniteTimeSpan);
    }

    private void End()
    {
        ended = true;
        outgoing.Writer.TryComplete();
        foreach (IPending pending in requests.Values)
            pending.Disconnect();
        foreach (IPending pending in sends.Values)
            pending.Disconnect();
    }
}
