using System.Text.RegularExpressions;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>The table of docs/troubleshooting.md: what each mistake says, and its exit code. It is what the programs are held against.</summary>
internal static class TroubleshootingPage
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly Dictionary<string, (string Says, int Code)> Rows = Read();

    public static IEnumerable<string> Mistakes => Rows.Keys;

    /// <summary>That a program has said just this, in one line without colours, and ended with just that code.</summary>
    /// <param name="mistake">The first cell of a row.</param>
    public static void AssertTold(string mistake, Ended ended)
    {
        (string says, int code) = Rows[mistake];
        string said = ended.Output + ended.Error;
        // What is different each time is written as … there.
        string pattern = string.Join(".+", says.Split('…').Select(Regex.Escape));
        Assert.True(Regex.IsMatch(said, pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, Patience), $"The page promises of {mistake}:\n{says}\nand what was said is:\n{said}");
        Assert.Equal(code, ended.Code);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', said);
    }

    private static Dictionary<string, (string Says, int Code)> Read()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "docs", "troubleshooting.md")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("docs/troubleshooting.md is not there.");

        return File.ReadLines(Path.Combine(folder, "docs", "troubleshooting.md"))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length == 5 && cells[2].StartsWith('`'))
            .ToDictionary(cells => cells[1], cells => (cells[2].Trim('`'), int.Parse(cells[3], System.Globalization.CultureInfo.InvariantCulture)), StringComparer.Ordinal);
    }
}
