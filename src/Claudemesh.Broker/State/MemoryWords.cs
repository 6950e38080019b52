namespace Claudemesh.Broker.State;

/// <summary>
/// The words that a text is found by: runs of letters and digits in lower case, English plurals as their singular, so that <em>friday</em> finds
/// <em>fridays</em>. Any text has some number of them, whatever else is in it.
/// </summary>
internal static class MemoryWords
{
    /// <summary>Distinct words that are kept of a text, and of a query.</summary>
    public const int OfTextMax = 500;
    public const int OfQueryMax = 12;

    private const int CharsMax = 64;

    /// <summary>The first distinct words and how often each is there.</summary>
    public static Dictionary<string, int> Count(string text, int wordsMax)
    {
        Dictionary<string, int> words = new(StringComparer.Ordinal);
        int start = -1;
        for (int at = 0; at <= text.Length; at++)
        {
            bool inside = at < text.Length && char.IsLetterOrDigit(text[at]);
            if (inside && start < 0)
                start = at;
            if (inside || start < 0)
                continue;

            string word = Stem(text[start..Math.Min(at, start + CharsMax)].ToLowerInvariant());
            start = -1;
            if (words.TryGetValue(word, out int times))
                words[word] = times + 1;
            else if (words.Count < wordsMax)
                words.Add(word, 1);
        }

        return words;
    }

    /// <summary>Harman's "s" stemmer: three endings, the first that fits.</summary>
    private static string Stem(string word) => word switch
    {
        { Length: < 4 } => word,
        _ when word.EndsWith("ies", StringComparison.Ordinal) => Ends(word, "eies", "aies") ? word : word[..^3] + "y",
        _ when word.EndsWith("es", StringComparison.Ordinal) => Ends(word, "aes", "ees", "oes") ? word : word[..^1],
        _ when word.EndsWith('s') => Ends(word, "us", "ss") ? word : word[..^1],
        _ => word,
    };

    private static bool Ends(string word, params ReadOnlySpan<string> endings)
    {
        foreach (string ending in endings)
        {
            if (word.EndsWith(ending, StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}
