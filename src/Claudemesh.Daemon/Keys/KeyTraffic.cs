using System.Threading.Channels;
using Claudemesh.Daemon.Brokers;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Keys;

/// <summary>
/// What one connection means for the keys: every log is read on when it begins and whenever the broker says that a head has moved, own copies that are
/// missing are asked for and fetched when the broker says that they are there, and others are given theirs.
/// </summary>
/// <param name="begin">Called when the workspace's log is empty.</param>
/// <param name="settled">Told when a log was read on, whether or not it was longer.</param>
internal sealed partial class KeyTraffic(WorkspaceRow row, WorkspaceKeys keys, Func<CancellationToken, Task> begin, Action settled, TimeProvider clock, ILogger logger)
{
    // A question that was not answered is put again at this pace.
    private static readonly TimeSpan AskAgainMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AskAgainMax = TimeSpan.FromMinutes(1);

    // Heads that moved twice are read once; what is asked by others is bounded by the broker, and dropped asks come again.
    private readonly HashSet<ScopeKeys> unanswered = [];
    private readonly Channel<Heard> heard = Channel.CreateBounded<Heard>(new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>A head has moved.</summary>
    public void Hear(LogHeadMoved moved)
    {
        // Marked at once: whoever writes meanwhile reads on before.
        keys.Find(moved.Scope)?.MarkMoved();
        heard.Writer.TryWrite(new Heard(moved));
    }

    /// <summary>Some of what was told was left out: any head may have moved.</summary>
    public void Resync()
    {
        foreach (ScopeKeys scope in keys.All)
            scope.MarkMoved();
        heard.Writer.TryWrite(default);
    }

    public void Hear(CopiesWanted wanted) => heard.Writer.TryWrite(new Heard(Wanted: wanted));

    public void Hear(CopiesGiven given) => heard.Writer.TryWrite(new Heard(Given: given));

    /// <summary>Runs until the connection ends.</summary>
    public async Task RunAsync(CancellationToken connected)
    {
        // What was current on an earlier connection is not on this one, also before it is read.
        foreach (ScopeKeys scope in keys.All)
            scope.MarkMoved();
        foreach (ScopeKeys scope in keys.All)
            await ReadOnAsync(scope, isFirst: true, connected);

        TimeSpan pace = AskAgainMin;
        while (true)
        {
            if (await WaitAsync(unanswered.Count > 0 ? pace : Timeout.InfiniteTimeSpan, connected))
            {
                while (heard.Reader.TryRead(out Heard happened))
                    await TakeAsync(happened, connected);
                continue;
            }

            pace = TimeSpan.FromTicks(Math.Min(AskAgainMax.Ticks, pace.Ticks * 2));
            foreach (ScopeKeys scope in unanswered.ToArray())
                await FetchAsync(scope, connected);
        }
    }

    private async Task TakeAsync(Heard happened, CancellationToken connected)
    {
        if (happened.Moved is { } moved && keys.Find(moved.Scope) is { } scope)
            await ReadOnAsync(scope, isFirst: false, connected);
        if (happened == default)
        {
            foreach (ScopeKeys any in keys.All)
                await ReadOnAsync(any, isFirst: true, connected);
        }

        if (happened.Given is { } given && keys.Find(given.Scope) is { } missing && IsMissing(missing))
            await FetchAsync(missing, connected);
        if (happened.Wanted is { } wanted && await keys.GiveAsync(wanted, connected) is { } problem)
        {
            LogNotGiven(row.Slug, problem.Error);
            if (keys.Find(wanted.Scope) is { } owed)
                unanswered.Add(owed);
        }
    }

    private async Task ReadOnAsync(ScopeKeys scope, bool isFirst, CancellationToken connected)
    {
        await LookAsync(scope, isFirst, connected);
        settled();
    }

    /// <param name="isFirst">On this connection: then it is asked who lacks a copy. Later the broker tells.</param>
    private async Task LookAsync(ScopeKeys scope, bool isFirst, CancellationToken connected)
    {
        if (await keys.ReadOnAsync(scope, connected) is { } problem)
        {
            LogUnread(row.Slug, scope.Scope, problem.Error);
            return;
        }

        if (scope == keys.Mesh && scope.State.Head.Seq == 0)
            await begin(connected);
        else
            await keys.WhenRead(scope, connected);
        if (scope.State.Epoch > 0 && scope.State.Members.ContainsKey(keys.Self) && (isFirst || scope.FindRoot() is null))
            await FetchAsync(scope, connected);
    }

    /// <summary>Where there is no copy yet, the others hear of it from the broker, and this daemon hears of theirs.</summary>
    private async Task FetchAsync(ScopeKeys scope, CancellationToken connected)
    {
        unanswered.Remove(scope);
        if (await keys.FetchAsync(scope, connected) is { } problem && problem.Error != LocalErrors.NoKeyYet)
            unanswered.Add(scope);
    }

    private bool IsMissing(ScopeKeys scope) =>
        scope.Fork is null && scope.State.Epoch > 0 && scope.State.Members.ContainsKey(keys.Self) && scope.FindRoot() is null;

    /// <returns>True: something was heard. False: the time is over.</returns>
    private async Task<bool> WaitAsync(TimeSpan longest, CancellationToken connected)
    {
        using var timer = new CancellationTokenSource(longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(connected, timer.Token);
        try
        {
            return await heard.Reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!connected.IsCancellationRequested)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Workspace}: the log of {Scope} could not be read on: {Reason}")]
    private partial void LogUnread(string workspace, string scope, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Workspace}: copies of the key that others asked for could not be given: {Reason}")]
    private partial void LogNotGiven(string workspace, string reason);

    /// <summary>One of them; none, when some of what was told was left out.</summary>
    private readonly record struct Heard(LogHeadMoved? Moved = null, CopiesWanted? Wanted = null, CopiesGiven? Given = null);
}
