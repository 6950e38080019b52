using System.Globalization;
using System.Text;

namespace Claudemesh.Daemon.Search;

/// <summary>The words of what a person has typed: letters and digits of any script, so that none of them means anything to an index.</summary>
internal static class TypedWords
{
    /// <summary>Words beyond these say nothing that the first do not.</summary>
    public const int CountMax = 16;
    private const int CharsMax = 64;

    /// <summary>Each once, in any case of letters, and no more than <see cref="CountMax"/>.</summary>
    public static string[] Of(string typed) => [.. Each(typed).Distinct(StringComparer.OrdinalIgnoreCase).Take(CountMax)];

    /// <summary>All of them, as they come.</summary>
    public static IEnumerable<string> Each(string typed)
    {
        StringBuilder word = new();
        foreach (Rune rune in typed.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || IsMark(rune))
            {
                if (word.Length < CharsMax)
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

    /// <summary>As one term of FTS5. There is no quote in a word.</summary>
    public static string Quote(string word) => $"\"{word}\"";

    /// <summary>Accents that stand alone belong to the letter before them.</summary>
    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
