using System.Runtime.InteropServices;
using Claudemesh.Client;
using Claudemesh.Daemon.Inbox;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Brokers;

/// <summary>
/// One workspace's connection, kept for as long as the daemon lives: hands what comes over it to the workspace's traffic, connection by connection, and
/// says in the words of the local API how it is.
/// </summary>
internal sealed partial class BrokerLink : IAsyncDisposable
{
    // The first attempt of all is waited for: a verb that started the daemon comes before it.
    private static readonly TimeSpan FirstAttemptWithin = TimeSpan.FromSeconds(10);

    private readonly WorkspaceRow row;
    private readonly MeshConnection connection;
    private readonly TimeProvider clock;
    private readonly ILogger<BrokerLink> logger;
    private CancellationTokenSource? over;
    private volatile Absence? absence;

    // How the last attempt ended, also while the next one is made.
    private volatile ConnectionState.Waiting? failure;
    private Task current = Task.CompletedTask;

    /// <param name="introduce">What the member says of itself with each hello.</param>
    /// <param name="showsPresence">Whether the others see this person as online because of it.</param>
    public BrokerLink(
        WorkspaceRow row,
        MemberIdentity identity,
        string deviceId,
        Func<Introduction> introduce,
        bool showsPresence,
        InboxStore inbox,
        TimeProvider clock,
        ILogger<BrokerLink> logger)
    {
        this.row = row;
        this.clock = clock;
        this.logger = logger;
        Incarnation = row.Incarnation;
        absence = row.Absence;
        var options = new MeshConnectionOptions
        {
            Broker = BrokerAddress.Parse(row.Broker),
            MeshId = MeshId.Parse(row.MeshId),
            DeviceId = DeviceId.Parse(deviceId),
            Client = $"claudemeshd/{DaemonBuild.Version}",
            Introduce = introduce,
            Hostname = Environment.MachineName,
            Platform = RuntimeInformation.RuntimeIdentifier,
            Presence = showsPresence,
            Features = ["receipts", "resends", "log", "objects"],
            Resume = _ => ValueTask.FromResult(new ResumeFrom(
                Incarnation.Length == 0 ? null : Incarnation, Incarnation.Length == 0 ? [] : inbox.ReadResumePoints(row.No, source: ""))),
        };
        connection = new MeshConnection(options, identity.Key, clock);
    }

    public bool IsOpen => connection.State is ConnectionState.Open;

    /// <summary>One of <see cref="ConnectionStates"/>.</summary>
    public string State => absence?.Kind ?? connection.State switch
    {
        ConnectionState.Open => ConnectionStates.Open,
        ConnectionState.Closed => ConnectionStates.Refused,
        ConnectionState.Connecting { Attempt: 1 } => ConnectionStates.Connecting,
        _ => ConnectionStates.Offline,
    };

    /// <summary>The broker says that this person is no member yet and waits to be admitted.</summary>
    public bool IsWaiting => (connection.State as ConnectionState.Waiting ?? failure)?.Code == MeshError.Waiting.Code;

    /// <summary>Why it is not open; null when it is, or when nothing is known yet.</summary>
    public string? Detail => absence?.Reason ?? connection.State switch
    {
        ConnectionState.Open => null,
        ConnectionState.Closed closed => closed.Reason,
        ConnectionState.Waiting waiting => waiting.Reason,
        _ => failure?.Reason,
    };

    /// <summary>Why the broker cannot be asked now, for who wants to; null when it can.</summary>
    public LocalProblem? Trouble => connection.State switch
    {
        _ when absence is { } away => away.ToProblem(row.Slug),
        ConnectionState.Open => null,
        _ when IsWaiting => KeyProblems.Waiting(row.Slug),
        ConnectionState.Closed closed => LocalProblem.Of(LocalErrors.BrokerRefused, $"The broker {row.Broker} does not admit you to {row.Slug}: {closed.Reason}", 403, ExitCode.Auth),
        var state => (state as ConnectionState.Waiting ?? failure) is { Code: { } code } refused && code == LocalErrors.WrongClock
            ? BrokerProblems.WrongClock(row.Broker, refused.Reason)
            : BrokerProblems.Unreachable(row.Broker, Detail ?? "There is no connection yet."),
    };

    /// <summary>Why the broker wants this daemon away; null when it does not.</summary>
    public Absence? Absence => absence;

    /// <summary>Told when the broker takes this daemon off, before anybody hears of it. Set before the link runs.</summary>
    public Func<Absence, Task> WhenTakenOff { get; set; } = _ => Task.CompletedTask;

    /// <summary>Told when the broker does not know this member's key. Set before the link runs; it must return at once.</summary>
    public Action WhenUnknown { get; set; } = static () => { };

    /// <summary>Told when something of the account that this member belongs to has changed. Set before the link runs; it must return quickly.</summary>
    public Action WhenAccountChanged { get; set; } = static () => { };

    /// <summary>Of the broker's database that the stored positions are from; empty before the first welcome.</summary>
    public string Incarnation { get; set; }

