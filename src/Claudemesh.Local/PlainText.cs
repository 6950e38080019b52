using System.Globalization;
using System.Text;

namespace Claudemesh.Local;

/// <summary>Text of others, made harmless for a terminal, and for whoever reads it line by line.</summary>
public static class PlainText
{
    private const char Replacement = '\uFFFD';

    /// <summary>One line: no control character, nothing that turns the direction of writing.</summary>
    public static string Line(string text) => Replace(text, keepLines: false);

    /// <summary>Any number of lines, each indented.</summary>
    public static string Block(string text, string indent) =>
        indent + Replace(text.ReplaceLineEndings("\n").TrimEnd('\n'), keepLines: true).Replace("\n", "\n" + indent, StringComparison.Ordinal);

    private static string Replace(string text, bool keepLines)
    {
        if (!text.Any(character => IsHarmful(character, keepLines)))
            return text;

        var plain = new StringBuilder(text.Length);
        foreach (char character in text)
            plain.Append(IsHarmful(character, keepLines) ? Replacement : character);

        return plain.ToString();
    }

    // Escape sequences could redraw the screen or fill the clipboard; direction marks could show another text than was sent.
    private static bool IsHarmful(char character, bool keepLines) => character switch
    {
        '\n' or '\t' => !keepLines,
        >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069' => true,
        _ => CharUnicodeInfo.GetUnicodeCategory(character) == UnicodeCategory.Control,
    };
}
