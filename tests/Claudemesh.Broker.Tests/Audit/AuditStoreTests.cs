using System.Text.Json.Nodes;
using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Tests.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Tests.Audit;

/// <summary>A chain of six entries, and what somebody does to it who can write into the database.</summary>
public abstract class AuditStoreTests : IDisposable
{
    private const string Id = "0123456789abcdefghijklmnopqrstuv";
    private static readonly MeshNo Mesh = new(1);

    private readonly TestDatabase database;
    private readonly AuditStore audit;

    protected AuditStoreTests(Backend backend)
    {
        database = new TestDatabase(backend);
        audit = new AuditStore(database.Opened);
    }

    private static CancellationToken Never => CancellationToken.None;

    [Fact]
    public async Task A_chain_that_nobody_has_touched_is_sound_and_stays_so_after_a_restart()
    {
        await FillAsync();
        database.Reopen();

        AuditVerifyResult found = await new AuditStore(database.Opened).VerifyAsync(Mesh, Id, Never);

        Assert.True(found.Valid);
        Assert.Equal((6, null, 6), (found.Entries, found.BrokenAt, found.Head!.Seq));
    }

    [Theory]
    [InlineData("UPDATE audit_event SET payload = '{\"n\":9}' WHERE seq = 3", 3)]
    [InlineData("UPDATE audit_event SET actor = 'mallory' WHERE seq = 4", 4)]
    [InlineData("UPDATE audit_event SET event_type = 'nothing' WHERE seq = 1", 1)]
    [InlineData("UPDATE audit_event SET created_at = created_at + 1 WHERE seq = 6", 6)]
    [InlineData("UPDATE audit_event SET hash = 'genesis' WHERE seq = 2", 2)]
    [InlineData("DELETE FROM audit_event WHERE seq = 2", 2)]
    [InlineData("DELETE FROM audit_event WHERE seq = 1", 1)]
    [InlineData("DELETE FROM audit_event WHERE seq >= 5", 5)]
    [InlineData("DELETE FROM audit_event", 1)]
    [InlineData("UPDATE audit_event SET seq = CASE seq WHEN 3 THEN 40 ELSE 30 END WHERE seq IN (3, 4); UPDATE audit_event SET seq = seq / 10 WHERE seq > 10", 3)]
    [InlineData("DELETE FROM audit_event WHERE seq = 3; UPDATE audit_event SET seq = seq - 1 WHERE seq = 4; UPDATE audit_event SET seq = seq - 1 WHERE seq = 5", 3)]
    [InlineData("UPDATE audit_head SET seq = 5", 5)]
    public async Task Whatever_is_changed_dropped_reordered_or_cut_off_is_found(string tampering, long brokenAt)
    {
        await FillAsync();
        foreach (string statement in tampering.Split(';'))
            await database.ExecuteAsync(statement);

        AuditVerifyResult found = await audit.VerifyAsync(Mesh, Id, Never);

        Assert.False(found.Valid);
        Assert.Equal(brokenAt, found.BrokenAt);
    }

    [Fact]
    public async Task Pages_are_read_forward_from_an_entry_or_back_from_the_newest_and_by_type()
    {
        await FillAsync();

        (List<AuditEntry> forward, long total, AuditHead head) = await audit.ReadAsync(new AuditFilter(Mesh, null, 2, 0, 3), Never);
        (List<AuditEntry> back, _, _) = await audit.ReadAsync(new AuditFilter(Mesh, null, null, 1, 2), Never);
        (List<AuditEntry> odd, long odds, _) = await audit.ReadAsync(new AuditFilter(Mesh, "odd", null, 0, 10), Never);

        Assert.Equal([3, 4, 5], forward.Select(entry => entry.Id));
        Assert.Equal([5, 4], back.Select(entry => entry.Id));
        Assert.Equal([5, 3, 1], odd.Select(entry => entry.Id));
        Assert.Equal((6, 3, 6), (total, odds, head.Seq));
    }

    [Fact]
    public async Task An_event_of_a_write_that_is_taken_back_is_not_there_and_nobody_is_told_of_it()
    {
        await FillAsync();
        int told = 0;
        database.Opened.Audited += _ => told++;

        await Assert.ThrowsAsync<InvalidOperationException>(() => database.Opened.WriteAsync<bool>(
            scope =>
            {
                AuditStore.Append(scope, Mesh, Event(7));
                throw new InvalidOperationException("and then it fails");
            },
            Never));
        await database.Opened.WriteAsync(scope => scope.Sql.Execute("UPDATE mesh SET name = 'x'"), Never);

        Assert.Equal((6, 0), ((await audit.ReadHeadAsync(Mesh, Never)).Seq, told));
        await audit.AppendAsync(Mesh, Event(7), Never);
        Assert.Equal(1, told);
        Assert.True((await audit.VerifyAsync(Mesh, Id, Never)).Valid);
    }

    public void Dispose()
    {
        database.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task FillAsync()
    {
        await database.ExecuteAsync($"INSERT INTO mesh (no, id, slug, name, owner_pubkey, created_at, settings) VALUES (1, '{Id}', 'acme', 'Acme', '', 0, '{{}}')");
        for (int i = 1; i <= 6; i++)
        {
            database.Clock.Advance(TimeSpan.FromMilliseconds(1.5));
            await audit.AppendAsync(Mesh, Event(i), Never);
        }
    }

    private static AuditEvent Event(int number) => new(
        number % 2 == 0 ? "even" : "odd", new AuditActor(MemberId.Parse("alice"), "socket"), new JsonObject { ["n"] = number });
}

public sealed class SqliteAuditStoreTests() : AuditStoreTests(Backend.Sqlite);

public sealed class PostgresAuditStoreTests() : AuditStoreTests(Backend.Postgres);
