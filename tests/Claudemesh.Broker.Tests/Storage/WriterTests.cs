using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Tests.Storage;

/// <summary>What the writers of both databases promise.</summary>
public abstract class WriterTests(Backend backend) : IDisposable
{
    private static readonly MailboxNo Alice = new(101);
    private static readonly MailboxNo Bob = new(102);

    private readonly TestDatabase database = new(backend);

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task A_write_that_fails_takes_back_itself_and_none_of_its_neighbours()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        Task<Failure?> step;
        Task<int> good;
        Task<int> bad;
        Task<int> wrong;
        Task<int> alsoGood;
        await using (await HeldWriter.HoldAsync(database.Opened))
        {
            good = database.ExecuteAsync("INSERT INTO reader (mailbox_no, device, seen_at) VALUES (1, 'a', 0)");
            bad = database.Opened.WriteAsync<int>(
                static scope =>
                {
                    scope.Sql.Execute("INSERT INTO reader (mailbox_no, device, seen_at) VALUES (1, 'b', 0)");
                    throw new InvalidOperationException("on purpose");
                },
                CancellationToken.None);
            wrong = database.ExecuteAsync("INSERT INTO reader (mailbox_no, device, seen_at) VALUES (1, NULL, 0)");
            alsoGood = database.ExecuteAsync("INSERT INTO reader (mailbox_no, device, seen_at) VALUES (1, 'c', 0)");
            step = loop.PostAsync(TestLoop.Into(loop.Message(), Alice));
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => bad);
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => wrong);
        Assert.Equal(2, await good + await alsoGood);
        Assert.Null(await step);
        Assert.Equal(0, await database.NumberAsync("SELECT count(*) FROM reader WHERE device = 'b'"));
        Assert.Equal(2, await database.NumberAsync("SELECT count(*) FROM reader"));
        Assert.True(database.Opened.Healthy);
    }

    [Fact]
    public async Task A_write_is_cancelled_while_it_waits_and_not_once_it_runs()
    {
        using CancellationTokenSource cancelled = new();
        Task<int> waiting;
        await using (await HeldWriter.HoldAsync(database.Opened))
        {
            waiting = database.Opened.WriteAsync(
                static scope => scope.Sql.Execute("INSERT INTO reader (mailbox_no, device, seen_at) VALUES (1, 'a', 0)"),
                cancelled.Token);
            await cancelled.CancelAsync();
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, await database.NumberAsync("SELECT count(*) FROM reader"));
    }

    [Fact]
    public async Task A_step_that_contradicts_the_database_is_fenced_and_its_neighbours_are_kept()
    {
        TestLoop first = await TestLoop.OpenAsync(database, mesh: 1);
        TestLoop second = await TestLoop.OpenAsync(database, mesh: 2);
        Message there = await first.SendAsync(Alice);

        Task<Failure?>[] fates;
        await using (await HeldWriter.HoldAsync(database.Opened))
        {
            fates =
            [
                second.PostAsync(TestLoop.Into(second.Message(), Bob)),
                first.PostAsync(TestLoop.Into(first.Message(), Alice), TestLoop.Into(there, Alice)),
                second.PostAsync(TestLoop.Into(second.Message(), Bob)),
            ];
        }

        Assert.Equal([null, Failure.Fenced, null], await Task.WhenAll(fates));
        Assert.Equal(3, await database.NumberAsync("SELECT count(*) FROM message"));
        Assert.True(database.Opened.Healthy);
    }

    [Fact]
    public async Task What_was_accepted_before_the_end_is_written()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        HeldWriter held = await HeldWriter.HoldAsync(database.Opened);
        Task<Failure?>[] fates = [.. Enumerable.Range(0, 5).Select(_ => loop.PostAsync(TestLoop.Into(loop.Message(), Alice)))];
        await loop.PostAsync(new MoveCursor(new ReaderNo(1), Alice, Lane.Next, 3));
        await held.DisposeAsync();
        database.Reopen();

        Assert.All(await Task.WhenAll(fates), static fate => Assert.Null(fate));
        Assert.Equal(5, await database.NumberAsync("SELECT count(*) FROM message"));
        Assert.Equal(3, await database.NumberAsync("SELECT through FROM cursor"));
    }

    [Fact]
    public async Task After_the_end_nothing_is_accepted()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        Database closed = database.Opened;
        database.Reopen();

        Assert.Equal(Failure.Disk, await loop.PostAsync(TestLoop.Into(loop.Message(), Alice)));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => closed.WriteAsync(static _ => 0, CancellationToken.None));
    }
}

public sealed class WriterOnSqliteTests() : WriterTests(Backend.Sqlite);

public sealed class WriterOnPostgresTests() : WriterTests(Backend.Postgres);
