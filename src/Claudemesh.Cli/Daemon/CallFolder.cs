using System.Globalization;
using Claudemesh.Local;

namespace Claudemesh.Cli.Daemon;

/// <summary>
/// A short-lived folder for the doors of one call's daemon: the name of a socket may be a hundred bytes long, and a home longer. A call that
/// was killed leaves its folder; the next one takes it away.
/// </summary>
internal static class CallFolder
{
    /// <summary>Before the number of the process that the folder is for.</summary>
    public const string Prefix = "cm-call-";

    public static string Create()
    {
        foreach (string left in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*").Where(IsLeft))
            Remove(left);

        return Directory.CreateTempSubdirectory($"{Prefix}{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}-").FullName;
    }

    /// <summary>Leaves it where it is not ours to delete, or another call has just deleted it.</summary>
    public static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The system clears its temporary folder itself.
        }
    }

    private static bool IsLeft(string folder) =>
        Path.GetFileName(folder)[Prefix.Length..].Split('-') is [var number, _]
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
        && pid > 0
        && !DetachedProcess.Exists(pid);
}
