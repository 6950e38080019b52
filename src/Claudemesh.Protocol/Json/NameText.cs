using System.Globalization;
using System.Text;

namespace Claudemesh.Protocol;

/// <summary>What the kinds of names have in common.</summary>
internal static class NameText
{
    private const int ZeroWidthJoiner = 0x200D;

    /// <summary>Letters and digits of any script, and the given marks.</summary>
    public static bool IsWord(string text, ReadOnlySpan<char> marks)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (!Rune.IsLetterOrDigit(rune) && !(rune.IsAscii && marks.Contains((char)rune.Value)))
                return false;
        }

        return true;
    }

    /// <summary>
    /// One line that cannot disturb the lines around it: invisible and direction-changing characters could make one name look like another. The
    /// joiner stays, because emoji need it.
    /// </summary>
    public static bool IsLine(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool hidden = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned;
            if ((hidden && rune.Value != ZeroWidthJoiner) || rune == Rune.ReplacementChar)
                return false;
        }

        return !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]);
    }
}
