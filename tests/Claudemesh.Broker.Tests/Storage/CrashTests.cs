using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Claudemesh.Broker.Tests.Storage;

/// <summary>
/// What a crash leaves is the file and some beginning of its log. Each test copies both as a crash would, opens the copy
/// and looks what is there.
/// </summary>
public sealed class CrashTests : IDisposable
{
    private static readonly MailboxNo Alice = new(101);

    private readonly TestDatabase database = new();
    private readonly DirectoryInfo copies = System.IO.Directory.CreateTempSubdirectory("claudemesh-crash-");

    public void Dispose()
    {
        database.Dispose();
        copies.Delete(recursive: true);
    }

    [Fact]
    public async Task However_much_of_the_log_is_lost_what_is_there_is_whole_steps_from_the_first_on()
    {
        const int Steps = 12;
        const int MessagesPerStep = 3;
        TestLoop loop = await TestLoop.OpenAsync(database);
        long begun = LogLength();
        List<long> durable = [];
        for (int i = 0; i < Steps; i++)
        {
            Assert.Null(await loop.PostAsync(
                [.. Enumerable.Range(0, MessagesPerStep).Select(j => TestLoop.Into(loop.Message(clientId: [(byte)i, (byte)j]), Alice))]));
            durable.Add(LogLength());
        }

        for (long cut = begun; cut <= durable[^1]; cut += 1_777)
        {
            using SqliteSession copy = OpenCopy(cut);
            long messages = copy.Sql.FindNumber("SELECT count(*) FROM message")!.Value;
            int acknowledged = durable.Count(length => length <= cut);

            Assert.Equal(0, messages % MessagesPerStep);
            Assert.InRange(messages, acknowledged * MessagesPerStep, Steps * MessagesPerStep);
            Assert.Equal(messages, copy.Sql.FindNumber("SELECT count(*) FROM entry"));
            Assert.Equal(messages, copy.Sql.FindNumber("SELECT count(*) FROM submission"));
            Assert.Equal(messages, copy.Sql.FindNumber("SELECT COALESCE(max(id) - 1099511627776, 0) FROM message"));
        }
    }

    [Fact]
    public async Task Whatever_was_answered_is_there_after_the_end_without_goodbye()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        for (int i = 0; i < 20; i++)
        {
            Message sent = await loop.SendAsync(Alice, clientId: [(byte)i]);
            string copy = Copy(LogLength());
            using TestMeters meters = new();
            using Database opened = Database.Open(copy, new StorageMetrics(meters), database.Clock, NullLogger.Instance);
            DeliveryLog log = await DeliveryLog.OpenAsync(opened, CancellationToken.None);
            Activation activation = await log.OpenAsync(new MeshNo(1), CancellationToken.None);

            Assert.Equal(sent.Id.Position + 1, activation.NextPosition);
            Assert.NotNull(await log.FindMessageAsync(sent.Id, CancellationToken.None));
            Assert.NotNull((await log.FindSubmissionsAsync([(sent.Sender, [(byte)i])], CancellationToken.None))[0]);
            Assert.Equal(loop.Activation.Ids.Of(sent.Id), activation.Ids.Of(sent.Id));
        }
    }

    [Fact]
    public async Task A_copy_made_in_the_middle_of_a_transaction_has_nothing_of_it()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        await loop.SendAsync(Alice);

        string copy = await database.Opened.WriteAsync(
            scope =>
            {
                scope.Sql.Execute("INSERT INTO reader (mailbox_no, device, seen_at) VALUES (1, 'a', 0)");
                return Copy(LogLength());
            },
            CancellationToken.None);

        using SqliteSession opened = SqliteSession.OpenReader(copy);
        Assert.Equal(1, opened.Sql.FindNumber("SELECT count(*) FROM message"));
        Assert.Equal(0, opened.Sql.FindNumber("SELECT count(*) FROM reader"));
        Assert.Equal(1, await database.NumberAsync("SELECT count(*) FROM reader"));
    }

    private long LogLength() => new FileInfo(database.Path + "-wal").Length;

    private SqliteSession OpenCopy(long logLength) => SqliteSession.OpenReader(Copy(logLength));

    private string Copy(long logLength)
    {
        string copy = Path.Combine(copies.FullName, Guid.NewGuid().ToString("N"));
        CopyBeginning(database.Path, copy, long.MaxValue);
        CopyBeginning(database.Path + "-wal", copy + "-wal", logLength);
        return copy;
    }

    private static void CopyBeginning(string from, string to, long length)
    {
        using FileStream source = new(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using FileStream target = new(to, FileMode.CreateNew);
        byte[] bytes = new byte[Math.Min(length, source.Length)];
        source.ReadExactly(bytes);
        target.Write(bytes);
    }
}
