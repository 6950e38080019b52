using System.Globalization;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>A disk of a few megabytes, in memory, to be filled up or write-protected while programs work on it. To mount one takes root.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cm-disk-").FullName;

    private SmallDisk()
    {
    }

    private string Filling => At("filling");

    public static async Task<SmallDisk> MountAsync(int megabytes)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && OperatingSystem.IsLinux(), "Only root on Linux can mount a disk of a few megabytes.");
        var disk = new SmallDisk();
        Ended ended = await Programs.RunAsync("mount", ["-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m,mode=755"), "tmpfs", disk.folder]);
        if (ended.Code != 0)
        {
            Directory.Delete(disk.folder);
            Assert.Skip($"No disk can be mounted here: {ended.Error}");
        }

        return disk;
    }

    /// <summary>A place on it.</summary>
    public string At(string name) => Path.Combine(folder, name);

    /// <summary>Until not one byte more goes onto it.</summary>
    public void Fill()
    {
        using FileStream file = new(Filling, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] page = new byte[4096];
        try
        {
            while (true)
                file.Write(page);
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    public void MakeRoom() => File.Delete(Filling);

    public async Task ProtectAsync() => Assert.Equal(0, (await Programs.RunAsync("mount", ["-o", "remount,ro", folder])).Code);

    public async ValueTask DisposeAsync()
    {
        // Lazily: a program that a failed test has left must not keep the next one from its disk.
        await Programs.RunAsync("umount", ["-l", folder]);
        Directory.Delete(folder);
    }
}
