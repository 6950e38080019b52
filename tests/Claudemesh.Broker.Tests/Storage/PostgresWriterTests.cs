using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Tests.Storage;

public sealed class PostgresWriterTests : IDisposable
{
    private static readonly MailboxNo Alice = new(101);
    private static readonly MailboxNo Bob = new(102);

    private readonly TestDatabase database = new(Backend.Postgres);

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task Steps_of_many_workspaces_are_committed_and_those_of_one_in_their_order()
    {
        TestLoop[] loops = [.. await Task.WhenAll(Enumerable.Range(1, 8).Select(mesh => TestLoop.OpenAsync(database, mesh)))];

        Task<Failure?>[] fates =
        [
            .. from round in Enumerable.Range(0, 25)
               from loop in loops
               select loop.PostAsync(
                   TestLoop.Into(loop.Message(clientId: [(byte)round, (byte)loop.Activation.Mesh.Value]), MailboxOf(loop)),
                   TestLoop.Into(loop.Message(), MailboxOf(loop))),
        ];

        Assert.All(await Task.WhenAll(fates), static fate => Assert.Null(fate));
        Assert.All(loops, static loop => Assert.Equal(Enumerable.Range(1, 25).Select(static i => (long)i), loop.Fates.Order.Select(static step => step.Value)));
        Assert.Equal(400, await database.NumberAsync("SELECT count(*) FROM message"));
        Assert.Equal(400, await database.NumberAsync("SELECT count(*) FROM entry"));
        Assert.Equal(200, await database.NumberAsync("SELECT count(*) FROM submission"));
    }

    [Fact]
    public async Task A_fenced_step_takes_nothing_of_its_neighbours_with_it()
    {
        TestLoop old = await TestLoop.OpenAsync(database, mesh: 1);
        TestLoop other = await TestLoop.OpenAsync(database, mesh: 2);
        TestLoop young = await TestLoop.OpenAsync(database, mesh: 1);

        Task<Failure?>[] fates =
        [
            other.PostAsync(TestLoop.Into(other.Message(), Bob)),
            old.PostAsync(TestLoop.Into(old.Message(), Alice)),
            other.PostAsync(TestLoop.Into(other.Message(), Bob)),
            young.PostAsync(TestLoop.Into(young.Message(), Alice)),
        ];

        Assert.Equal([null, Failure.Fenced, null, null], await Task.WhenAll(fates));
        Assert.Equal(3, await database.NumberAsync("SELECT count(*) FROM message"));
    }

    [Fact]
    public async Task Of_two_words_about_one_message_in_one_step_the_higher_stays()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        Message sent = await loop.SendAsync(Alice);

        await loop.PostAsync(
            Record(sent, OutcomeState.Surfaced), Record(sent, OutcomeState.Read), Record(sent, OutcomeState.Surfaced));

        Assert.Equal((long)OutcomeState.Read, await database.NumberAsync("SELECT state FROM receipt"));
    }

    [Fact]
    public async Task Of_setting_aside_and_clearing_in_one_step_the_last_counts()
    {
        TestLoop loop = await TestLoop.OpenAsync(database);
        Message first = await loop.SendAsync(Alice);
        Message second = await loop.SendAsync(Alice);
        ReaderNo reader = new(5);

        await loop.PostAsync(Aside(reader, first), new ClearAside(reader, first.Id), new ClearAside(reader, second.Id), Aside(reader, second));

        Assert.Equal(second.Id.Value, await database.NumberAsync("SELECT sum(message_id) FROM set_aside"));
    }

    [Fact]
    public async Task Writes_that_look_first_do_so_one_after_another_in_every_broker_on_the_database()
    {
        await database.ExecuteAsync("INSERT INTO reader (mailbox_no, device, seen_at) VALUES (1, 'counter', 0)");
        using TestMeters meters = new();
        using Database other = Database.Open(database.Server.Address, new StorageMetrics(meters), database.Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? other : database.Opened).WriteAsync(
            static scope => scope.Sql.Execute(
                "UPDATE reader SET seen_at = @next", ("@next", scope.Sql.FindNumber("SELECT seen_at FROM reader")!.Value + 1)),
            CancellationToken.None)));

        Assert.Equal(40, await database.NumberAsync("SELECT seen_at FROM reader"));
    }

    /// <summary>Numbers of mailboxes are the whole database's.</summary>
    private static MailboxNo MailboxOf(TestLoop loop) => new(1_000 + loop.Activation.Mesh.Value);

    private static RecordOutcome Record(Message message, OutcomeState state) =>
        new(message.Id, Alice, new Outcome(state, new Instant(1), Reason: null, Proof: new byte[64]));

    private static SetAside Aside(ReaderNo reader, Message message) =>
        new(reader, message.Id, new Entry(Alice, Lane.Next, message.Id.Position));
}
