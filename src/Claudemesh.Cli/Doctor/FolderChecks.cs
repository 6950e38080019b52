using System.Globalization;
using Claudemesh.Local;

namespace Claudemesh.Cli.Doctor;

/// <summary>Our folder: only its owner gets in, the disk has room, the log does not grow without end.</summary>
internal static class FolderChecks
{
    private const long FreeBytesMin = 64L * 1024 * 1024;
    private const long FreeBytesLow = 1024L * 1024 * 1024;

    // Three files of 5 MB is what the daemon keeps; much more means that it does not rotate them.
    private const long LogBytesMax = 20L * 1024 * 1024;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    public static IEnumerable<Finding> Run(Surroundings around)
    {
        string folder = around.Home.Folder;
        if (!Directory.Exists(folder))
        {
            yield return Finding.Ok("folder", $"{folder} is not there yet");
            yield break;
        }

        if (!IsReadable(folder))
        {
            yield return Finding.Error("folder", ExitCode.Denied, $"{folder} belongs to another user of this machine.", $"export {DaemonHome.Variable}=~/.claudemesh");
            yield break;
        }

        yield return CheckModes(around.Home);
        yield return CheckDisk(folder);
        yield return CheckLog(around.Home);
    }

    private static bool IsReadable(string folder)
    {
        try
        {
            _ = Directory.GetFileSystemEntries(folder);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static Finding CheckModes(DaemonHome home)
    {
        IEnumerable<string> inside = Directory.EnumerateFileSystemEntries(home.Folder)
            .Concat(Directory.Exists(home.SocketsFolder) ? Directory.EnumerateFileSystemEntries(home.SocketsFolder) : []);
        string[] open = [.. inside.Prepend(home.Folder).Where(path => (File.GetUnixFileMode(path) & Others) != UnixFileMode.None)];
        return open.Length == 0
            ? Finding.Ok("folder", $"{home.Folder} is readable by you alone")
            : Finding.Error(
                "folder",
                ExitCode.Denied,
                $"Others on this machine may reach into {string.Join(", ", open.Take(3))}{(open.Length > 3 ? $" and {open.Length - 3} more" : "")}; your keys are in there.",
                $"chmod -R go-rwx {Shell.Quote(home.Folder)}");
    }

    private static Finding CheckDisk(string folder)
    {
        long free = new DriveInfo(folder).AvailableFreeSpace;
        string room = $"{Megabytes(free)} MB are free for {folder}";
        return free switch
        {
            < FreeBytesMin => Finding.Error("disk", ExitCode.Io, $"Only {room}: messages cannot be kept.", $"du -xh {Shell.Quote(folder)} | sort -h | tail"),
            < FreeBytesLow => Finding.Warning("disk", $"Only {room}.", $"du -xh {Shell.Quote(folder)} | sort -h | tail"),
            _ => Finding.Ok("disk", room),
        };
    }

    private static Finding CheckLog(DaemonHome home)
    {
        long bytes = Directory.EnumerateFiles(home.Folder, Path.GetFileName(home.LogFile) + "*").Sum(file => new FileInfo(file).Length);
        return bytes > LogBytesMax
            ? Finding.Warning("log", $"The log has {Megabytes(bytes)} MB; it should never have more than 15.", $"claudemesh daemon down && rm {Shell.Quote(home.LogFile)}.*")
            : Finding.Ok("log", $"{Megabytes(bytes)} MB at {home.LogFile}");
    }

    private static string Megabytes(long bytes) => (bytes / 1_048_576).ToString("N0", CultureInfo.InvariantCulture);
}
