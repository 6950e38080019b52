using System.Globalization;

namespace Claudemesh.Cli.CommandLine;

/// <summary>Times as people type and read them: whole numbers and s, m, h, d.</summary>
internal static class Duration
{
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan value)
    {
        value = default;
        if (text.Length < 2 || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count == 0)
            return false;

        long seconds = text[^1] switch
        {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86400,
            _ => 0,
        };
        // A century is beyond every bound that a verb or the daemon has.
        if (seconds == 0 || count > 100L * 366 * 86400 / seconds)
            return false;

        value = TimeSpan.FromSeconds(count * seconds);
        return true;
    }

    /// <summary>In its one or two largest units.</summary>
    public static string Words(TimeSpan time) => time.TotalDays >= 1 ? $"{(int)time.TotalDays}d {time.Hours}h"
        : time.TotalHours >= 1 ? $"{time.Hours}h {time.Minutes}m"
        : time.TotalMinutes >= 1 ? $"{time.Minutes}m"
        : $"{Math.Max(0, time.Seconds)}s";

    public static TimeSpan Parse(string text) =>
        TryParse(text, out TimeSpan value) ? value : throw new FormatException($"'{text}' is not a time.");
}
