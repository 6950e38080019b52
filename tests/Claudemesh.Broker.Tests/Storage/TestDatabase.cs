using System.Collections.Immutable;
using System.Collections.Concurrent;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Storage;

/// <summary>Which database a test runs on.</summary>
public enum Backend
{
    Sqlite,
    Postgres,
}

/// <summary>A database of its own, a file in a temporary folder or one on the test's server; gone with the test.</summary>
internal sealed class TestDatabase : IDisposable
{
    private readonly TestMeters meters = new();
    private readonly DirectoryInfo folder = System.IO.Directory.CreateTempSubdirectory("claudemesh-storage-");
    private readonly TestPostgres? server;

    /// <param name="older">Makes the database as it was when the migration of this number was the last, and puts that into it.</param>
    public TestDatabase(Backend backend = Backend.Sqlite, (int Last, string Sql)? older = null)
    {
        Assert.SkipUnless(backend is Backend.Sqlite || TestPostgres.IsThere, "no PostgreSQL server is named; ./dev test starts one");
        server = backend is Backend.Postgres ? TestPostgres.CreateSchema() : null;
        Clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        if (older is { } made)
            Make(made.Last, made.Sql);
        Opened = Open();
    }

    public string Path => System.IO.Path.Combine(folder.FullName, "broker.db");

    public TestPostgres Server => server ?? throw new InvalidOperationException("This test runs on a file.");

    public FakeTimeProvider Clock { get; }

    public Database Opened { get; private set; }

    public Task<DeliveryLog> OpenLogAsync() => DeliveryLog.OpenAsync(Opened, CancellationToken.None);

    /// <summary>Closes the database and opens it again, as a restart does.</summary>
    public void Reopen()
    {
        Opened.Dispose();
        Opened = Open();
    }

    public Task<long?> NumberAsync(string sql) =>
        Opened.ReadAsync((Sql read) => read.FindNumber(sql), CancellationToken.None).AsTask();

    public Task<int> ExecuteAsync(string sql) => Opened.WriteAsync(scope => scope.Sql.Execute(sql), CancellationToken.None);

    /// <summary>Waits until every write that was asked for is done, cursor moves that are due too.</summary>
    public async Task SettleAsync()
    {
        await Opened.WriteAsync(static _ => 0, CancellationToken.None);
        if (server is not null)
            await Eventually.IsAsync("the cursor moves are written", () => !Opened.Writer.Moves.Pending);
    }

    public void Dispose()
    {
        Opened.Dispose();
        server?.Dispose();
        meters.Dispose();
        folder.Delete(recursive: true);
    }

    private void Make(int last, string sql)
    {
        using ISqlSession session = server is null ? SqliteSession.OpenWriter(Path, 1_000) : new PostgresServer(server.Address).OpenFirst();
        Migrations.Apply(
            session,
            [.. Migrations.Embedded.Where(migration => migration.Number <= last)],
            server is null ? Dialect.Sqlite : Dialect.Postgres,
            Clock.GetInstant());
        session.Execute(sql);
    }

    private Database Open() => server is null
        ? Database.Open(Path, new StorageMetrics(meters), Clock, NullLogger.Instance)
        : Database.Open(server.Address, new StorageMetrics(meters), Clock, NullLogger.Instance);
}

/// <summary>Waits for the fate of steps.</summary>
internal sealed class Fates : ICommitListener
{
    private readonly ConcurrentDictionary<StepNo, TaskCompletionSource<Failure?>> fates = new();

    public ConcurrentQueue<StepNo> Order { get; } = new();

    public Task<Failure?> Of(StepNo step) => Source(step).Task.WaitAsync(TestSocket.Patience);

    public void OnCommitted(StepNo step)
    {
        Order.Enqueue(step);
        Source(step).SetResult(null);
    }

    public void OnFailed(StepNo step, Failure why) => Source(step).SetResult(why);

    private TaskCompletionSource<Failure?> Source(StepNo step) =>
        fates.GetOrAdd(step, static _ => new TaskCompletionSource<Failure?>(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>A workspace's part of the log, written to as its core would.</summary>
internal sealed class TestLoop(DeliveryLog log, Activation activation)
{
    private long steps;
    private long position = activation.NextPosition;

    public Fates Fates { get; } = new();

    public Activation Activation => activation;

    public DeliveryLog Log => log;

    public long Committed => position - 1;

    public static async Task<TestLoop> OpenAsync(TestDatabase database, long mesh = 1)
    {
        DeliveryLog log = await database.OpenLogAsync();
        return new TestLoop(log, await log.OpenAsync(new MeshNo(mesh), CancellationToken.None));
    }

    public Message Message(
        long sender = 7, int size = 272, byte[]? clientId = null, byte[]? fingerprint = null, Instant? at = null,
        int recipients = 1, string target = "*", Lane lane = Lane.Next, byte[]? header = null)
    {
        Instant created = at ?? new Instant(1_000_000);
        return new Message(
            new MessageRef(activation.Mesh, position++), new MemberNo(sender),
            new Envelope(new byte[32], target, BodyVersion: 0, header, new byte[24], new byte[size]), lane,
            clientId is null ? null : new ClientKey(clientId, fingerprint), ReplyTo: null, recipients, created,
            created + TimeSpan.FromDays(30));
    }

    public static Append Into(Message message, params MailboxNo[] mailboxes) => new(
        message, [.. mailboxes.Select(mailbox => new Entry(mailbox, message.Lane, message.Id.Position))]);

    public Step Step(params Output[] writes)
    {
        Step step = new(new StepNo(++steps)) { NeedsCommit = writes.Any(static write => write is not MoveCursor) };
        step.Writes.AddRange(writes);
        return step;
    }

    public Task<Failure?> PostAsync(params Output[] writes)
    {
        Step step = Step(writes);
        log.Post(activation, step, Fates);
        return step.NeedsCommit ? Fates.Of(step.No) : Task.FromResult<Failure?>(null);
    }

    public async Task<Message> SendAsync(MailboxNo mailbox, Lane lane = Lane.Next, long sender = 7, byte[]? clientId = null, Instant? at = null)
    {
        Message message = Message(sender, clientId: clientId, lane: lane, at: at);
        Assert.Null(await PostAsync(Into(message, mailbox)));
        return message;
    }

    public ValueTask<ImmutableArray<Stored>> ReadAsync(Source source, long after = 0, int limit = 256, Lane lane = Lane.Next) =>
        log.ReadAfterAsync(source, lane, after, Committed, limit, CancellationToken.None);
}
