using System.Threading.Channels;
using Claudemesh.Daemon.Brokers;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Objects;

/// <summary>
/// What one connection means for the objects: what changed since the last one is listed, then the broker tells of each change. The changes are
/// numbered without holes, so a number that is missing means that something was not told, and it is listed again.
/// </summary>
internal sealed partial class ObjectTraffic
{
    private const int PageMax = 200;

    // A change that was told while as many waited is listed.
    private const int WaitingMax = 64;
    private static readonly TimeSpan AgainMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AgainMax = TimeSpan.FromMinutes(1);

    private readonly WorkspaceRow row;
    private readonly BrokerLink link;
    private readonly SharedObjects objects;
    private readonly SummaryKeeper summaries;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly Channel<SealedObject> told = Channel.CreateBounded<SealedObject>(WaitingMax);
    private readonly Channel<bool> signals = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile bool isBehind;
    private volatile bool keysChanged;

    public ObjectTraffic(
        WorkspaceRow row, BrokerLink link, SharedObjects objects, SummaryKeeper summaries, WorkspaceKeys keys, TimeProvider clock, ILogger<ObjectTraffic> logger)
    {
        this.row = row;
        this.link = link;
        this.objects = objects;
        this.summaries = summaries;
        this.clock = clock;
        this.logger = logger;
        keys.WhenChanged(scope =>
        {
            if (scope != keys.Mesh)
                return;

            keysChanged = true;
            signals.Writer.TryWrite(true);
        });
    }

    public void Hear(ObjectChanged changed)
    {
        if (!told.Writer.TryWrite(changed.Object))
            isBehind = true;
        signals.Writer.TryWrite(true);
    }

    /// <summary>Something was not told.</summary>
    public void Resync()
    {
        isBehind = true;
        signals.Writer.TryWrite(true);
    }

    /// <summary>Runs until the connection ends.</summary>
    public async Task RunAsync(string incarnation, CancellationToken connected)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(connected);
        Task following = FollowAsync(incarnation, ended.Token);
        Task summing = summaries.RunAsync(ended.Token);
        Task first = await Task.WhenAny(following, summing);
        await ended.CancelAsync();
        await Task.WhenAll(following, summing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }

    private async Task FollowAsync(string incarnation, CancellationToken connected)
    {
        // Told on an earlier connection: listed on this one.
        while (told.Reader.TryRead(out _))
        {
        }

        (isBehind, keysChanged) = (true, true);
        TimeSpan pace = AgainMin;
        while (true)
        {
            if (keysChanged)
            {
                keysChanged = false;
                await objects.OpenWaitingAsync(connected);
            }

            if (isBehind)
            {
                isBehind = false;
                bool done = await CatchUpAsync(incarnation, connected);
                isBehind |= !done;
                if (done)
                    summaries.Wake();
                pace = done ? AgainMin : TimeSpan.FromTicks(Math.Min(AgainMax.Ticks, pace.Ticks * 2));
            }

            if (!isBehind)
                await TakeToldAsync(incarnation, connected);
            await WaitAsync(isBehind ? pace : Timeout.InfiniteTimeSpan, connected);
        }
    }

    /// <summary>Takes what was told, as much as waits in one write.</summary>
    private async Task TakeToldAsync(string incarnation, CancellationToken connected)
    {
        long last = LastOf(incarnation);
        List<SealedObject> next = [];
        while (told.Reader.TryRead(out SealedObject? one))
        {
            // One that was listed meanwhile.
            if (one.Change <= last)
                continue;

            isBehind |= one.Change != last + 1;
            if (isBehind)
                break;

            next.Add(one);
            last = one.Change;
        }

        if (next.Count > 0)
            await objects.TakeAsync(next, new ObjectPosition(incarnation, last), connected);
    }

    /// <returns>False: it is to be tried again.</returns>
    private async Task<bool> CatchUpAsync(string incarnation, CancellationToken connected)
    {
        while (true)
        {
            long after = LastOf(incarnation);
            LocalReply<ObjectPage> listed = await link.AskAsync<ObjectList, ObjectPage>(new ObjectList(AfterChange: after, Count: PageMax), connected);
            if (listed.Value is not { } page)
            {
                LogNotListed(row.Slug, listed.Problem!.Error);
                return listed.Problem.Error == MeshError.UnknownMessageType.Code;
            }

            // A broker that has counted less than it did was restored from a backup: everything that it has is compared with what was seen.
            bool wentBack = page.Change < after;
            await objects.TakeAsync(page.Objects, new ObjectPosition(incarnation, wentBack ? 0 : page.Change), connected);
            if (!page.More && !wentBack)
                return true;
        }
    }

    /// <summary>Another database counts anew, and what it has is compared with what was seen.</summary>
    private long LastOf(string incarnation) => objects.FindPosition() is { } position && position.Incarnation == incarnation ? position.Change : 0;

    private async Task WaitAsync(TimeSpan longest, CancellationToken connected)
    {
        using var timer = new CancellationTokenSource(longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(connected, timer.Token);
        try
        {
            await signals.Reader.WaitToReadAsync(either.Token);
            signals.Reader.TryRead(out _);
        }
        catch (OperationCanceledException) when (!connected.IsCancellationRequested)
        {
            // Tried again now.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Workspace}: state, memories and summaries could not be listed: {Reason}")]
    private partial void LogNotListed(string workspace, string reason);
}
