using System.Text.Json.Nodes;
using Claudemesh.Daemon.Storage;
using Claudemesh.Daemon.Tests.Brokers;
using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Keys;

/// <summary>Workspaces that are older than the log.</summary>
public sealed class BeginningTests : IAsyncLifetime
{
    private TestBroker broker = null!;
    private LyingBroker older = null!;
    private RunningDaemon alice = null!;
    private RunningDaemon bob = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync();
        older = await LyingBroker.StartAsync(broker.Url);
        alice = await RunningDaemon.StartAsync();
        bob = await RunningDaemon.StartAsync();

        // A broker that takes no log yet.
        older.PassBody = (path, body) =>
        {
            if (path == "/api/v1/workspaces")
            {
                body.Remove("records");
                body.Remove("copies");
            }

            return body;
        };
        older.Show = Refuse;
        await Ok.Async(alice.Client.CreateWorkspaceAsync(new CreateWorkspace("Acme", older.Address, "alice"), default));
    }

    public async ValueTask DisposeAsync()
    {
        await bob.DisposeAsync();
        await alice.DisposeAsync();
        await older.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task A_workspace_without_a_log_gets_one_from_its_owners_daemon_with_those_whom_it_knows()
    {
        Invite invite = await Ok.Async(alice.Client.CreateInviteAsync(new CreateInvite(Legacy: true), default));
        await Ok.Async(bob.Client.JoinWorkspaceAsync(new JoinWorkspace(invite.Url, "bob"), default));
        Assert.Equal("delivered", (await Ok.Async(bob.Client.SendAsync(new SendMessage("alice", "before", Wait: "delivered"), default))).State);

        await alice.StopAsync();
        ForgetLog(alice);
        older.Show = frame => frame;
        await alice.RestartAsync();

        await Eventually.TrueAsync("it is begun", async () => (await CheckAsync(alice)).Seq > 0);
        LogListing log = await Ok.Async(alice.Client.ShowLogAsync(null, default));
        Assert.Equal(["genesis", "admit", "epoch"], log.Entries.Select(entry => entry.Type));
        Assert.Equal("delivered", (await Ok.Async(bob.Client.SendAsync(new SendMessage("*", "under a key", Wait: "delivered"), default))).State);
        Assert.Equal(log.Entries[^1].Hash, (await CheckAsync(bob)).Head);
    }

    private static JsonObject? Refuse(JsonObject frame)
    {
        if ((string?)frame["type"] is not ("log_page" or "log_appended" or "copies_result"))
            return (string?)frame["type"] is "log_head_moved" or "copies_wanted" ? null : frame;

        return new JsonObject
        {
            ["type"] = "error", ["code"] = "unknown_message_type", ["message"] = "This broker knows no log.", ["_reqId"] = frame["_reqId"]?.DeepClone(),
        };
    }

    private static void ForgetLog(RunningDaemon daemon)
    {
        using var sql = new Sql(daemon.Home.Database);
        sql.RunScript("DELETE FROM log_record; DELETE FROM root_copy; DELETE FROM log_scope;");
    }

    private static async Task<LogCheck> CheckAsync(RunningDaemon daemon) => await Ok.Async(daemon.Client.CheckLogAsync(null, default));
}
