using System.Collections.Immutable;
using System.Data.Common;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Notifications;
using Claudemesh.Broker.Storage;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Messaging;

/// <summary>
/// Takes out what is past its time, a minute after a minute, in slices that are short for the writer: it waits for each
/// before it hands in the next, so no transaction has more than one. What there is to do is found on a reading connection.
/// </summary>
internal sealed partial class Retention(
    Database database, RetentionTimes times, IRetentionListener listener, RetentionMetrics metrics, TimeProvider clock,
    ILogger<Retention> logger)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(60);

    private const int MailboxesMax = 200;
    private const int RefileMax = 256;

    // Pages of submissions that are looked at per round without finding anything; the next round goes on there.
    private const int IdlePagesMax = 20;

    private readonly Dictionary<MeshNo, long> sweptThrough = [];
    private readonly NotificationSweep notifications = new(database, times);
    private (long Sender, byte[] ClientId)? lastSubmission;

    /// <summary>Runs until cancelled. A round that fails is told in the log; the next is tried all the same.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(Interval, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                long started = clock.GetTimestamp();
                await RunOnceAsync(cancellationToken);
                metrics.Round(clock.GetElapsedTime(started));
            }
            catch (Exception failure) when (failure is IOException or DbException)
            {
                metrics.Failed();
                LogFailed(failure);
            }
        }
    }

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        Instant now = clock.GetInstant();
        await SweepMailboxesAsync(now, cancellationToken);
        await SweepTopicsAsync(now, cancellationToken);
        await SweepMessagesAsync(now, cancellationToken);
        await SweepSubmissionsAsync(now, cancellationToken);
        await SweepReadersAsync(now, cancellationToken);
        await notifications.RunAsync(now, cancellationToken);
    }

    private async Task SweepMailboxesAsync(Instant now, CancellationToken cancellationToken)
    {
        MailboxNo after = new(0);
        while (true)
        {
            List<(MailboxNo No, MeshNo Mesh, MailboxKind Kind)> page = await database.ReadAsync(
                (ISqlSession session) => RetentionReads.Mailboxes(session, after, MailboxesMax), cancellationToken);
            if (page.Count == 0)
                return;

            after = page[^1].No;
            foreach (LaneTask task in await database.ReadAsync(session => FindWork(session, page, now), cancellationToken))
                await DoAsync(task, now, cancellationToken);
        }
    }

    private List<LaneTask> FindWork(ISqlSession session, List<(MailboxNo No, MeshNo Mesh, MailboxKind Kind)> page, Instant now)
    {
        List<LaneTask> tasks = [];
        foreach ((MailboxNo No, MeshNo Mesh, MailboxKind Kind) mailbox in page)
            RetentionReads.FindWork(session, mailbox, now, times, database.Writer.Moves, tasks);

        return tasks;
    }

    private async Task DoAsync(LaneTask task, Instant now, CancellationToken cancellationToken)
    {
        switch (task.Work)
        {
            case LaneWork.Expire or LaneWork.Withdraw:
                await foreach (Expired expired in Withdrawal.TakeOutAsync(database, task, cancellationToken))
                {
                    metrics.Expired(expired.Entries.Length);
                    listener.OnExpired(task.Mesh, expired);
                }

                break;
            case LaneWork.Forget:
                while (await database.WriteAsync(scope => LaneSlices.Forget(scope, task, now + -times.AfterDelivery), cancellationToken))
                {
                }

                break;
            case LaneWork.Refile:
                if (await database.ReadAsync(session => FindRefile(session, task, now), cancellationToken) is { } refile)
                {
                    metrics.Refiled(refile.Entries.Length);
                    listener.OnRefile(task.Mesh, refile);
                }

                break;
        }
    }

    private Refile? FindRefile(ISqlSession session, LaneTask task, Instant now)
    {
        if (RetentionReads.FindHeir(session, task.Mailbox, now + -times.ClosedSession) is not { } heir)
            return null;

        long delivered = Math.Max(
            database.Writer.Moves.Furthest(task.Mailbox, task.Lane).Through,
            RetentionReads.NewestMark(session, task.Mailbox, task.Lane));
        ImmutableArray<Stored> waiting = DeliveryReads.Page(
            session, new Source(task.Mailbox, Shared: null), task.Lane, delivered, MessageRef.PositionMax, RefileMax);
        return new Refile(task.Mailbox, heir, [.. waiting.Where(stored => !OutcomeReads.HasSpoken(session, stored.Message.Id, task.Mailbox))]);
    }

    private async Task SweepMessagesAsync(Instant now, CancellationToken cancellationToken)
    {
        List<MeshNo> meshes = await database.ReadAsync(
            (Sql sql) => sql.List("SELECT mesh_no FROM mesh_owner ORDER BY mesh_no", static row => new MeshNo(row.GetInt64(0))),
            cancellationToken);
        Instant before = now + -times.AfterDelivery;
        foreach (MeshNo mesh in meshes)
            await SweepMessagesAsync(mesh, before, cancellationToken);
    }

    private async Task SweepMessagesAsync(MeshNo mesh, Instant before, CancellationToken cancellationToken)
    {
        bool more = true;
        while (more)
        {
            // What is kept for good is looked at once, and not in each round.
            long after = sweptThrough.GetValueOrDefault(mesh);
            (List<(long First, long Last)> expired, more) = await database.ReadAsync(
                (Sql sql) => MessageSlices.FindMessages(sql, mesh, ref after, before), cancellationToken);
            foreach ((long first, long last) in expired)
            {
                while (!await database.WriteAsync(scope => MessageSlices.DeleteMessages(scope, first, last), cancellationToken))
                {
                }
            }

            sweptThrough[mesh] = after;
        }
    }

    /// <summary>Posts that are older than their topic keeps them. Who has not read them by then reads them no more.</summary>
    private async Task SweepTopicsAsync(Instant now, CancellationToken cancellationToken)
    {
        foreach (TopicKeeping topic in await database.ReadAsync((Sql sql) => TopicSlices.ListBounded(sql), cancellationToken))
        {
            Instant before = now + -TimeSpan.FromDays(topic.Days);
            for (Lane lane = Lane.Now; lane <= Lane.Low; lane++)
            {
                while (await database.ReadAsync((Sql sql) => TopicSlices.HasPosts(sql, topic.Mailbox, lane, before), cancellationToken))
                {
                    ImmutableArray<Lapsed> gone =
                        await database.WriteAsync(scope => TopicSlices.Forget(scope, topic.Mailbox, lane, before), cancellationToken);
                    metrics.Expired(gone.Length);
                    if (gone.Length > 0)
                        listener.OnExpired(topic.Mesh, new Expired(topic.Mailbox, gone));
                }
            }
        }
    }

    private async Task SweepSubmissionsAsync(Instant now, CancellationToken cancellationToken)
    {
        int idlePages = 0;
        do
        {
            List<(long Sender, byte[] ClientId)> found = await database.ReadAsync(
                (Sql sql) => MessageSlices.FindSubmissions(
                    sql, ref lastSubmission, now + -times.AfterDelivery, now + -times.LegacySubmission),
                cancellationToken);
            if (found.Count > 0)
                await database.WriteAsync(scope => MessageSlices.DeleteSubmissions(scope, found), cancellationToken);
            else
                idlePages++;
        }
        while (lastSubmission is not null && idlePages < IdlePagesMax);
    }

    private async Task SweepReadersAsync(Instant now, CancellationToken cancellationToken)
    {
        Instant since = now + -times.ReaderUnseen;
        while (await database.ReadAsync(
                (Sql sql) => sql.FindNumber("SELECT no FROM reader WHERE seen_at <= @since LIMIT 1", ("@since", since.Micros)),
                cancellationToken) is not null
            && await database.WriteAsync(scope => MessageSlices.DropReaders(scope, since), cancellationToken) is > 0 and var dropped)
        {
            metrics.DroppedReaders(dropped);
        }

        while (await database.ReadAsync((Sql sql) => sql.FindNumber("SELECT 1 FROM set_aside LIMIT 1"), cancellationToken) is not null
            && await database.WriteAsync(MessageSlices.DropAside, cancellationToken) > 0)
        {
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A round of retention failed; the next will go on")]
    private partial void LogFailed(Exception failure);
}
