using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Account;

/// <summary>A person with an account on a real broker, and his machines.</summary>
internal static class People
{
    public const string Password = "correct horse battery staple";

    /// <summary>Makes the broker's first account, and <paramref name="machine"/> its first device.</summary>
    public static async Task<LoggedIn> SignUpAsync(this RunningDaemon machine, TestBroker broker, string username = "alice")
    {
        string? setup = await broker.MakeSetupTokenAsync();
        return await Ok.Async(machine.Client.SignUpAsync(new SignUp(broker.Url.ToString(), username, username, Password, Setup: setup, DeviceName: $"{username}-first"), default));
    }

    /// <summary>Logs a machine in by another one's approval, as its person would in two terminals.</summary>
    public static async Task<LoggedIn> LogInWithAsync(this RunningDaemon machine, TestBroker broker, RunningDaemon approver, string name)
    {
        LoginStep end = await LoginRun.RunAsync(machine, new StartLogin(broker.Url.ToString(), name, Remote: true), async prompt =>
        {
            DeviceRequest asked = await Ok.Async(approver.Client.FindDeviceRequestAsync(null, prompt.Link, default));
            Assert.Equal((name, false), (asked.Name, asked.SameComputer));
            await Ok.Async(approver.Client.ApproveDeviceAsync(new ApproveDevice(null, prompt.Link, TypedName: name, Password: Password), default));
        });
        Assert.True(end.Done is not null, end.Problem?.Detail);
        return end.Done;
    }

    public static async Task<MyAccount> WhoAmIAsync(this RunningDaemon machine) =>
        Assert.Single((await Ok.Async(machine.Client.ListAccountsAsync(asks: true, default))).Accounts);
}
