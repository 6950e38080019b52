using Claudemesh.Crypto;
using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Outbox;
using Claudemesh.Daemon.Storage;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Daemon.Tests.Outbox;

/// <summary>A database with one workspace, and an outbox on it.</summary>
internal sealed class OutboxFixture : IAsyncDisposable
{
    public const string MeshId = "mesh1";

    private readonly TempHome home = new();

    private OutboxFixture()
    {
        Database = DaemonDatabase.Open(home.Home.Database, Clock);
        Outbox = new OutboxStore(Database, Clock);
    }

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.Parse("2026-01-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));

    public DaemonDatabase Database { get; private set; }

    public OutboxStore Outbox { get; private set; }

    public MemberIdentity Me { get; } = new(MeshId, RandomBytes.Next(32), []);

    public WorkspaceRow Row { get; private set; } = null!;

    public static async Task<OutboxFixture> StartAsync()
    {
        var fixture = new OutboxFixture();
        var store = new WorkspaceStore(fixture.Database, new KeyStore(fixture.Database), fixture.Clock);
        await store.KeepSeedAsync(MeshId, fixture.Me.Key.Key.ExposeSeed().ToArray(), CancellationToken.None);
        fixture.Row = await store.AddAsync(
            new WorkspaceRow(0, MeshId, "", "acme", "Acme", "http://127.0.0.1:7900", "owner", "m0", fixture.Me.Public, "alice", 0, ""), start: null, CancellationToken.None);
        return fixture;
    }

    /// <summary>What a killed daemon's successor sees: the same file, nothing of its memory.</summary>
    public async Task RestartAsync()
    {
        await Database.DisposeAsync();
        Database = DaemonDatabase.Open(home.Home.Database, Clock);
        Outbox = new OutboxStore(Database, Clock);
        await Outbox.RecoverAsync(CancellationToken.None);
    }

    public Task<Submission> SubmitAsync(string id, PublicKey to, string text = "hello", byte fingerprint = 0, string priority = "next") => Outbox.SubmitAsync(
        new Draft(Row.No, id, [.. Enumerable.Repeat(fingerprint, 32)], "bob", "", "", priority, text, [(id, new Recipient("bob", to, null, false, true))]),
        CancellationToken.None);

    public Task<Submission> SubmitSharedAsync(string id, string target, string text) => Outbox.SubmitAsync(
        new Draft(Row.No, id, new byte[32], target, "", "", "next", text, [(id, Recipient.Several(target, target))]), CancellationToken.None);

    public OutboxRow Get(string id) => Assert.Single(Outbox.FindBatch(id).Copies);

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Me.Dispose();
        home.Dispose();
    }
}
