using System.Globalization;

namespace Claudemesh.Daemon.Sessions;

/// <summary>A process as the operating system knows it: a number that is used again, and the moment it began.</summary>
internal readonly record struct SessionProcess(int Pid, string StartedAt)
{
    private const int LineageMax = 64;

    /// <returns>Null when there is no such process.</returns>
    public static SessionProcess? Find(int pid)
    {
        if (!OperatingSystem.IsLinux())
            return FindElsewhere(pid);

        // State and start are the 3rd and the 22nd field.
        return ReadFields(pid) is { } fields && fields[0] is not ("Z" or "X") ? new SessionProcess(pid, fields[19]) : null;
    }

    /// <summary>The process and those that started it, the nearest first; where the operating system does not say, the process alone.</summary>
    public static IEnumerable<int> Lineage(int pid)
    {
        for (int depth = 0; depth < LineageMax && pid > 1; depth++)
        {
            yield return pid;
            pid = OperatingSystem.IsLinux() && ReadFields(pid) is { } fields ? int.Parse(fields[1], CultureInfo.InvariantCulture) : 0;
        }
    }

    public bool IsAlive => Find(Pid) == this;

    /// <summary>The fields behind the name, which may have spaces and brackets of its own; null when there is no such process.</summary>
    private static string[]? ReadFields(int pid)
    {
        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            // There is none, or it ended while it was read.
            return null;
        }
    }

    private static SessionProcess? FindElsewhere(int pid)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(pid);
            return new SessionProcess(pid, process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception missing) when (missing is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
