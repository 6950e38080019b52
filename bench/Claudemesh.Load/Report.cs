using System.Globalization;

namespace Claudemesh.Load;

/// <summary>One line of the table. Texts, because each figure has its own unit.</summary>
/// <param name="Reached">Null where there is no goal, or nothing to compare with.</param>
/// <param name="Earlier">What the system before this one did on the same kind of machine.</param>
internal sealed record Row(
    string Figure, string Measured, string Rival = "–", string Ratio = "–", string Goal = "–", bool? Reached = null, string Earlier = "–");

/// <summary>Prints what is measured as it is measured, and all of it as a table at the end.</summary>
internal sealed class Report(TextWriter output)
{
    private readonly List<Row> rows = [];

    public static string Count(double number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString(time.TotalMilliseconds < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture) + " ms";

    public static string Megabytes(long bytes) => (bytes / 1_000_000.0).ToString("0.0", CultureInfo.InvariantCulture) + " MB";

    public static string Ratio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);

    public void Add(Row row)
    {
        rows.Add(row);
        output.WriteLine($"{row.Figure}: {row.Measured} (rival {row.Rival}, ratio {row.Ratio}, goal {row.Goal}{Verdict(row.Reached, ", reached", ", NOT reached", "")})");
    }

    /// <summary>What explains a figure.</summary>
    public void Note(string sentence) => output.WriteLine("    " + sentence);

    public void Skip(string figure, string why) => output.WriteLine($"{figure}: skipped, {why}");

    public void WriteTable()
    {
        if (rows.Count == 0)
            return;

        output.WriteLine();
        output.WriteLine("| figure | measured | rival in the same run | ratio | goal | reached | earlier system |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        foreach (Row row in rows)
            output.WriteLine($"| {row.Figure} | {row.Measured} | {row.Rival} | {row.Ratio} | {row.Goal} | {Verdict(row.Reached, "yes", "**no**", "–")} | {row.Earlier} |");
    }

    private static string Verdict(bool? reached, string yes, string no, string unknown) => reached switch
    {
        true => yes,
        false => no,
        null => unknown,
    };
}
