using System.Threading.Channels;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Keys;
using Claudemesh.Local;
using Claudemesh.Protocol;
using MessageStates = Claudemesh.Local.MessageStates;

namespace Claudemesh.Daemon.Outbox;

/// <summary>
/// Hands one workspace's waiting copies to its broker: oldest first, up to <see cref="WindowMax"/> unanswered at a time, woken by events and never by a
/// timer while nothing is held back. One loop owns all of it. What is unanswered when the connection is lost is sent again on the next.
/// </summary>
/// <param name="ready">Gives the root that a target of several is written under, or says why nothing may be written there now.</param>
/// <param name="markStale">Told the target for which that root was not the present one.</param>
/// <param name="send">Sends a frame and gives its answer; throws <see cref="IOException"/> when the connection is lost before that. Calls are made in order.</param>
/// <param name="settled">Told the sends that changed, after it is on disk.</param>
internal sealed partial class OutboxDrain(
    long workspaceNo,
    OutboxStore outbox,
    Sealer sealer,
    Func<string, CancellationToken, Task<LocalReply<ReadyScope>>> ready,
    Action<string> markStale,
    Func<Send, CancellationToken, Task<Ack>> send,
    Action<IReadOnlyCollection<string>> settled,
    TimeProvider clock,
    ILogger<OutboxDrain> logger)
{
    public const int WindowMax = 256;

    private const string Everybody = "";

    // A broker that keeps refusing for now is asked at most this often, from the first value to the second.
    private static readonly TimeSpan BackoffMin = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BackoffMax = TimeSpan.FromMinutes(1);

    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Channel<Answered> answers = Channel.CreateBounded<Answered>(WindowMax);

    // By recipient, or everybody.
    private readonly Dictionary<string, Hold> holds = new(StringComparer.Ordinal);
    private Action alreadyKnown = () => { };
    private bool wasKnown;
    private volatile bool keysChanged;
    private int unanswered;
    private long cursor;
    private long rescanFrom = long.MaxValue;

    /// <summary>Something was added to the outbox.</summary>
    public void Wake() => wake.Writer.TryWrite(true);

    /// <summary>A log or a root has changed: what waits for one is tried at once.</summary>
    public void KeysChanged()
    {
        keysChanged = true;
        Wake();
    }

    /// <summary>Sends until <paramref name="connected"/> ends; everything unanswered then is waiting again when this returns.</summary>
    /// <param name="known">Told when the broker had messages from an earlier connection already: their receipts may have been missed.</param>
    public async Task RunAsync(Action known, CancellationToken connected)
    {
        alreadyKnown = known;
        cursor = 0;
        rescanFrom = long.MaxValue;
        holds.Clear();
        try
        {
            while (!connected.IsCancellationRequested)
            {
                await StepAsync(connected);
                await WaitAsync(connected);
            }
        }
        catch (OperationCanceledException) when (connected.IsCancellationRequested)
        {
            // The connection has gone; what follows is the same as after a crash.
        }

        // Every frame handed over ends, with an answer or with the connection.
        while (unanswered > 0)
            await StepAsync(CancellationToken.None, take: await answers.Reader.ReadAsync(CancellationToken.None), fill: false);
    }

    private async Task StepAsync(CancellationToken connected, Answered? take = null, bool fill = true)
    {
        var batches = new HashSet<string>(StringComparer.Ordinal);
        var settlements = new List<Settlement>();
        if (take is { } first)
            Settle(first, settlements, batches);
        while (answers.Reader.TryRead(out Answered answered))
            Settle(answered, settlements, batches);

        // What waits again is on disk before the next page is read: a page that does not show it would take the cursor past it for good.
        if (settlements.Exists(one => one.State == MessageStates.Pending))
        {
            await outbox.SettleAsync(workspaceNo, settlements, [], CancellationToken.None);
            settlements.Clear();
        }

        List<OutboxRow> sent = [];
        while (fill && unanswered < WindowMax && await FillAsync(settlements, batches, sent, connected))
        {
        }

        // Not cancelled with the connection: what the broker has said is written down.
        if (settlements.Count > 0 || sent.Count > 0)
            await outbox.SettleAsync(workspaceNo, settlements, [.. sent.Select(row => row.Seq)], CancellationToken.None);
        if (batches.Count > 0)
            settled(batches);
        if (wasKnown)
            alreadyKnown();
        wasKnown = false;
    }

    /// <returns>True when there may be more to send and room for it.</returns>
    private async Task<bool> FillAsync(List<Settlement> settlements, HashSet<string> batches, List<OutboxRow> sent, CancellationToken connected)
    {
        ReleaseHolds();
        int room = WindowMax - unanswered;
        List<OutboxRow> page = MayGo(Everybody) ? outbox.ReadPending(workspaceNo, cursor, room) : [];
        foreach (OutboxRow row in page)
        {
            if (!MayGo(Everybody))
                return false;

            cursor = row.Seq;
            if (clock.GetUtcNow().ToUnixTimeMilliseconds() - row.CreatedAt > (long)OutboxStore.WaitMax.TotalMilliseconds)
            {
                settlements.Add(new Settlement(row.Seq, MessageStates.Expired, "The broker could not be reached in time.", null));
                batches.Add(row.Batch);
            }
            else if (!MayGo(HoldKey(row)))
            {
                rescanFrom = Math.Min(rescanFrom, row.Seq - 1);
            }
            else
            {
                await HandOverAsync(row, settlements, batches, sent, connected);
            }
        }

        return page.Count == room;
    }

    /// <summary>Seals a copy and sends it. What cannot be written now, for want of a root or because of its log, waits with the reason.</summary>
    private async Task HandOverAsync(
        OutboxRow row, List<Settlement> settlements, HashSet<string> batches, List<OutboxRow> sent, CancellationToken connected)
    {
        Send? frame;
        if (row.Recipient.Target is { Length: > 0 } target)
        {
            LocalReply<ReadyScope> scope = await ready(target, connected);
            if (scope.Problem is { } problem)
            {
                if (!string.Equals(row.Reason, problem.Detail, StringComparison.Ordinal))
                {
                    settlements.Add(new Settlement(row.Seq, MessageStates.Pending, problem.Detail, null));
                    batches.Add(row.Batch);
                }

                WaitForKeys(row);
                return;
            }

            frame = sealer.SealShared(row, scope.Value!.Root);
        }
        else if (!sealer.TrySeal(row, out frame))
        {
            settlements.Add(new Settlement(row.Seq, MessageStates.Refused, "The recipient's key is not one that can be written to.", null));
            batches.Add(row.Batch);
            return;
        }

        unanswered++;
        sent.Add(row);
        NoteProbe(Everybody, row.Seq);
        NoteProbe(HoldKey(row), row.Seq);
        _ = SendAsync(row, frame!, connected);
    }

    private void WaitForKeys(OutboxRow row)
    {
        rescanFrom = Math.Min(rescanFrom, row.Seq - 1);
        int attempts = holds.GetValueOrDefault(HoldKey(row))?.Attempts ?? 0;
        holds[HoldKey(row)] = new Hold(clock.GetUtcNow() + DelayAfter(attempts), attempts + 1, Probing: false, Probe: null, ForKeys: true);
    }

    private async Task SendAsync(OutboxRow row, Send frame, CancellationToken connected)
    {
        Ack? ack = null;
        try
        {
            ack = await send(frame, connected);
        }
        catch (Exception lost) when (lost is IOException or OperationCanceledException or ObjectDisposedException or TimeoutException)
        {
            // Whether the broker has it is not known: it is asked again under the same id.
        }
#pragma warning disable CA1031 // Every frame must end with an answer, or the window never empties.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            LogSendFailed(bug);
        }

        // There is room for every answer of the window.
        answers.Writer.TryWrite(new Answered(row, ack));
    }

    private void Settle(Answered answered, List<Settlement> settlements, HashSet<string> batches)
    {
        unanswered--;
        OutboxRow row = answered.Row;
        if (answered.Ack is not { } ack)
        {
            settlements.Add(new Settlement(row.Seq, MessageStates.Pending, row.Reason, null));
            HoldBack(Everybody, row);
            return;
        }

        batches.Add(row.Batch);
        if (ack is { Queued: true, Error: null })
        {
            settlements.Add(new Settlement(row.Seq, MessageStates.Accepted, null, ack.MessageId));
            wasKnown |= ack.Again == true;
            Lift(Everybody, row.Seq);
            Lift(HoldKey(row), row.Seq);
            return;
        }

        string reason = ack.Error ?? "The broker refused it.";
        if (Refusals.IsForGood(ack))
        {
            settlements.Add(new Settlement(row.Seq, MessageStates.Refused, reason, null));
            Lift(Everybody, row.Seq);
            Lift(HoldKey(row), row.Seq);
            return;
        }

        settlements.Add(new Settlement(row.Seq, MessageStates.Pending, reason, null));
        if (Refusals.IsForStaleRoot(ack))
            markStale(row.Recipient.Target);
        HoldBack(Refusals.ConcernsEverybody(ack) ? Everybody : HoldKey(row), row, Refusals.IsForStaleRoot(ack));
    }

    /// <summary>
    /// Nothing more for this recipient until later, so that what follows does not overtake what was refused. What was on its way behind it the broker
    /// refuses as well, and only the answer to the probe says that all of that has been answered.
    /// </summary>
    /// <param name="isForStaleRoot">The first time it goes again at once, under the present root.</param>
    private void HoldBack(string key, OutboxRow row, bool isForStaleRoot = false)
    {
        rescanFrom = Math.Min(rescanFrom, row.Seq - 1);
        if (key == Everybody)
            ForgetProbe(HoldKey(row), row.Seq);
        else
            Lift(Everybody, row.Seq);

        Hold? there = holds.GetValueOrDefault(key);
        if (there is not null && there.Probe != row.Seq)
            return;

        int attempts = there?.Attempts ?? 0;
        holds[key] = new Hold(clock.GetUtcNow() + (isForStaleRoot && attempts == 0 ? TimeSpan.Zero : DelayAfter(attempts)), attempts + 1, Probing: false, Probe: null);
    }

    private static TimeSpan DelayAfter(int attempts)
    {
        TimeSpan delay = TimeSpan.FromTicks(Math.Min(BackoffMax.Ticks, BackoffMin.Ticks << Math.Min(attempts, 10)));
        return delay * (0.5 + (RandomBytes.Next(1)[0] / 255.0));
    }

    /// <summary>Lets one copy through to each recipient whose time has come; the rest follow when it is accepted.</summary>
    private void ReleaseHolds()
    {
        DateTimeOffset now = clock.GetUtcNow();
        bool released = false;
        bool tryKeys = keysChanged;
        keysChanged = false;
        foreach ((string key, Hold hold) in holds.ToArray())
        {
            if (hold.Probing || (hold.Until > now && !(tryKeys && hold.ForKeys)))
                continue;

            released = true;
            holds[key] = hold with { Probing = true };
        }

        if (released)
            Rescan();
    }

    private bool MayGo(string key) => !holds.TryGetValue(key, out Hold? hold) || hold is { Probing: true, Probe: null };

    private void NoteProbe(string key, long seq)
    {
        if (holds.TryGetValue(key, out Hold? hold))
            holds[key] = hold with { Probe = seq };
    }

    private void ForgetProbe(string key, long seq)
    {
        if (holds.TryGetValue(key, out Hold? hold) && hold.Probe == seq)
            holds[key] = hold with { Probe = null };
    }

    private void Lift(string key, long seq)
    {
        if (holds.TryGetValue(key, out Hold? hold) && hold.Probe == seq && holds.Remove(key))
            Rescan();
    }

    private void Rescan()
    {
        cursor = Math.Min(cursor, rescanFrom);
        rescanFrom = long.MaxValue;
        Wake();
    }

    private static string HoldKey(OutboxRow row) => row.Recipient.Target.Length > 0 ? row.Recipient.Target : row.Recipient.Session is { } session ? $"{row.Recipient.Key}{session}" : row.Recipient.Key.ToString();

    private async Task WaitAsync(CancellationToken connected)
    {
        DateTimeOffset? next = holds.Count == 0 ? null : holds.Values.Where(hold => !hold.Probing).Select(hold => (DateTimeOffset?)hold.Until).Min();
        using var timer = next is { } due
            ? new CancellationTokenSource(Max(due - clock.GetUtcNow(), TimeSpan.FromMilliseconds(1)), clock)
            : new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(connected, timer.Token);
        Task<bool> woken = wake.Reader.WaitToReadAsync(either.Token).AsTask();
        Task<bool> answered = answers.Reader.WaitToReadAsync(either.Token).AsTask();
        await Task.WhenAny(woken, answered);
        await either.CancelAsync();
        connected.ThrowIfCancellationRequested();
        wake.Reader.TryRead(out _);
    }

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;

    [LoggerMessage(Level = LogLevel.Error, Message = "Sending a frame failed; it is sent again on the next connection")]
    private partial void LogSendFailed(Exception error);

    private readonly record struct Answered(OutboxRow Row, Ack? Ack);

    /// <param name="Probing">Its time has come: one copy may go.</param>
    /// <param name="Probe">That copy, once it is on its way: its answer decides.</param>
    /// <param name="ForKeys">It waits for a root or for the log, and not for the broker.</param>
    private sealed record Hold(DateTimeOffset Until, int Attempts, bool Probing, long? Probe, bool ForKeys = false);
}
