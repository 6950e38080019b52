using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Claudemesh.Cli.Support;

/// <summary>
/// Takes out of a text whatever could be a secret. Nothing that is put into a bundle should hold one; this is for the day on which something does.
/// Keys, seeds, tokens and ciphertexts are long runs of the characters of hexadecimal or base64; ids of messages are shorter and stay.
/// </summary>
internal static partial class Redaction
{
    /// <summary>A UUID has 36 characters; 32 bytes in base64 have 43.</summary>
    private const int RunMax = 36;

    public static string Of(string text)
    {
        // How JSON writes the two characters of base64 that it may escape.
        text = text.Replace("\\u002B", "+", StringComparison.OrdinalIgnoreCase).Replace("\\u002F", "/", StringComparison.OrdinalIgnoreCase)
            .Replace("\\u003D", "=", StringComparison.OrdinalIgnoreCase).Replace("\\/", "/", StringComparison.Ordinal);
        text = InviteSecret().Replace(text, "#3.[removed]");
        var clean = new StringBuilder(text.Length);
        int at = 0;
        while (at < text.Length)
        {
            int end = at;
            while (end < text.Length && IsOfRun(text[end]))
                end++;

            if (end - at > RunMax)
                clean.Append(CultureInfo.InvariantCulture, $"[{end - at} characters removed]");
            else
                clean.Append(text, at, end - at);

            if (end < text.Length)
                clean.Append(text[end]);
            at = end + 1;
        }

        return clean.ToString();
    }

    /// <summary>What makes a link an invite: it is shorter than a run.</summary>
    [GeneratedRegex(@"#3\.[0-9A-Za-z_-]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex InviteSecret();

    private static bool IsOfRun(char character) => char.IsAsciiLetterOrDigit(character) || character is '+' or '/' or '-' or '_' or '=';
}
