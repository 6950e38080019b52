using System.Net.WebSockets;
using System.Threading.Channels;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Client;

/// <summary>
/// A member's connection to its workspace. It dials, proves the key, opens the registered sessions, and does all of that again for ever
/// when the connection is lost. When the broker says that it will not be let in, or takes it off, it stays away until <see cref="RetryNow"/>.
/// Safe from several threads.
/// </summary>
/// <remarks>
/// <see cref="Events"/> must be read: when <see cref="MeshConnectionOptions.EventsMax"/> of them wait, the socket is not read any more, and
/// replies wait behind them. So whoever reads events does not await a request of this connection in the same loop.
/// </remarks>
public sealed class MeshConnection : IAsyncDisposable
{
    private readonly MeshConnectionOptions options;
    private readonly TimeProvider clock;
    private readonly SocketDialer dialer;
    private readonly Handshake handshake;
    private readonly SessionRoster roster;
    private readonly StateBoard board = new(new ConnectionState.Connecting(1));
    private readonly Channel<BrokerEvent> events;
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock startGate = new();
    private volatile Link? live;
    private volatile Link? open;
    private volatile TaskCompletionSource retryNow = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? running;

    /// <param name="member">Signs each hello and vouches for sessions. Stays the caller's; must live longer than this.</param>
    public MeshConnection(MeshConnectionOptions options, MemberSecretKey member, TimeProvider clock)
    {
        this.options = options;
        this.clock = clock;
        dialer = new SocketDialer(options);
        handshake = new Handshake(options, member, clock);
        roster = new SessionRoster(options, member, clock);
        events = Channel.CreateBounded<BrokerEvent>(new BoundedChannelOptions(options.EventsMax) { SingleWriter = false });
    }

    /// <summary>Where the connection is now. Each change is a new object.</summary>
    public ConnectionState State => board.State;

    /// <summary>What the broker tells, in order. Completed when the connection is closed by this side.</summary>
    public ChannelReader<BrokerEvent> Events => events.Reader;

    /// <summary>Begins to connect, in the background. A broker that is not there yet is only waited for. More calls change nothing.</summary>
    public void Start()
    {
        lock (startGate)
            running ??= Task.Run(RunAsync);
    }

    /// <summary>Waits until the state is another than <paramref name="seen"/>, which is a value that <see cref="State"/> gave before.</summary>
    public Task<ConnectionState> NextStateAsync(ConnectionState seen, CancellationToken cancellationToken) => board.NextAsync(seen, cancellationToken);

    /// <summary>Waits until the connection is <see cref="ConnectionState.Open"/>, or <see cref="ConnectionState.Closed"/> for good.</summary>
    public async Task<ConnectionState> WhenOpenOrClosedAsync(CancellationToken cancellationToken)
    {
        ConnectionState state = State;
        while (state is not (ConnectionState.Open or ConnectionState.Closed))
            state = await board.NextAsync(state, cancellationToken);
        return state;
    }

    /// <summary>
    /// Ends a waiting time early, because the network came back for instance; and tries once more after the broker has closed the connection
    /// for good, because its person says so. Does nothing in any other state.
    /// </summary>
    public void RetryNow() => retryNow.TrySetResult();

    /// <summary>
    /// Ends the present connection, if there is one, and makes a new one: after a push that was missed, so that the broker resumes where
    /// this device has stored.
    /// </summary>
    public void Reconnect() => live?.Abort();

    /// <summary>Asks the broker and waits for its reply.</summary>
    /// <param name="timeout">Null: <see cref="MeshConnectionOptions.RequestTimeout"/>.</param>
    public Task<Answer<TReply>> RequestAsync<TRequest, TReply>(TRequest request, TimeSpan? timeout, CancellationToken cancellationToken)
        where TRequest : class, IRequest<TReply>
        where TReply : class, IMessage =>
        open?.RequestAsync<TRequest, TReply>(request, timeout ?? options.RequestTimeout, cancellationToken)
        ?? Task.FromResult(Answer.Disconnected<TReply>());

