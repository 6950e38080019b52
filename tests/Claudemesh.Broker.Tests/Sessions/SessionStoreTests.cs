using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sessions;
using Claudemesh.Broker.Tests.Storage;
using Claudemesh.Broker.Tests.Workspaces;

namespace Claudemesh.Broker.Tests.Sessions;

public abstract class SessionStoreTests : IDisposable
{
    private static readonly MeshNo Mesh = new(1);
    private static readonly MemberNo Ana = new(1);
    private static readonly MemberNo Bob = new(2);

    private readonly TestDatabase database;
    private readonly SessionStore sessions;

    protected SessionStoreTests(Backend backend)
    {
        database = new TestDatabase(backend);
        sessions = new SessionStore(database.Opened);
    }

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task A_session_keeps_its_mailbox_over_closing_and_opening()
    {
        SessionRow first = await OpenAsync(Ana, 5);
        await sessions.CloseAsync(Mesh, TestRows.Key(5), CancellationToken.None);
        Assert.NotNull(await database.NumberAsync("SELECT closed_at FROM session"));

        Assert.Equal(first, await sessions.FindAsync(Mesh, TestRows.Key(5), CancellationToken.None));
        Assert.Equal(first, await OpenAsync(Ana, 5));
        Assert.Null(await database.NumberAsync("SELECT closed_at FROM session"));
    }

    [Fact]
    public async Task A_key_stays_with_the_member_that_attested_it_first()
    {
        await OpenAsync(Ana, 5);

        Assert.Equal(Ana, (await OpenAsync(Bob, 5)).Member);
    }

    [Fact]
    public async Task A_key_that_nobody_attested_here_is_unknown()
    {
        await OpenAsync(Ana, 5);

        Assert.Null(await sessions.FindAsync(Mesh, TestRows.Key(6), CancellationToken.None));
        Assert.Null(await sessions.FindAsync(new MeshNo(2), TestRows.Key(5), CancellationToken.None));
    }

    private Task<SessionRow> OpenAsync(MemberNo member, byte key) =>
        sessions.OpenAsync(Mesh, member, TestRows.Key(key), "s1", CancellationToken.None);
}

public sealed class SessionStoreOnSqliteTests() : SessionStoreTests(Backend.Sqlite);

public sealed class SessionStoreOnPostgresTests() : SessionStoreTests(Backend.Postgres);
