using System.Runtime.Versioning;

namespace Claudemesh.Local;

/// <summary>The folder as a daemon needs it: there, one's own, and writable. A machine whose disk is full or read-only says so here, not as a daemon that failed.</summary>
internal static class HomeFolder
{
    /// <summary>The folder itself: nobody but its owner may look into it.</summary>
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes it if it is not there.</summary>
    /// <returns>Why no daemon can live there; null when one can.</returns>
    [UnsupportedOSPlatform("windows")]
    public static LocalProblem? Prepare(DaemonHome home)
    {
        try
        {
            Directory.CreateDirectory(home.Folder, OwnerOnly);
            // Its owner always may, others never: whether it is ours is what this asks.
            File.SetUnixFileMode(home.Folder, OwnerOnly);
            return null;
        }
        catch (UnauthorizedAccessException) when (Directory.Exists(home.Folder))
        {
            return Foreign(home.Folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return LocalProblem.Of(
                LocalErrors.HomeUnusable,
                $"{home.Folder} cannot be written: {DiskFault.Explain(error)}. Keys and messages are kept there; set {DaemonHome.Variable} to a folder that you can write to.",
                503,
                ExitCode.Io);
        }
    }

    /// <summary>The answer to who reaches for the folder of somebody else.</summary>
    public static LocalProblem Foreign(string folder) => LocalProblem.Of(
        LocalErrors.HomeUnusable,
        $"{folder} belongs to another user of this machine, and a daemon serves its own user only. Set {DaemonHome.Variable} to a folder of your own.",
        403,
        ExitCode.Denied);
}