    /// <summary>
    /// Hands over a message and waits for its acknowledgement. Sending the same client id again is safe, so after a time-out or a lost
    /// connection the same message is sent once more. A refused acknowledgement is <see cref="AnswerOutcome.Refused"/>.
    /// </summary>
    /// <param name="message">Without an id it gets its client id or, failing that, a fresh one.</param>
    public async Task<Answer<Ack>> SendAsync(Send message, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        if (open is not { } link)
            return Answer.Disconnected<Ack>();

        string id = message.Id ?? message.ClientMessageId ?? RandomBytes.NextId();
        Answer<Ack> answer = await link.SendAsync(message with { Id = id }, id, timeout ?? options.RequestTimeout, cancellationToken);
        return answer.Value is { Error: { Length: > 0 } error } refused
            ? Answer.Refused<Ack>(new ErrorReply(refused.Code ?? "refused", error, id))
            : answer;
    }

    /// <summary>Tells the broker something that has no reply. A refusal comes as <see cref="BrokerEvent.Refused"/>.</summary>
    /// <returns>False when there is no connection: nothing was told.</returns>
    public ValueTask<bool> NotifyAsync<T>(T notice, CancellationToken cancellationToken)
        where T : class, INotice => open?.NotifyAsync(notice, cancellationToken) ?? ValueTask.FromResult(false);

    /// <summary>
    /// Registers a session and opens it, now and after every reconnect, until it is closed here or refused. Without a connection the
    /// answer is <see cref="AnswerOutcome.Disconnected"/> and the session is opened as soon as there is one. Registering an id again replaces it.
    /// </summary>
    public async Task<Answer<SessionOpened>> OpenSessionAsync(MeshSession session, CancellationToken cancellationToken)
    {
        roster.Add(session);
        return live is { } link ? await roster.OpenAsync(link, session, cancellationToken) : Answer.Disconnected<SessionOpened>();
    }

    /// <summary>Takes a session off the register and tells the broker, if there is one to tell.</summary>
    public async Task<Answer<SessionClosed>> CloseSessionAsync(SessionId sessionId, CancellationToken cancellationToken)
    {
        roster.Remove(sessionId);
        return await RequestAsync<SessionClose, SessionClosed>(new SessionClose(sessionId), timeout: null, cancellationToken);
    }

    /// <summary>
    /// Ends the connection for good: what is queued is written, the socket closed, whoever waits for a reply told. The broker keeps the
    /// member's presence for its grace time. More calls change nothing.
    /// </summary>
    public async Task CloseAsync()
    {
        Task? run;
        lock (startGate)
            run = running ??= Task.CompletedTask;

        await stopping.CancelAsync();
        await run;
        if (State is not ConnectionState.Closed)
            Finish("Closed by this side.", code: null);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        dialer.Dispose();
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        for (int attempt = 1; !stopping.IsCancellationRequested; attempt++)
        {
            board.Show(new ConnectionState.Connecting(attempt));
            (LinkEnd end, string? code, bool final, TimeSpan lasted) = await ConnectOnceAsync();
            if (stopping.IsCancellationRequested)
                break;

            if (final)
            {
                await StayAwayAsync(end.Reason, code);
                attempt = 0;
                continue;
            }

            if (lasted >= Backoff.GoodAfter)
                attempt = 0;
            await WaitAsync(Backoff.Next(attempt), end.Reason, code);
        }

        Finish("Closed by this side.", code: null);
    }

