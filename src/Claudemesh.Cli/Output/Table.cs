using System.Text;

namespace Claudemesh.Cli.Output;

/// <summary>Rows with columns of equal width, two spaces apart; nothing after the last word of a row.</summary>
internal static class Table
{
    public static string Of(IReadOnlyList<string[]> rows)
    {
        if (rows.Count == 0)
            return "";

        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        var text = new StringBuilder();
        foreach (string[] row in rows)
        {
            var line = new StringBuilder();
            for (int column = 0; column < row.Length; column++)
                line.Append(row[column].PadRight(widths[column])).Append("  ");

            text.Append(line.ToString().TrimEnd(' ')).Append('\n');
        }

        return text.ToString();
    }
}
