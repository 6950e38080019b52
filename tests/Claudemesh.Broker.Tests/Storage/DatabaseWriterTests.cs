using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Storage;

public sealed class DatabaseWriterTests : IDisposable
{
    private static readonly MailboxNo Alice = new(101);
    private static readonly MailboxNo Bob = new(102);

    private readonly TestDatabase database = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task What_waits_is_committed_together_and_told_in_order()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        ConcurrentQueue<long> batches = [];
        using MeterListener metrics = new();
        metrics.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is { Meter.Name: StorageMetrics.MeterName, Name: "claudemesh_storage_batch_messages" })
                listener.EnableMeasurementEvents(instrument, database);
        };
        metrics.SetMeasurementEventCallback<long>((_, value, _, state) => batches.Enqueue(value));

        Task<Failure?>[] fates;
        await using (await HeldWriter.HoldAsync(database.Opened))
        {
            metrics.Start();
            fates = [.. Enumerable.Range(0, 20).Select(_ => loop.PostAsync(TestLoop.Into(loop.Message(), Alice), TestLoop.Into(loop.Message(), Alice)))];
        }

        Assert.All(await Task.WhenAll(fates), static fate => Assert.Null(fate));
        Assert.Equal(Enumerable.Range(1, 20).Select(static i => (long)i), loop.Fates.Order.Select(static step => step.Value));
        Assert.Equal(40, await database.NumberAsync("SELECT count(*) FROM message"));
        Assert.Contains(40, batches);
    }

    [Fact]
    public async Task One_transaction_takes_no_more_than_its_bound_of_messages()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        WriterIntake intake = new();
        for (int i = 0; i < 5; i++)
        {
            Output[] writes = [.. Enumerable.Range(0, 300).Select(_ => TestLoop.Into(loop.Message(size: 16), Alice))];
            intake.TryAdd(new PostedStep(loop.Activation, loop.Step(writes), loop.Fates));
        }

        for (int i = 0; i < 3; i++)
            intake.TryAdd(new PostedStep(loop.Activation, loop.Step(TestLoop.Into(loop.Message(size: 3 << 20), Alice)), loop.Fates));

        List<int> batches = [];
        List<PostedStep> batch = [];
        while (batches.Sum() < 8)
        {
            batch.Clear();
            intake.Take(batch, out _);
            batches.Add(batch.Count);
        }

        // 4 x 300 passes 1,024 messages; the fifth and two of 3 MiB pass 4 MiB; then the last.
        Assert.Equal([4, 3, 1], batches);
    }

    [Fact]
    public async Task Everybodys_continuations_run_elsewhere()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        string? writer = await database.Opened.WriteAsync(static _ => Thread.CurrentThread.Name, CancellationToken.None);
        string? after = Thread.CurrentThread.Name;
        await loop.SendAsync(Alice);

        Assert.Equal("database writer", writer);
        Assert.NotEqual(writer, after);
        Assert.NotEqual(writer, Thread.CurrentThread.Name);
    }

    [Fact]
    public async Task A_full_disk_fails_all_of_the_batch_and_the_next_one_is_tried_again()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        await loop.SendAsync(Alice);
        long pages = (await database.NumberAsync("PRAGMA page_count"))!.Value;
        await LimitPagesAsync(pages + 20);

        Task<Failure?> full;
        Task<int> neighbour;
        await using (await HeldWriter.HoldAsync(database.Opened))
        {
            full = loop.PostAsync(TestLoop.Into(loop.Message(size: 1 << 20), Alice));
            neighbour = database.ExecuteAsync("INSERT INTO reader (mailbox_no, device, seen_at) VALUES (1, 'a', 0)");
        }

        Assert.Equal(Failure.Disk, await full);
        await neighbour;
        Assert.False(database.Opened.Healthy);
        Assert.Equal(1, await database.NumberAsync("SELECT count(*) FROM message"));

        await LimitPagesAsync(1_000_000);
        Assert.Null(await loop.PostAsync(TestLoop.Into(loop.Message(size: 1 << 20), Alice)));
        Assert.True(database.Opened.Healthy);
        Assert.Equal(2, await database.NumberAsync("SELECT count(*) FROM message"));
    }

    [Fact]
    public async Task A_database_that_failed_is_probed_each_second_until_it_takes_writes()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        await LimitPagesAsync((await database.NumberAsync("PRAGMA page_count"))!.Value + 2);
        Assert.Equal(Failure.Disk, await loop.PostAsync(TestLoop.Into(loop.Message(size: 1 << 20), Alice)));

        database.Clock.Advance(DatabaseWriter.ProbeInterval);
        await database.Opened.WriteAsync(static _ => 0, CancellationToken.None);
        Assert.False(database.Opened.Healthy);

        await LimitPagesAsync(1_000_000);
        Assert.False(database.Opened.Healthy);
        database.Clock.Advance(DatabaseWriter.ProbeInterval);
        await database.Opened.WriteAsync(static _ => 0, CancellationToken.None);
        Assert.True(database.Opened.Healthy);
        Assert.Equal(0, await database.NumberAsync("SELECT count(*) FROM write_probe"));
    }

    private Task<int> LimitPagesAsync(long pages) => database.Opened.WriteAsync(
        scope =>
        {
            scope.Session.Execute($"PRAGMA max_page_count={pages}");
            return 0;
        },
        CancellationToken.None);
}

/// <summary>Keeps the writer's thread busy, so that what is posted meanwhile falls into one batch.</summary>
internal sealed class HeldWriter : IAsyncDisposable
{
    private readonly ManualResetEventSlim release = new();
    private readonly Task<int> write;

    private HeldWriter(Database database, TaskCompletionSource held) => write = database.WriteAsync(
        _ =>
        {
            held.SetResult();
            Assert.True(release.Wait(TestSocket.Patience));
            return 0;
        },
        CancellationToken.None);

    public static async Task<HeldWriter> HoldAsync(Database database)
    {
        TaskCompletionSource held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        HeldWriter writer = new(database, held);
        await held.Task;
        return writer;
    }

    public async ValueTask DisposeAsync()
    {
        release.Set();
        await write;
        release.Dispose();
    }
}
