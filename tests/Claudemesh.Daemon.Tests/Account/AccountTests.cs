using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Account;

/// <summary>An account in the terminal alone, against the broker itself: sign-up, a second machine, recovery, renewal, tokens.</summary>
public sealed class AccountTests : IAsyncLifetime
{
    private TestBroker broker = null!;
    private RunningDaemon first = null!;
    private RunningDaemon second = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync();
        first = await RunningDaemon.StartAsync();
        second = await RunningDaemon.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await second.DisposeAsync();
        await first.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task Signing_up_in_the_terminal_makes_the_first_secret_as_a_browser_would()
    {
        LoggedIn made = await first.SignUpAsync(broker);
        Assert.Equal(("alice", AccountStates.SignedIn, 1), (made.Account.Username, made.Account.State, made.Account.Generation));
        Device only = Assert.Single((await Ok.Async(first.Client.ListDevicesAsync(null, default))).Devices);
        Assert.Equal((made.Account.Device, "alice-first", true, true), (only.Key, only.Name, only.Current, only.Proven));
    }

    [Fact]
    public async Task A_second_machine_is_let_in_by_the_first_by_link_or_by_typing()
    {
        LoggedIn made = await first.SignUpAsync(broker);
        LoggedIn there = await second.LogInWithAsync(broker, first, "laptop");
        Assert.Equal((made.Account.UserId, made.Account.Key), (there.Account.UserId, there.Account.Key));
        Assert.NotEqual(made.Account.Device, there.Account.Device);

        await using RunningDaemon third = await RunningDaemon.StartAsync();
        LoginStep end = await LoginRun.RunAsync(third, new StartLogin(broker.Url.ToString(), "phone", Remote: true), async prompt =>
        {
            string spoken = prompt.UserCode.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
            LocalReply<DeviceDecision> unnamed = await second.Client.ApproveDeviceAsync(new ApproveDevice(null, spoken, prompt.Pairing, Password: People.Password), default);
            Assert.Equal("device_name_not_typed", unnamed.Problem!.Error);
            await Ok.Async(second.Client.ApproveDeviceAsync(new ApproveDevice(null, spoken, prompt.Pairing, "phone", People.Password), default));
        });
        Assert.True(end.Done is not null, end.Problem?.Detail);
        Assert.Equal(3, (await Ok.Async(first.Client.ListDevicesAsync(null, default))).Devices.Count(device => device.Proven));
    }

    [Fact]
    public async Task An_approval_on_this_computer_needs_no_name_and_one_that_is_not_fresh_needs_the_password()
    {
        await first.SignUpAsync(broker);
        LoginStep end = await LoginRun.RunAsync(second, new StartLogin(broker.Url.ToString(), "laptop"), async prompt =>
        {
            Assert.True((await Ok.Async(first.Client.FindDeviceRequestAsync(null, prompt.Link, default))).SameComputer);
            LocalReply<DeviceDecision> stale = await first.Client.ApproveDeviceAsync(new ApproveDevice(null, prompt.Link), default);
            Assert.Equal((LocalErrors.NotFresh, (int)ExitCode.Auth), (stale.Problem!.Error, stale.Problem.ExitCode));
            await Ok.Async(first.Client.ApproveDeviceAsync(new ApproveDevice(null, prompt.Link, Password: People.Password), default));
        });
        Assert.True(end.Done is not null, end.Problem?.Detail);
    }

    [Fact]
    public async Task A_machine_that_is_refused_is_told_so()
    {
        await first.SignUpAsync(broker);
        LoginStep end = await LoginRun.RunAsync(second, new StartLogin(broker.Url.ToString(), "laptop"), async prompt =>
            Assert.False((await Ok.Async(first.Client.DenyDeviceAsync(new DenyDevice(null, prompt.UserCode), default))).Approved));
        Assert.Equal(LocalErrors.LoginDenied, end.Problem!.Error);
    }

    [Fact]
    public async Task A_password_alone_opens_no_account_whose_secret_is_on_another_machine()
    {
        await first.SignUpAsync(broker);
        LocalReply<LoggedIn> refused = await second.Client.LogInAsync(new PasswordLogin(broker.Url.ToString(), "alice", People.Password), default);
        Assert.Equal(LocalErrors.ApprovalNeeded, refused.Problem!.Error);
        Assert.False(File.Exists(LoginRun.FileOf(second)));
        LocalReply<LoggedIn> wrong = await second.Client.LogInAsync(new PasswordLogin(broker.Url.ToString(), "alice", "another password of it"), default);
        Assert.Equal((int)ExitCode.Auth, wrong.Problem!.ExitCode);
    }

