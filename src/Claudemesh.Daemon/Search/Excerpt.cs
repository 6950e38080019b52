using Claudemesh.Local;

namespace Claudemesh.Daemon.Search;

/// <summary>The part of a text that shows why it was found.</summary>
internal static class Excerpt
{
    public const int CharsMax = 160;
    private const int CharsBefore = 40;

    /// <returns>One line with what is about the first word that begins as one of <paramref name="words"/> does; the beginning where none is recognized.</returns>
    public static string Of(string text, IReadOnlyList<string> words)
    {
        string line = PlainText.Line(string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        if (line.Length <= CharsMax)
            return line;

        int start = Math.Max(0, Math.Min(FindFirst(line, words) - CharsBefore, line.Length - CharsMax));
        int end = Math.Min(line.Length, start + CharsMax);
        if (start > 0 && char.IsLowSurrogate(line[start]))
            start++;
        if (end < line.Length && char.IsLowSurrogate(line[end]))
            end--;
        return $"{(start > 0 ? "…" : "")}{line[start..end].Trim()}{(end < line.Length ? "…" : "")}";
    }

    private static int FindFirst(string line, IReadOnlyList<string> words)
    {
        int found = Find(line, words, static (one, other) => char.ToLowerInvariant(one) == char.ToLowerInvariant(other));
        if (found < 0)
            found = Find(line, words, MayBeOneLetter);
        return Math.Max(0, found);
    }

    private static int Find(string line, IReadOnlyList<string> words, Func<char, char, bool> isSame)
    {
        int at = 0;
        while (at < line.Length)
        {
            int end = at;
            while (end < line.Length && char.IsLetterOrDigit(line[end]))
                end++;
            if (words.Any(word => word.Length <= end - at && word.Zip(line[at..end], isSame).All(same => same)))
                return at;
            at = end + 1;
        }

        return -1;
    }

    /// <summary>The index knows letters without their accents, and these programs carry no tables of them: a letter beyond ASCII may be any.</summary>
    private static bool MayBeOneLetter(char one, char other) =>
        char.ToLowerInvariant(one) == char.ToLowerInvariant(other) || !char.IsAscii(one) || !char.IsAscii(other);
}