    private async Task<(LinkEnd End, string? Code, bool Final, TimeSpan Lasted)> ConnectOnceAsync()
    {
        try
        {
            using CancellationTokenSource patience = new(options.ConnectTimeout, clock);
            using CancellationTokenSource dialling = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token, patience.Token);
            (ClientWebSocket socket, CorkedStream wire) = await dialer.DialAsync(dialling.Token);
            using Link fresh = new(socket, wire, options, clock, events.Writer);
            patience.CancelAfter(options.ConnectTimeout);
            HandshakeResult result = await handshake.RunAsync(fresh, dialling.Token);
            if (result.Welcome is not { } welcome)
                return (result.End!, result.Code ?? CodeOf(result.End!), result.IsFinal || IsFinal(result.End!), TimeSpan.Zero);

            long openedAt = clock.GetTimestamp();
            LinkEnd end = await ServeAsync(fresh, welcome);
            return (end, CodeOf(end), IsFinal(end), clock.GetElapsedTime(openedAt));
        }
        catch (OperationCanceledException)
        {
            return (new LinkEnd("The broker did not answer in time.", null), null, false, TimeSpan.Zero);
        }
        catch (BrokenWireException broken)
        {
            return (new LinkEnd(broken.Message, null), null, false, TimeSpan.Zero);
        }
        catch (Exception gone)
        {
            // Whatever it was, a resume point that could not be read for instance: a connection never ends in silence.
            return (new LinkEnd(Explain(gone), null), null, false, TimeSpan.Zero);
        }
    }

    private async Task<LinkEnd> ServeAsync(Link fresh, MemberWelcome welcome)
    {
        await events.Writer.WriteAsync(new BrokerEvent.Connected(welcome), stopping.Token);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        Task<LinkEnd> serving = fresh.RunAsync(stopping.Token);
        live = fresh;
        Task sessions = KeepSessionsOpenAsync(fresh, welcome, over.Token);
        if (await Task.WhenAny(serving, sessions) == sessions && sessions.IsFaulted)
            fresh.Abort();
        LinkEnd end = await serving;
        live = open = null;
        await over.CancelAsync();
        await sessions;
        return end;
    }

    /// <summary>Opens the registered sessions, says that the connection is open, and renews what the member vouches for.</summary>
    private async Task KeepSessionsOpenAsync(Link fresh, MemberWelcome welcome, CancellationToken over)
    {
        try
        {
            await OpenSessionsAsync(fresh, over);
            open = fresh;
            board.Show(new ConnectionState.Open(welcome));
            while (true)
            {
                await Task.Delay(MeshSession.AttestedFor / 2, clock, over);
                await OpenSessionsAsync(fresh, over);
            }
        }
        catch (OperationCanceledException)
        {
            // The link is over; the next one opens them again.
        }
    }

    private async Task OpenSessionsAsync(Link fresh, CancellationToken over)
    {
        foreach (BrokerEvent.SessionLost lost in await roster.OpenAllAsync(fresh, over))
            await events.Writer.WriteAsync(lost, over);
        over.ThrowIfCancellationRequested();
    }

    private async Task WaitAsync(TimeSpan delay, string reason, string? code)
    {
        TaskCompletionSource early = new(TaskCreationOptions.RunContinuationsAsynchronously);
        retryNow = early;
        Task waiting = early.Task.WaitAsync(delay, clock, stopping.Token);
        board.Show(new ConnectionState.Waiting(clock.GetUtcNow() + delay, reason, code));
        try
        {
            await waiting;
        }
        catch (Exception ended) when (ended is TimeoutException or OperationCanceledException)
        {
            // The waiting is over, in the one way or the other.
        }
    }

    /// <summary>The broker does not want this member now: nothing is tried until <see cref="RetryNow"/>.</summary>
    private async Task StayAwayAsync(string reason, string? code)
    {
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        retryNow = told;
        board.Show(new ConnectionState.Closed(reason, code));
        await told.Task.WaitAsync(stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Finish(string reason, string? code)
    {
        board.Show(new ConnectionState.Closed(reason, code));
        events.Writer.TryComplete();
    }

    private static bool IsFinal(LinkEnd end) => CodeOf(end) is not null;

    private static string? CodeOf(LinkEnd end) => end.CloseCode switch
    {
        CloseCodes.Kicked => "kicked",
        CloseCodes.Banned => "banned",
        _ => null,
    };

    private string Explain(Exception gone) => gone is WebSocketException or IOException or HttpRequestException
        ? DialFault.Of(gone, options.Broker.Socket, dialer.Proxies).Advice
        : $"Connecting failed: {gone.Message}";
}