    /// <summary>Asks the broker; at the daemon's start it waits a little for the first connection.</summary>
    public async Task<LocalReply<TReply>> AskAsync<TRequest, TReply>(TRequest request, CancellationToken cancellationToken)
        where TRequest : class, IRequest<TReply>
        where TReply : class, IMessage
    {
        if (absence is { } away)
            return away.ToProblem(row.Slug);

        await WaitForFirstAttemptAsync(cancellationToken);
        Answer<TReply> answer = await connection.RequestAsync<TRequest, TReply>(request, timeout: null, cancellationToken);
        return answer.Outcome switch
        {
            AnswerOutcome.Replied => answer.Value!,
            AnswerOutcome.Refused => BrokerProblems.Refused(answer.Refusal!.Code, answer.Refusal.Message),
            AnswerOutcome.TimedOut => BrokerProblems.Unreachable(row.Broker, "It did not answer in time."),
            _ => Trouble ?? BrokerProblems.Unreachable(row.Broker, "The connection was lost while it was asked."),
        };
    }

    /// <summary>Both lists; null when the broker cannot be asked now.</summary>
    public async Task<(MembersList Members, PeersList Peers)?> AskRosterAsync(CancellationToken cancellationToken)
    {
        Task<LocalReply<MembersList>> members = AskAsync<ListMembers, MembersList>(new ListMembers(), cancellationToken);
        Task<LocalReply<PeersList>> peers = AskAsync<ListPeers, PeersList>(new ListPeers(), cancellationToken);
        return await members is { Succeeded: true } first && await peers is { Succeeded: true } second ? (first.Value, second.Value) : null;
    }

    /// <exception cref="IOException">There is no connection, or no answer came over it.</exception>
    public async Task<Ack> SendAsync(Send frame, CancellationToken cancellationToken)
    {
        Answer<Ack> answer = await connection.SendAsync(frame, timeout: null, cancellationToken);
        return answer.Outcome switch
        {
            AnswerOutcome.Replied => answer.Value!,
            AnswerOutcome.Refused => new Ack(frame.Id ?? "", "", false, answer.Refusal!.Message, answer.Refusal.Code),
            _ => throw new IOException("The broker did not answer."),
        };
    }

    /// <exception cref="IOException">There is no connection.</exception>
    public async Task NotifyAsync<TNotice>(TNotice notice, CancellationToken cancellationToken)
        where TNotice : class, INotice
    {
        if (!await connection.NotifyAsync(notice, cancellationToken))
            throw new IOException("There is no connection to the broker.");
    }

    /// <summary>Opens a session now, or as soon as there is a connection, and on every later one.</summary>
    /// <returns>Why the broker refuses it; null when it does not.</returns>
    public async Task<ErrorReply?> OpenSessionAsync(MeshSession session, CancellationToken cancellationToken) =>
        (await connection.OpenSessionAsync(session, cancellationToken)).Refusal;

    public Task CloseSessionAsync(SessionId sessionId, CancellationToken cancellationToken) => connection.CloseSessionAsync(sessionId, cancellationToken);

    /// <summary>Tries again now, because the person says so: also where the broker took this daemon off.</summary>
    /// <returns>When the attempt has ended, in the one way or the other.</returns>
    public async Task ReconnectAsync(CancellationToken cancellationToken)
    {
        if (IsOpen)
            return;

        ConnectionState before = connection.State;
        absence = null;
        connection.Start();
        connection.RetryNow();

        // Either the attempt began before this looked, or it begins now.
        ConnectionState state = before is ConnectionState.Connecting ? before : await connection.NextStateAsync(before, cancellationToken);
        while (state is ConnectionState.Connecting)
            state = await connection.NextStateAsync(state, cancellationToken);
        if (state is ConnectionState.Closed closed)
            absence = Absence.Of(closed.Code, closed.Reason);
    }

