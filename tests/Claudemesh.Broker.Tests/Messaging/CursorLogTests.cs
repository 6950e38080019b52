using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Tests.Storage;

namespace Claudemesh.Broker.Tests.Messaging;

public abstract class CursorLogTests(Backend backend) : IDisposable
{
    private static readonly MailboxNo Alice = new(101);
    private protected static readonly ReaderNo Laptop = new(11);
    private static readonly ReaderNo Phone = new(12);

    private protected readonly TestDatabase database = new(backend);

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task Moves_alone_wait_for_their_time_and_are_known_meanwhile()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        await loop.PostAsync(Move(Laptop, 5));
        await loop.PostAsync(Move(Laptop, 9), Move(Phone, 2));

        Assert.Equal(0, await database.NumberAsync("SELECT count(*) FROM cursor"));
        Assert.Equal(new CursorAt(Alice, Lane.Next, 9), Assert.Single(await CursorsAsync(loop, Laptop), one => one.Through > 0));

        database.Clock.Advance(CursorMoves.FlushAfter);
        await CommitAsync();

        Assert.Equal(2, await database.NumberAsync("SELECT count(*) FROM cursor"));
        Assert.Equal(9, await database.NumberAsync($"SELECT through FROM cursor WHERE reader_no = {Laptop.Value}"));
        Assert.Equal(new CursorAt(Alice, Lane.Next, 9), Assert.Single(await CursorsAsync(loop, Laptop)));
    }

    [Fact]
    public async Task Moves_ride_along_with_the_next_commit()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        await loop.PostAsync(Move(Laptop, 5));
        database.Clock.Advance(CursorMoves.RideEvery);
        await loop.SendAsync(Alice);

        Assert.Equal(5, await database.NumberAsync("SELECT through FROM cursor"));
    }

    [Fact]
    public async Task A_cursor_never_moves_back()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        await loop.PostAsync(Move(Laptop, 9));
        database.Clock.Advance(CursorMoves.FlushAfter);
        await CommitAsync();
        await loop.PostAsync(Move(Laptop, 4));
        database.Clock.Advance(CursorMoves.FlushAfter);
        await CommitAsync();

        Assert.Equal(9, await database.NumberAsync("SELECT through FROM cursor"));
    }

    [Fact]
    public async Task Only_the_first_reader_to_pass_leaves_a_mark()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        foreach (MoveCursor move in (MoveCursor[])[Move(Laptop, 3), Move(Phone, 2), Move(Phone, 3), Move(Phone, 8)])
        {
            await loop.PostAsync(move);
            database.Clock.Advance(CursorMoves.FlushAfter);
            await CommitAsync();
        }

        Assert.Equal(2, await database.NumberAsync("SELECT count(*) FROM cursor_mark"));
        Assert.Equal(11, await database.NumberAsync("SELECT sum(through) FROM cursor_mark"));
    }

    [Fact]
    public async Task Moves_of_a_step_are_written_with_it_or_later_and_never_without_it()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        TestLoop younger = await TestLoop.OpenAsync(database);

        Assert.Equal(Failure.Fenced, await loop.PostAsync(TestLoop.Into(loop.Message(), Alice), Move(Laptop, 7)));
        database.Clock.Advance(CursorMoves.FlushAfter);
        await CommitAsync();
        Assert.Equal(0, await database.NumberAsync("SELECT count(*) FROM cursor"));

        await younger.PostAsync(TestLoop.Into(younger.Message(), Alice), Move(Laptop, 7));
        Assert.Equal(7, Assert.Single(await CursorsAsync(loop, Laptop), static one => one.Through > 0).Through);
        database.Clock.Advance(CursorMoves.FlushAfter);
        await CommitAsync();
        Assert.Equal(7, await database.NumberAsync("SELECT through FROM cursor"));
    }

    private protected static MoveCursor Move(ReaderNo reader, long through) => new(reader, Alice, Lane.Next, through);

    private static ValueTask<System.Collections.Immutable.ImmutableArray<CursorAt>> CursorsAsync(TestLoop loop, ReaderNo reader) =>
        loop.Log.ReadCursorsAsync(reader, CancellationToken.None);

    /// <summary>Whatever the writer was called for before this is done after it.</summary>
    private protected Task CommitAsync() => database.SettleAsync();
}

public sealed class CursorLogOnSqliteTests() : CursorLogTests(Backend.Sqlite)
{
    [Fact]
    public async Task Moves_outlive_a_commit_that_failed()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        await loop.PostAsync(Move(Laptop, 5));
        database.Clock.Advance(CursorMoves.RideEvery);
        await Assert.ThrowsAsync<Broker.Storage.DatabaseUnavailableException>(() => database.Opened.WriteAsync<int>(
            static scope =>
            {
                scope.Session.Execute("ROLLBACK");
                throw new IOException("on purpose");
            },
            CancellationToken.None));
        Assert.Equal(0, await database.NumberAsync("SELECT count(*) FROM cursor"));

        database.Clock.Advance(Broker.Storage.DatabaseWriter.ProbeInterval);
        await CommitAsync();
        await CommitAsync();

        Assert.Equal(5, await database.NumberAsync("SELECT through FROM cursor"));
    }
}

public sealed class CursorLogOnPostgresTests() : CursorLogTests(Backend.Postgres);
