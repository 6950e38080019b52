using System.Buffers;
using System.Text;

namespace Claudemesh.Broker.Notifications;

/// <summary>
/// The names after an <c>@</c> in a plain text: 1 to 64 letters, digits, <c>-</c> or <c>_</c>, with none of these before the <c>@</c> or after the
/// name. So an e-mail address mentions nobody.
/// </summary>
internal static class MentionTokens
{
    public const int CountMax = 16;
    public const int CharsMax = 64;

    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"u8);

    /// <summary>The first sixteen, each once, in lower case. Looks at bytes: what is not ASCII is no part of a name, in whatever encoding.</summary>
    public static string[] Find(ReadOnlySpan<byte> utf8)
    {
        List<string> found = [];
        int at = -1;
        while (found.Count < CountMax && utf8[(at + 1)..].IndexOf((byte)'@') is >= 0 and var ahead)
        {
            at += 1 + ahead;
            ReadOnlySpan<byte> rest = utf8[(at + 1)..];
            int end = rest.IndexOfAnyExcept(NameBytes);
            int length = end < 0 ? rest.Length : end;
            if (length is 0 or > CharsMax || (at > 0 && NameBytes.Contains(utf8[at - 1])))
                continue;

            string name = Encoding.ASCII.GetString(rest[..length]).ToLowerInvariant();
            if (!found.Contains(name))
                found.Add(name);
        }

        return [.. found];
    }
}