    [Fact]
    public async Task A_recovery_key_opens_the_account_when_every_device_is_gone()
    {
        LoggedIn made = await first.SignUpAsync(broker);
        Assert.False((await first.WhoAmIAsync()).HasRecovery);
        MadeRecovery recovery = await Ok.Async(first.Client.MakeRecoveryAsync(new MakeRecovery(), default));
        await Ok.Async(first.Client.KeepRecoveryAsync(new KeepRecovery(null, recovery.Key, People.Password), default));
        Assert.True((await first.WhoAmIAsync()).HasRecovery);
        await Ok.Async(first.Client.LogOutAsync(new Logout(Wipe: true), default));

        string mistyped = recovery.Key[..^1] + (recovery.Key[^1] == '0' ? '1' : '0');
        var login = new PasswordLogin(broker.Url.ToString(), "alice", People.Password, DeviceName: "new", RecoveryKey: mistyped);
        Assert.Equal(LocalErrors.InvalidRequest, (await second.Client.LogInAsync(login, default)).Problem!.Error);
        LoggedIn back = await Ok.Async(second.Client.LogInAsync(login with { RecoveryKey = recovery.Key.ToLowerInvariant() }, default));
        Assert.Equal((made.Account.UserId, made.Account.Key), (back.Account.UserId, back.Account.Key));
        Assert.True(Assert.Single((await Ok.Async(second.Client.ListDevicesAsync(null, default))).Devices).Proven);
    }

    [Fact]
    public async Task A_lost_device_is_shut_out_by_a_new_secret_that_the_others_take_when_their_person_says_yes()
    {
        await first.SignUpAsync(broker);
        await second.LogInWithAsync(broker, first, "laptop");
        await using RunningDaemon lost = await RunningDaemon.StartAsync();
        await lost.LogInWithAsync(broker, first, "phone");

        RemovedDevice removed = await Ok.Async(first.Client.RemoveDeviceAsync(new RemoveDevice(null, "phone", Compromised: true, Password: People.Password), default));
        Assert.Equal(2, removed.Generation);
        Assert.NotNull(removed.RecoveryKey);
        MyAccount renewed = await first.WhoAmIAsync();
        Assert.Equal((2, true), (renewed.Generation, renewed.HasRecovery));

        RenewalOffer offer = await Ok.Async(second.Client.FindRenewalAsync(null, default));
        Assert.Equal((2, renewed.Device), (offer.Generation, offer.By));
        Assert.Equal([removed.Key], offer.Removed);
        Assert.Equal(1, (await second.WhoAmIAsync()).Generation);
        await Ok.Async(second.Client.AcceptRenewalAsync(new AcceptRenewal(), default));
        MyAccount accepted = await second.WhoAmIAsync();
        Assert.Equal((2, renewed.Key), (accepted.Generation, accepted.Key));
        Assert.Equal(LocalErrors.NoRenewal, (await second.Client.FindRenewalAsync(null, default)).Problem!.Error);

        Assert.Equal(AccountStates.SignedOut, (await lost.WhoAmIAsync()).State);
        Assert.Null((await lost.Client.FindRenewalAsync(null, default)).Value);
    }

    [Fact]
    public async Task A_machine_that_the_broker_signed_out_signs_in_by_password_because_it_still_has_the_secret()
    {
        LoggedIn made = await first.SignUpAsync(broker);
        await second.LogInWithAsync(broker, first, "laptop");
        await Ok.Async(second.Client.RemoveDeviceAsync(new RemoveDevice(null, "alice-first", Password: People.Password), default));
        Assert.Equal(AccountStates.SignedOut, (await first.WhoAmIAsync()).State);

        LoggedIn back = await Ok.Async(first.Client.LogInAsync(new PasswordLogin(broker.Url.ToString(), "alice", People.Password, DeviceName: "again"), default));
        Assert.Equal((AccountStates.SignedIn, made.Account.Key), (back.Account.State, back.Account.Key));
        Assert.NotEqual(made.Account.Device, back.Account.Device);
    }
}
