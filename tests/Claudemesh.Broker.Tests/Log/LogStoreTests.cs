using Claudemesh.Broker.Invites;
using Claudemesh.Broker.Log;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Tests.Storage;
using Claudemesh.Broker.Tests.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Broker.Tests.Log;

public abstract class LogStoreTests : IDisposable
{
    private readonly TestDatabase database;
    private readonly LogStore logs;
    private readonly CopyStore copies;
    private readonly MemberSecretKey owner = MemberSecretKey.Generate();

    protected LogStoreTests(Backend backend)
    {
        database = new TestDatabase(backend);
        logs = new LogStore(database.Opened);
        copies = new CopyStore(database.Opened);
    }

    private static MeshNo Mesh { get; } = new(1);

    public void Dispose()
    {
        owner.Dispose();
        database.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_was_appended_is_loaded_as_it_was_by_whoever_opens_the_database_again()
    {
        LogDraft draft = Begin();
        Assert.True(await AppendAsync("mesh", draft.Records));
        database.Reopen();

        Membership loaded = await new LogStore(database.Opened).LoadAsync(Mesh, "mesh1", "mesh", mesh: null, CancellationToken.None);

        Assert.Equal(draft.State.Head, loaded.Head);
        Assert.Equal(draft.State.Members, loaded.Members);
        Assert.Equal(draft.State.Pin, loaded.Pin);
    }

    [Fact]
    public async Task Nothing_is_appended_that_does_not_follow_the_last_row()
    {
        LogDraft draft = Begin();
        Assert.True(await AppendAsync("mesh", draft.Records));

        LogDraft other = Begin();
        Assert.False(await AppendAsync("mesh", draft.Records));
        Assert.False(await AppendAsync("mesh", [.. other.Records.Skip(1)]));

        Assert.Equal(draft.Records.Count, await database.NumberAsync("SELECT count(*) FROM log_record"));
    }

    [Fact]
    public async Task Logs_of_other_scopes_and_workspaces_are_apart()
    {
        LogDraft draft = Begin();
        Assert.True(await AppendAsync("mesh", draft.Records));

        Assert.Empty(await logs.ReadAsync(Mesh, "topic/t1", 0, 10, CancellationToken.None));
        Assert.Empty(await logs.ReadAsync(new MeshNo(2), "mesh", 0, 10, CancellationToken.None));
        Assert.Equal(draft.Records[1].Signed.Record, (await logs.ReadAsync(Mesh, "mesh", 1, 1, CancellationToken.None)).Single().Record);
    }

    [Fact]
    public async Task A_row_that_was_changed_is_not_loaded_as_a_log()
    {
        LogDraft draft = Begin();
        await AppendAsync("mesh", draft.Records);
        await database.ExecuteAsync("DELETE FROM log_record WHERE seq = 2");

        await Assert.ThrowsAsync<InvalidDataException>(async () => await logs.LoadAsync(Mesh, "mesh1", "mesh", mesh: null, CancellationToken.None));
    }

    [Fact]
    public async Task A_copy_is_replaced_by_its_own_recipient_only()
    {
        PublicKey ann = TestRows.Key(5);
        PublicKey bob = TestRows.Key(6);
        Assert.Equal(2, await copies.PutAsync(Mesh, "mesh", [Copy(1, ann, 1), Copy(2, ann, 2)], bob, CancellationToken.None));
        Assert.Equal(0, await copies.PutAsync(Mesh, "mesh", [Copy(1, ann, 7)], bob, CancellationToken.None));
        Assert.Equal(0, await copies.PutAsync(Mesh, "mesh", [Copy(2, ann, 8)], ann, CancellationToken.None));

        List<EpochCopy> held = await copies.ListAsync(Mesh, "mesh", ann, 64, CancellationToken.None);

        Assert.Equal([(2L, (byte)8), (1L, (byte)1)], held.Select(copy => (copy.Epoch, copy.Copy[0])));
        Assert.Equal([ann], await copies.ListRecipientsAsync(Mesh, "mesh", 2, CancellationToken.None));
        Assert.Single(await copies.ListAsync(Mesh, "mesh", ann, 1, CancellationToken.None));
    }

    [Fact]
    public async Task What_was_sealed_to_an_expired_invite_goes_in_slices()
    {
        PublicKey key = TestRows.Key(9);
        await database.Opened.WriteAsync(
            write => LogInviteStore.Add(write, Mesh, new LogBody.Invite("invite-of-a-long-id", key, LogRole.Member, 1, database.Clock.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds()), [1], key),
            CancellationToken.None);
        foreach (EpochCopy[] some in Enumerable.Range(1, 2_500).Select(epoch => Copy(epoch, key, 1)).Chunk(500))
            await copies.PutAsync(Mesh, "mesh", some, key, CancellationToken.None);
        await copies.PutAsync(Mesh, "mesh", [Copy(1, TestRows.Key(8), 1)], key, CancellationToken.None);
        InviteSweep sweep = new(database.Opened, database.Clock);

        await sweep.RunOnceAsync(CancellationToken.None);
        Assert.Equal(2_501, await database.NumberAsync("SELECT count(*) FROM sealed_copy"));
        database.Clock.Advance(TimeSpan.FromHours(1));
        await sweep.RunOnceAsync(CancellationToken.None);

        Assert.Equal(1, await database.NumberAsync("SELECT count(*) FROM sealed_copy"));
        Assert.Equal(1, await database.NumberAsync("SELECT count(*) FROM log_invite WHERE package IS NULL AND cleared_at IS NOT NULL"));
    }

    [Fact]
    public async Task Who_has_waited_for_a_month_is_forgotten()
    {
        WaitingMember newcomer = new(
            MemberId.Parse("w1"), TestRows.Key(7), DisplayName.Parse("dan"), InviteId.Parse("i1"), MemberRole.Member, MemberKind.Person, default);
        (WaitingMember? first, _) = await database.Opened.WriteAsync(write => WaitingStore.Add(write, Mesh, newcomer), CancellationToken.None);
        (WaitingMember? again, _) = await database.Opened.WriteAsync(
            write => WaitingStore.Add(write, Mesh, newcomer with { MemberId = MemberId.Parse("w2") }), CancellationToken.None);
        Assert.Equal(first, again);
        InviteSweep sweep = new(database.Opened, database.Clock);

        database.Clock.Advance(InviteSweep.WaitingMax - TimeSpan.FromSeconds(1));
        await sweep.RunOnceAsync(CancellationToken.None);
        Assert.Equal(1, await database.NumberAsync("SELECT count(*) FROM waiting_member"));
        database.Clock.Advance(TimeSpan.FromSeconds(1));
        await sweep.RunOnceAsync(CancellationToken.None);

        Assert.Equal(0, await database.NumberAsync("SELECT count(*) FROM waiting_member"));
    }

    private static EpochCopy Copy(long epoch, PublicKey recipient, byte fill) => new(epoch, recipient, [.. Enumerable.Repeat(fill, 80)]);

    private LogDraft Begin()
    {
        LogDraft draft = new(Membership.Empty("mesh1", "mesh"), owner, database.Clock.GetUtcNow().ToUnixTimeMilliseconds());
        draft.Add(new LogBody.Genesis(new Claudemesh.Protocol.Signing.Digest(RandomBytes.Next(32)), EncryptionRequired: true, "owner"));
        for (int i = 0; i < 3; i++)
            draft.Add(new LogBody.Admit(RandomBytes.NextId(), MemberSecretKey.Generate().Public, LogRole.Member, MemberKind.Person));
        return draft;
    }

    private Task<bool> AppendAsync(string scope, IReadOnlyList<LogRecord> records) =>
        database.Opened.WriteAsync(write => LogStore.TryAppend(write, Mesh, scope, records), CancellationToken.None);
}

public sealed class LogStoreOnSqliteTests() : LogStoreTests(Backend.Sqlite);

public sealed class LogStoreOnPostgresTests() : LogStoreTests(Backend.Postgres);
