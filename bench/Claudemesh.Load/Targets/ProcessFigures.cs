using System.Globalization;

namespace Claudemesh.Load.Targets;

/// <summary>What Linux counts of a process. Zero where the kernel does not say.</summary>
/// <param name="ResidentBytes">Of its memory, now.</param>
/// <param name="PeakBytes">The most it ever was since <see cref="ForgetPeak"/>.</param>
/// <param name="WriteCalls">Calls of <c>write</c> and its kin, to files and sockets.</param>
/// <param name="DiskBytes">Sent towards the disk.</param>
internal readonly record struct ProcessFigures(TimeSpan Cpu, long ResidentBytes, long PeakBytes, long WriteCalls, long DiskBytes)
{
    // USER_HZ, which is 100 on every Linux of this architecture.
    private const int TicksPerSecond = 100;

    public static ProcessFigures Read(int process)
    {
        // The name in parentheses may hold spaces, so what is counted begins behind it.
        string stat = File.ReadAllText($"/proc/{process}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        long ticks = Number(fields[11]) + Number(fields[12]);
        string[] status = File.ReadAllLines($"/proc/{process}/status");
        string[] io = File.ReadAllLines($"/proc/{process}/io");
        return new ProcessFigures(
            TimeSpan.FromSeconds((double)ticks / TicksPerSecond),
            1024 * Field(status, "VmRSS:"),
            1024 * Field(status, "VmHWM:"),
            Field(io, "syscw:"),
            Field(io, "write_bytes:"));
    }

    /// <summary>Starts <see cref="PeakBytes"/> anew from what is resident now.</summary>
    public static void ForgetPeak(int process) => File.WriteAllText($"/proc/{process}/clear_refs", "5");

    public static ProcessFigures operator -(ProcessFigures later, ProcessFigures earlier) => later with
    {
        Cpu = later.Cpu - earlier.Cpu,
        WriteCalls = later.WriteCalls - earlier.WriteCalls,
        DiskBytes = later.DiskBytes - earlier.DiskBytes,
    };

    private static long Field(string[] lines, string name)
    {
        string? line = Array.Find(lines, each => each.StartsWith(name, StringComparison.Ordinal));
        return line is null ? 0 : Number(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim());
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
