using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests;

/// <summary>What an owner does to a whole workspace, and what its other members hear of it.</summary>
public sealed class WorkspaceLifeTests : IAsyncLifetime
{
    private TestBroker broker = null!;
    private RunningDaemon alice = null!;
    private RunningDaemon bob = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync();
        (alice, bob) = await RunningDaemon.StartAliceAndBobAsync(broker.Url.ToString());
        await Eventually.TrueAsync("bob is there", async () => (await WorkspaceOfAsync(bob)).State == ConnectionStates.Open);
    }

    public async ValueTask DisposeAsync()
    {
        await bob.DisposeAsync();
        await alice.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task An_archived_workspace_takes_nothing_until_it_is_brought_back()
    {
        Assert.Equal("forbidden", (await bob.Client.ArchiveWorkspaceAsync(new ArchiveWorkspace("acme", true), default)).Problem!.Error);
        Assert.NotNull((await Ok.Async(alice.Client.ArchiveWorkspaceAsync(new ArchiveWorkspace("acme", true), default))).ArchivedAt);
        await Eventually.TrueAsync("bob hears of it", async () => (await WorkspaceOfAsync(bob)).ArchivedAt is not null);

        SendResult sent = await Ok.Async(bob.Client.SendAsync(new SendMessage("alice", "hello?", Wait: "accepted"), default));
        Assert.Equal(MessageStates.Refused, sent.State);
        Assert.Equal("mesh_archived", (await alice.Client.CreateInviteAsync(new CreateInvite(), default)).Problem!.Error);

        await Ok.Async(alice.Client.ArchiveWorkspaceAsync(new ArchiveWorkspace("acme", false), default));
        await Eventually.TrueAsync("bob hears of it", async () => (await WorkspaceOfAsync(bob)).ArchivedAt is null);
        Assert.Equal("delivered", (await Ok.Async(bob.Client.SendAsync(new SendMessage("alice", "hello!", Wait: "delivered"), default))).State);
    }

    [Fact]
    public async Task A_workspace_is_deleted_by_its_name_typed_and_is_gone_for_everybody()
    {
        Assert.Equal(LocalErrors.InvalidRequest, (await alice.Client.DeleteWorkspaceAsync(new DeleteWorkspace("acme", "acne"), default)).Problem!.Error);
        Assert.Equal("forbidden", (await bob.Client.DeleteWorkspaceAsync(new DeleteWorkspace("acme", "acme"), default)).Problem!.Error);

        await Ok.Async(alice.Client.DeleteWorkspaceAsync(new DeleteWorkspace("acme", "acme"), default));

        Assert.Empty((await Ok.Async(alice.Client.ListWorkspacesAsync(default))).Workspaces);
        await Eventually.TrueAsync("bob is told", async () => (await WorkspaceOfAsync(bob)).State == ConnectionStates.Removed);
        LocalProblem refused = (await bob.Client.SendAsync(new SendMessage("alice", "hello?"), default)).Problem!;
        Assert.Contains("alice has deleted acme", refused.Detail, StringComparison.Ordinal);
        await Ok.Async(bob.Client.LeaveWorkspaceAsync(new LeaveWorkspace("acme"), default));
        Assert.Equal("acme", (await Ok.Async(alice.Client.CreateWorkspaceAsync(new CreateWorkspace("Acme", broker.Url.ToString(), "alice"), default))).Slug);
    }

    [Fact]
    public async Task Who_was_away_while_it_was_deleted_is_told_when_he_comes()
    {
        await bob.StopAsync();
        await Ok.Async(alice.Client.DeleteWorkspaceAsync(new DeleteWorkspace("acme", "acme"), default));

        await bob.RestartAsync();

        await Eventually.TrueAsync("bob is told", async () => (await WorkspaceOfAsync(bob)).State == ConnectionStates.Removed);
        Assert.Contains("its owner has ended it", (await bob.Client.SendAsync(new SendMessage("alice", "hello?"), default)).Problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_owner_leaves_after_handing_it_over_and_not_before()
    {
        Assert.False((await alice.Client.LeaveWorkspaceAsync(new LeaveWorkspace("acme"), default)).Succeeded);

        await Ok.Async(alice.Client.ChangeRoleAsync(new ChangeRole("bob", "owner", "acme"), default));
        await Ok.Async(alice.Client.LeaveWorkspaceAsync(new LeaveWorkspace("acme"), default));

        await Eventually.TrueAsync("bob owns it", async () => (await WorkspaceOfAsync(bob)).Role == "owner");
    }

    [Fact]
    public async Task Members_are_listed_with_their_devices_and_when_one_was_there_last()
    {
        await Eventually.TrueAsync("both have a device", async () =>
            (await Ok.Async(alice.Client.ListMembersAsync("acme", default))).Members is [{ Devices: 1, LastSeenAt: not null }, { Devices: 1, LastSeenAt: not null }]);
    }

    private static async Task<Workspace> WorkspaceOfAsync(RunningDaemon daemon) => Assert.Single((await Ok.Async(daemon.Client.ListWorkspacesAsync(default))).Workspaces);
}
