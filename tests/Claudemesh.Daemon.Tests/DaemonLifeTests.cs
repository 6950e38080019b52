using System.Diagnostics;

namespace Claudemesh.Daemon.Tests;

public sealed class DaemonLifeTests : IDisposable
{
    private readonly TempHome home = new();

    public void Dispose() => home.Dispose();

    [Fact]
    public void A_second_holder_is_turned_away_until_the_first_lets_go()
    {
        InstanceLock? first = InstanceLock.TryTake(home.Home.LockFile);
        Assert.NotNull(first);
        Assert.Null(InstanceLock.TryTake(home.Home.LockFile));

        first.Dispose();
        using InstanceLock? second = InstanceLock.TryTake(home.Home.LockFile);
        Assert.NotNull(second);
    }

    [Fact]
    public async Task A_daemon_that_is_killed_leaves_no_lock_behind()
    {
        using Process daemon = DaemonProcess.Start(home.Folder);
        await DaemonProcess.WaitUntilReadyAsync(home.Home);
        Assert.Null(InstanceLock.TryTake(home.Home.LockFile));

        daemon.Kill();
        await daemon.WaitForExitAsync();

        using InstanceLock? after = InstanceLock.TryTake(home.Home.LockFile);
        Assert.NotNull(after);
    }

    [Fact]
    public async Task A_second_daemon_in_the_same_folder_says_so_and_leaves_the_first_alone()
    {
        using Process first = DaemonProcess.Start(home.Folder);
        await DaemonProcess.WaitUntilReadyAsync(home.Home);

        using Process second = DaemonProcess.Start(home.Folder);
        await second.WaitForExitAsync();
        Assert.Equal((int)Local.ExitCode.Exists, second.ExitCode);
        Assert.Contains("running", await second.StandardError.ReadToEndAsync(), StringComparison.Ordinal);

        var client = new Local.LocalClient(home.Home.Socket);
        Assert.Equal(first.Id, (await client.GetVersionAsync(CancellationToken.None)).Value!.Pid);
        first.Kill();
        await first.WaitForExitAsync();
    }

    [Fact]
    [Trait("cli", "7 daemon: a stale socket")]
    public async Task A_daemon_starts_over_what_a_killed_one_left_there()
    {
        using Process first = DaemonProcess.Start(home.Folder);
        await DaemonProcess.WaitUntilReadyAsync(home.Home);
        first.Kill();
        await first.WaitForExitAsync();
        Assert.True(File.Exists(home.Home.Socket));

        using Process second = DaemonProcess.Start(home.Folder);
        await DaemonProcess.WaitUntilReadyAsync(home.Home);
        second.Kill();
        await second.WaitForExitAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_daemon_that_is_told_to_stop_says_so_takes_its_sockets_away_and_ends_well(bool bySignal)
    {
        using Process daemon = DaemonProcess.Start(home.Folder);
        await DaemonProcess.WaitUntilReadyAsync(home.Home);
        if (bySignal)
            DaemonProcess.Stop(daemon);
        else
            Assert.Equal(daemon.Id, (await new Local.LocalClient(home.Home.Socket).ShutDownAsync(CancellationToken.None)).Value!.Pid);

        await daemon.WaitForExitAsync();
        Assert.Equal(0, daemon.ExitCode);
        Assert.False(File.Exists(home.Home.Socket));
        Assert.Contains("has stopped", await File.ReadAllTextAsync(home.Home.LogFile), StringComparison.Ordinal);
    }
}
