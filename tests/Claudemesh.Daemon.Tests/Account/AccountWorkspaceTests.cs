using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Account;

/// <summary>One identity on every machine: a workspace that was made or joined on one is open on the others, under the same key, with what was written before.</summary>
public sealed class AccountWorkspaceTests : IAsyncLifetime
{
    private TestBroker broker = null!;
    private RunningDaemon first = null!;
    private RunningDaemon second = null!;
    private RunningDaemon bob = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync();
        first = await RunningDaemon.StartAsync();
        second = await RunningDaemon.StartAsync();
        bob = await RunningDaemon.StartAsync();
        await first.SignUpAsync(broker);
    }

    public async ValueTask DisposeAsync()
    {
        await bob.DisposeAsync();
        await second.DisposeAsync();
        await first.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task A_workspace_is_open_on_a_second_machine_as_the_same_member_with_what_was_posted_before_it_existed()
    {
        Workspace acme = await MakeAsync();
        await Ok.Async(first.Client.CreateTopicAsync(new CreateTopic("deploys", Workspace: "acme"), default));
        await Ok.Async(first.Client.SendAsync(new SendMessage("#deploys", "before the second machine", Wait: "accepted"), default));

        LoggedIn there = await second.LogInWithAsync(broker, first, "laptop");
        Assert.Equal(AccountWorkspaceStates.Here, Assert.Single(there.Account.Workspaces).State);
        Workspace same = Assert.Single((await Ok.Async(second.Client.ListWorkspacesAsync(default))).Workspaces);
        Assert.Equal((acme.MeshId, acme.MemberId, acme.MemberKey), (same.MeshId, same.MemberId, same.MemberKey));
        await Eventually.TrueAsync("the post from before is readable", async () =>
            (await second.Client.ReadPostsAsync(new PostQuery("deploys", Workspace: "acme"), default)).Value is { Posts: [{ Text: "before the second machine" }, ..] });
        Assert.Single((await Ok.Async(bob.Client.ListMembersAsync("acme", default))).Members, member => member.Name == "alice");
    }

    [Fact]
    public async Task What_one_machine_verified_is_verified_on_the_others_and_taken_back_there_too()
    {
        await MakeAsync();
        await Ok.Async(first.Client.MarkVerifiedAsync(new MarkVerified("bob", "acme", true), default));
        await second.LogInWithAsync(broker, first, "laptop");
        await Eventually.TrueAsync("the mark is on the second machine", () => IsVerifiedAsync(second));

        await Ok.Async(second.Client.MarkVerifiedAsync(new MarkVerified("bob", "acme", false), default));
        await Eventually.TrueAsync("it is taken back on the first", async () => !await IsVerifiedAsync(first));
    }

    [Fact]
    public async Task Logging_out_shuts_the_workspaces_and_logging_in_opens_them_again()
    {
        await MakeAsync();
        await second.LogInWithAsync(broker, first, "laptop");
        LoggedOut done = await Ok.Async(second.Client.LogOutAsync(new Logout(), default));
        Assert.Equal(["acme"], done.Unreachable);
        LocalReply<SendResult> shut = await second.Client.SendAsync(new SendMessage("bob", "hello", Workspace: "acme"), default);
        Assert.Equal((LocalErrors.AccountLocked, (int)ExitCode.Auth), (shut.Problem!.Error, shut.Problem.ExitCode));
        await second.RestartAsync();
        Assert.Equal(LocalErrors.AccountLocked, (await second.Client.SendAsync(new SendMessage("bob", "hello"), default)).Problem!.Error);

        await second.LogInWithAsync(broker, first, "laptop");
        Assert.Equal("delivered", (await Ok.Async(second.Client.SendAsync(new SendMessage("bob", "hello", Workspace: "acme", Wait: "delivered"), default))).State);
    }

    [Fact]
    public async Task Wiping_deletes_the_workspaces_too()
    {
        await MakeAsync();
        await second.LogInWithAsync(broker, first, "laptop");
        await Ok.Async(second.Client.LogOutAsync(new Logout(Wipe: true), default));
        Assert.Empty((await Ok.Async(second.Client.ListWorkspacesAsync(default))).Workspaces);
        Assert.Equal(LocalErrors.NoWorkspace, (await second.Client.SendAsync(new SendMessage("bob", "hello"), default)).Problem!.Error);
    }

    [Fact]
    public async Task A_workspace_that_is_made_on_one_machine_appears_on_the_other_by_itself()
    {
        await MakeAsync();
        await second.LogInWithAsync(broker, first, "laptop");
        await Ok.Async(first.Client.CreateWorkspaceAsync(new CreateWorkspace("Labs", broker.Url.ToString(), "alice"), default));
        await Eventually.TrueAsync("it is there", async () => (await Ok.Async(second.Client.ListWorkspacesAsync(default))).Workspaces.Any(one => one.Slug == "labs"));
    }

    [Fact]
    public async Task A_lost_machine_costs_every_workspace_its_key_and_both_sides_go_on()
    {
        Workspace before = await MakeAsync();
        await second.LogInWithAsync(broker, first, "laptop");
        await using RunningDaemon lost = await RunningDaemon.StartAsync();
        await lost.LogInWithAsync(broker, first, "phone");

        RemovedDevice removed = await Ok.Async(first.Client.RemoveDeviceAsync(new RemoveDevice(null, "phone", Compromised: true, Password: People.Password), default));
        Assert.Equal(["acme"], removed.Renewed);
        Assert.Empty(removed.Waiting);
        Workspace after = Assert.Single((await Ok.Async(first.Client.ListWorkspacesAsync(default))).Workspaces);
        Assert.NotEqual(before.MemberKey, after.MemberKey);
        Assert.Equal(before.MemberId, after.MemberId);
        Assert.Equal("delivered", (await Ok.Async(first.Client.SendAsync(new SendMessage("bob", "under the new key", Workspace: "acme", Wait: "delivered"), default))).State);

        await Eventually.TrueAsync("the second machine is told", async () => (await Ok.Async(second.Client.ListAccountsAsync(asks: false, default))).Accounts[0].Renewal == 2
            || (await second.Client.FindRenewalAsync(null, default)).Succeeded);
        await Ok.Async(second.Client.AcceptRenewalAsync(new AcceptRenewal(), default));
        await Eventually.TrueAsync("the second machine has the new key", async () =>
            (await Ok.Async(second.Client.ListWorkspacesAsync(default))).Workspaces.Any(one => one.MemberKey == after.MemberKey));
        Assert.Equal("delivered", (await Ok.Async(second.Client.SendAsync(new SendMessage("bob", "from the second", Workspace: "acme", Wait: "delivered"), default))).State);
        await second.RestartAsync();
        Assert.Equal(after.MemberKey, Assert.Single((await Ok.Async(second.Client.ListWorkspacesAsync(default))).Workspaces).MemberKey);
    }

    [Fact]
    public async Task A_seed_that_the_account_gives_is_nowhere_in_the_database()
    {
        await MakeAsync();
        byte[] file = await ReadDatabaseAsync(first);
        Assert.True(Keys(first).TryDeriveSeed(broker.Url.ToString(), Assert.Single((await Ok.Async(first.Client.ListWorkspacesAsync(default))).Workspaces).MeshId, out Crypto.SecretBytes? seed));
        using (seed)
            Assert.Equal(-1, file.AsSpan().IndexOf(seed.Expose()));
    }

    private static Claudemesh.Daemon.Account.AccountSecrets Keys(RunningDaemon daemon) => daemon.Get<Claudemesh.Daemon.Account.AccountSecrets>();

    private static async Task<byte[]> ReadDatabaseAsync(RunningDaemon daemon)
    {
        byte[] main = await File.ReadAllBytesAsync(daemon.Home.Database);
        return File.Exists(daemon.Home.Database + "-wal") ? [.. main, .. await File.ReadAllBytesAsync(daemon.Home.Database + "-wal")] : main;
    }

    private static async Task<bool> IsVerifiedAsync(RunningDaemon daemon) =>
        (await daemon.Client.ListSafetyAsync("acme", "bob", default)).Value is { Members: [{ Verified: true }] };

    /// <summary>Alice makes a workspace on her first machine, and bob, who has no account, joins it.</summary>
    private async Task<Workspace> MakeAsync()
    {
        Workspace acme = await Ok.Async(first.Client.CreateWorkspaceAsync(new CreateWorkspace("Acme", broker.Url.ToString(), "alice"), default));
        Invite invite = await Ok.Async(first.Client.CreateInviteAsync(new CreateInvite(acme.Slug), default));
        await Ok.Async(bob.Client.JoinWorkspaceAsync(new JoinWorkspace(invite.Url, "bob"), default));
        await Eventually.TrueAsync("the broker knows whose member it is", async () =>
            (await first.WhoAmIAsync()) is not null && first.Get<Claudemesh.Daemon.Account.AccountRows>().IsClaimed(acme.MeshId, (await first.WhoAmIAsync()).UserId, Claudemesh.Protocol.PublicKey.Parse(acme.MemberKey)));
        return acme;
    }
}
