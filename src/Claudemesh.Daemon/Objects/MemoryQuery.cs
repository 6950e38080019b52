using Claudemesh.Daemon.Search;

namespace Claudemesh.Daemon.Objects;

/// <summary>
/// Turns what a person types into queries of FTS5: the words in quotes and nothing else, so that no character of it means anything to the index.
/// </summary>
internal static class MemoryQuery
{
    /// <summary>From the strictest to the widest: all of the words, any of them, words that begin so. The first that finds something is the answer. Empty: no words.</summary>
    /// <param name="tag">Only with this tag, as far as the index knows: it knows words.</param>
    public static IReadOnlyList<string> Of(string typed, string? tag)
    {
        string[] words = TypedWords.Of(typed);
        if (words.Length == 0)
            return [];

        string all = string.Join(" AND ", words.Select(TypedWords.Quote));
        string any = string.Join(" OR ", words.Select(TypedWords.Quote));
        string beginning = string.Join(" OR ", words.Where(word => word.Length > 1).Select(word => TypedWords.Quote(word) + "*"));
        string within = string.Join(' ', TypedWords.Each(tag ?? ""));
        return
        [
            .. new[] { all, any, beginning }.Where(query => query.Length > 0).Distinct(StringComparer.Ordinal)
                .Select(query => within.Length == 0 ? query : $"tags : {TypedWords.Quote(within)} AND ({query})"),
        ];
    }
}
