using Claudemesh.Broker.Invites;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Tests.Storage;
using Claudemesh.Broker.Tests.Workspaces;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Tests.Invites;

public abstract class InviteStoreTests : IDisposable
{
    private static readonly byte[] Token = [.. Enumerable.Repeat((byte)7, 32)];

    private readonly TestDatabase database;
    private readonly InviteStore invites;

    protected InviteStoreTests(Backend backend)
    {
        database = new TestDatabase(backend);
        invites = new InviteStore(database.Opened);
    }

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task Joining_takes_one_use_and_makes_a_member_with_a_mailbox()
    {
        MeshNo mesh = await InviteAsync(uses: 2);

        (MeshMember? member, _, MeshError? refusal) = await JoinAsync(mesh, 2);

        Assert.Null(refusal);
        Assert.Equal((TestRows.Key(2), "m2", MemberRole.Member, MemberKind.Person), (member!.Key, member.DisplayName, member.Role, member.Kind));
        Assert.Equal(1, await database.NumberAsync("SELECT uses FROM invite"));
        Assert.Equal(member.No.Value, await database.NumberAsync($"SELECT owner_no FROM mailbox WHERE no = {member.Mailbox.Value}"));
    }

    [Fact]
    public async Task Many_who_join_at_once_never_share_the_last_use()
    {
        MeshNo mesh = await InviteAsync(uses: 3);

        JoinOutcome[] joins = await Task.WhenAll(Enumerable.Range(2, 10).Select(i => JoinAsync(mesh, (byte)i)));

        Assert.Equal(3, joins.Count(static one => one.Member is not null));
        Assert.All(joins.Where(static one => one.Member is null), static one => Assert.Equal(MeshError.InviteExhausted, one.Refusal));
        Assert.Equal(3, await database.NumberAsync("SELECT uses FROM invite"));
        Assert.Equal(4, await database.NumberAsync("SELECT count(*) FROM member"));
    }

    [Fact]
    public async Task Whoever_is_a_member_already_uses_nothing_up()
    {
        MeshNo mesh = await InviteAsync(uses: 1);
        MeshMember first = (await JoinAsync(mesh, 2)).Member!;

        Assert.Equal(first.Id, (await JoinAsync(mesh, 2)).Member!.Id);
        Assert.Equal(1, await database.NumberAsync("SELECT uses FROM invite"));
    }

    [Fact]
    public async Task Whoever_was_removed_stays_out()
    {
        MeshNo mesh = await InviteAsync(uses: 5);
        await JoinAsync(mesh, 2);
        await database.ExecuteAsync("UPDATE member SET removed_at = 1 WHERE role = 0");

        Assert.Equal(MeshError.MemberRemoved, (await JoinAsync(mesh, 2)).Refusal);
    }

    [Fact]
    public async Task An_invite_that_is_unknown_foreign_expired_or_revoked_makes_no_member()
    {
        MeshNo mesh = await InviteAsync(uses: 5);
        MeshNo other = await TestRows.CreateAsync(database.Opened, "other");

        Assert.Equal(MeshError.InviteNotFound, (await JoinAsync(mesh, 2, token: new byte[32])).Refusal);
        Assert.Equal(MeshError.InviteMeshMismatch, (await JoinAsync(other, 2)).Refusal);
        await database.ExecuteAsync("UPDATE invite SET revoked_at = 1");
        Assert.Equal(MeshError.InviteRevoked, (await JoinAsync(mesh, 2)).Refusal);
        await database.ExecuteAsync("UPDATE invite SET revoked_at = NULL");
        database.Clock.Advance(TimeSpan.FromDays(7));
        Assert.Equal(MeshError.InviteExpired, (await JoinAsync(mesh, 2)).Refusal);
        Assert.Equal(0, await database.NumberAsync("SELECT uses FROM invite"));
        Assert.Equal(2, await database.NumberAsync("SELECT count(*) FROM member"));
    }

    [Fact]
    public async Task One_token_is_stored_once_and_never_in_clear()
    {
        await InviteAsync(uses: 5);

        Assert.False(await AddAsync(new MeshNo(1), "second", 1));
        Assert.Equal(1, await database.NumberAsync("SELECT count(*) FROM invite WHERE length(payload) = 0"));
    }

    private async Task<MeshNo> InviteAsync(int uses)
    {
        MeshNo mesh = await TestRows.CreateAsync(database.Opened, "acme");
        Assert.True(await AddAsync(mesh, "first", uses));
        return mesh;
    }

    private Task<bool> AddAsync(MeshNo mesh, string id, int uses) => invites.AddAsync(
        new NewInvite(InviteId.Parse(id), mesh, Token, MemberRole.Member, uses, new MemberNo(1), database.Clock.GetUtcNow().AddDays(7)),
        CancellationToken.None);

    private Task<JoinOutcome> JoinAsync(MeshNo mesh, byte key, byte[]? token = null) => invites.JoinAsync(
        new JoinRequest(
            mesh, token ?? Token, TestRows.Key(key), MemberId.Parse(Guid.NewGuid().ToString("N")), $"m{key}", MemberRole.Member, MemberKind.Person),
        CancellationToken.None);
}

public sealed class InviteStoreOnSqliteTests() : InviteStoreTests(Backend.Sqlite);

public sealed class InviteStoreOnPostgresTests() : InviteStoreTests(Backend.Postgres);
