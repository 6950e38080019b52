using System.Text.Json;
using Claudemesh.Local;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>A machine on which the daemon's folder is not one's own, or takes no writes.</summary>
public sealed class FolderTests
{
    private const UnixFileMode ReadOnly =
        UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    [Fact]
    public async Task A_home_that_may_not_be_written_is_told_and_another_folder_is_enough()
    {
        using var programs = new Installed();
        await using Person alice = new("alice");
        string home = Path.Combine(alice.Folder, "home");
        Directory.CreateDirectory(home);
        File.SetUnixFileMode(alice.Folder, ReadOnly);
        File.SetUnixFileMode(home, ReadOnly);
        Dictionary<string, string> environment = alice.EnvironmentWith([("HOME", home), (DaemonHome.Variable, "")]);

        foreach (string verb in new[] { "peers", "status", "daemon up", "peers --no-daemon" })
            TroubleshootingPage.AssertTold("The home folder may not be written", await programs.RunAsNobodyAsync(environment, verb.Split(' ')));

        string elsewhere = Directory.CreateTempSubdirectory("cm-e").FullName;
        File.SetUnixFileMode(elsewhere, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
        environment[DaemonHome.Variable] = Path.Combine(elsewhere, "mesh");
        Ended well = await programs.RunAsNobodyAsync(environment, "daemon", "up");
        Ended down = await programs.RunAsNobodyAsync(environment, "daemon", "down");
        Directory.Delete(elsewhere, recursive: true);
        Assert.Equal((0, 0), (well.Code, down.Code));
    }

    [Fact]
    public async Task A_home_on_a_read_only_file_system_is_told()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(megabytes: 1);
        await using Person alice = new("alice");
        Directory.CreateDirectory(disk.At("home"));
        await disk.ProtectAsync();
        (string, string)[] machine = [("HOME", disk.At("home")), (DaemonHome.Variable, "")];

        TroubleshootingPage.AssertTold("The home folder is on a read-only file system", await alice.TryInAsync(machine, "peers"));
        TroubleshootingPage.AssertTold("The home folder is on a read-only file system", await alice.TryInAsync(machine, "doctor"));
    }

    [Fact]
    public async Task A_second_user_of_the_machine_is_kept_out_and_has_a_daemon_of_his_own()
    {
        await using Scene scene = await Scene.SetAsync();
        using var programs = new Installed();
        Dictionary<string, string> asAlice = scene.Alice.EnvironmentWith([]);

        foreach (string verb in new[] { "peers", "send bob hi", "inbox", "daemon status", "doctor", "daemon down" })
            TroubleshootingPage.AssertTold("The folder is another user's", await programs.RunAsNobodyAsync(asAlice, verb.Split(' ')));

        // Were the modes of the files all wrong, the daemon itself would still not speak with him.
        UnixFileMode everybody = ReadOnly | UnixFileMode.UserWrite | UnixFileMode.OtherWrite;
        string door = new DaemonHome(scene.Alice.Folder).Socket;
        File.SetUnixFileMode(scene.Alice.Folder, everybody);
        File.SetUnixFileMode(door, everybody);
        TroubleshootingPage.AssertTold("The folder is another user's", await programs.RunAsNobodyAsync(asAlice, "peers"));
        Assert.Contains("another user of this machine", await File.ReadAllTextAsync(new DaemonHome(scene.Alice.Folder).LogFile), StringComparison.Ordinal);
        JsonElement untouched = await scene.Alice.DoAsync("status");
        Assert.Equal(0, untouched.GetProperty("pending").GetInt64());

        await scene.Alice.DoAsync("send", "bob", "still well", "--wait", "delivered");
    }
}