    /// <summary>Connects, unless the broker wants this daemon away, and runs the traffic over each connection until <paramref name="stopping"/>.</summary>
    public async Task RunAsync(Traffic traffic, CancellationToken stopping)
    {
        if (absence is null)
            connection.Start();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task watching = WatchAsync(traffic, ended.Token);
        try
        {
            await foreach (BrokerEvent happened in connection.Events.ReadAllAsync(stopping))
                await TakeAsync(traffic, happened, stopping);
        }
        finally
        {
            await EndTrafficAsync();
            await connection.CloseAsync();
            await ended.CancelAsync();
            await watching;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync();
        over?.Dispose();
    }

    private async ValueTask TakeAsync(Traffic traffic, BrokerEvent happened, CancellationToken stopping)
    {
        switch (happened)
        {
            case BrokerEvent.Connected connected:
                await EndTrafficAsync();
                over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                traffic.Begin();
                current = RunTrafficAsync(traffic, connected.Welcome, over);
                break;
            case BrokerEvent.Pushed pushed:
                await OfferAsync(token => traffic.PushedAsync(pushed.Push, token), stopping);
                break;
            case BrokerEvent.Receipted receipted:
                await OfferAsync(token => traffic.ReceiptAsync(receipted.Receipt, token), stopping);
                break;
            case BrokerEvent.AccountTold:
                WhenAccountChanged();
                break;
            case BrokerEvent.SessionLost lost:
                LogSessionLost(row.Slug, lost.SessionId.Value, lost.Refusal.Code);
                break;
            case BrokerEvent.Refused refused:
                LogRefusedNotice(row.Slug, refused.Refusal.Code);
                break;
            case BrokerEvent.Unreadable unreadable:
                LogUnreadable(row.Slug, unreadable.Type);
                break;
            default:
                traffic.Hear(happened);
                break;
        }
    }

    /// <summary>What belongs to a connection that has ended meanwhile is let go: it was not acknowledged and comes again.</summary>
    private async ValueTask OfferAsync(Func<CancellationToken, ValueTask> offer, CancellationToken stopping)
    {
        try
        {
            await offer(over!.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // The connection has ended.
        }
    }

    private async Task EndTrafficAsync()
    {
        if (over is null)
            return;

        await over.CancelAsync();
        await current;
        over.Dispose();
        over = null;
    }

    private async Task RunTrafficAsync(Traffic traffic, MemberWelcome welcome, CancellationTokenSource ending)
    {
        try
        {
            ConnectionState state = connection.State;
            while (state is ConnectionState.Connecting)
                state = await connection.NextStateAsync(state, ending.Token);

            // Otherwise this connection has ended before it was looked at, and a later one has its own welcome.
            if (state is not ConnectionState.Open open || !ReferenceEquals(open.Welcome, welcome))
                return;

            Task lost = CancelWhenLostAsync(state, ending);
            if (await traffic.RunAsync(welcome, ending.Token))
                connection.Reconnect();
            await ending.CancelAsync();
            await lost;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // It ended.
        }
#pragma warning disable CA1031 // A bug in the traffic costs its connection, not the daemon.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            LogTrafficFailed(bug, row.Slug);
            connection.Reconnect();
        }
        finally
        {
            await ending.CancelAsync();
        }
    }

    private async Task CancelWhenLostAsync(ConnectionState open, CancellationTokenSource ending)
    {
        try
        {
            await connection.NextStateAsync(open, ending.Token);
            await ending.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // It was ended from the other side.
        }
    }

    private async Task WatchAsync(Traffic traffic, CancellationToken stopping)
    {
        ConnectionState state = connection.State;
        bool wasOpen = true;
        try
        {
            while (true)
            {
                state = await connection.NextStateAsync(state, stopping);
                if (state is not ConnectionState.Connecting)
                    failure = state as ConnectionState.Waiting;
                if (state is ConnectionState.Open open)
                    LogOpen(row.Slug, open.Welcome.Connection);
                else if (state is ConnectionState.Closed closed)
                    await StayAwayAsync(closed);
                else if (state is ConnectionState.Waiting waiting && wasOpen)
                    LogLost(row.Slug, waiting.Reason);
                wasOpen = state is ConnectionState.Open || (wasOpen && state is ConnectionState.Connecting);
                traffic.StateChanged();
            }
        }
        catch (OperationCanceledException)
        {
            // The daemon stops.
        }
    }

    private async Task StayAwayAsync(ConnectionState.Closed closed)
    {
        LogRefused(row.Slug, closed.Reason);
        if (closed.Code == MeshError.Unauthorized.Code)
            WhenUnknown();
        if (Absence.Of(closed.Code, closed.Reason) is not { } away)
            return;

        await WhenTakenOff(away);
        absence = away;
    }

    /// <summary>Returns when the first attempt since the daemon's start has ended, or has taken too long.</summary>
    public async Task WaitForFirstAttemptAsync(CancellationToken cancellationToken)
    {
        ConnectionState state = connection.State;
        using var longest = new CancellationTokenSource(FirstAttemptWithin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, longest.Token);
        try
        {
            while (state is ConnectionState.Connecting { Attempt: 1 })
                state = await connection.NextStateAsync(state, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Asked anyway; the answer says that there is no connection.
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Workspace}: connected, the broker's connection {Connection}")]
    private partial void LogOpen(string workspace, long connection);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Workspace}: no connection ({Why}); trying again until there is one")]
    private partial void LogLost(string workspace, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Workspace}: the connection is closed and not tried again ({Why})")]
    private partial void LogRefused(string workspace, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Workspace}: session {Session} was not opened again: {Reason}")]
    private partial void LogSessionLost(string workspace, string session, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Workspace}: the broker refused a notice: {Reason}")]
    private partial void LogRefusedNotice(string workspace, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Workspace}: skipped an unreadable {Type}")]
    private partial void LogUnreadable(string workspace, string type);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Workspace}: what runs over the connection failed; connecting again")]
    private partial void LogTrafficFailed(Exception error, string workspace);
}
