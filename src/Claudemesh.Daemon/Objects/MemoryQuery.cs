using System.Text;

namespace Claudemesh.Daemon.Objects;

/// <summary>
/// Turns what a person types into queries of FTS5: the words in quotes and nothing else, so that no character of it means anything to the index.
/// </summary>
internal static class MemoryQuery
{
    /// <summary>Words beyond these say nothing that the first do not.</summary>
    private const int WordsMax = 16;
    private const int WordCharsMax = 64;

    /// <summary>From the strictest to the widest: all of the words, any of them, words that begin so. The first that finds something is the answer. Empty: no words.</summary>
    /// <param name="tag">Only with this tag, as far as the index knows: it knows words.</param>
    public static IReadOnlyList<string> Of(string typed, string? tag)
    {
        string[] words = [.. Words(typed).Distinct(StringComparer.OrdinalIgnoreCase).Take(WordsMax)];
        if (words.Length == 0)
            return [];

        string all = string.Join(" AND ", words.Select(Quote));
        string any = string.Join(" OR ", words.Select(Quote));
        string beginning = string.Join(" OR ", words.Where(word => word.Length > 1).Select(word => Quote(word) + "*"));
        string within = string.Join(' ', Words(tag ?? ""));
        return
        [
            .. new[] { all, any, beginning }.Where(query => query.Length > 0).Distinct(StringComparer.Ordinal)
                .Select(query => within.Length == 0 ? query : $"tags : {Quote(within)} AND ({query})"),
        ];
    }

    // There is no quote in a word.
    private static string Quote(string word) => $"\"{word}\"";

    private static IEnumerable<string> Words(string typed)
    {
        StringBuilder word = new();
        foreach (Rune rune in typed.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || IsMark(rune))
            {
                if (word.Length < WordCharsMax)
                    word.Append(rune);
                continue;
            }

            if (word.Length > 0)
                yield return word.ToString();
            word.Clear();
        }

        if (word.Length > 0)
            yield return word.ToString();
    }

    /// <summary>Accents that stand alone belong to the letter before them.</summary>
    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune)
        is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark;
}
