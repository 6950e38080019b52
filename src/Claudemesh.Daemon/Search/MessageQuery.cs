using System.Text;
using Claudemesh.Daemon.Topics;

namespace Claudemesh.Daemon.Search;

/// <summary>What is looked for, decided.</summary>
/// <param name="Words">At least one; a message has all of them, each as the beginning of a word.</param>
/// <param name="Topic">Only what was posted there; null: everywhere.</param>
/// <param name="From">A sender's name in any case, or at least 4 digits of his key; null: from anybody.</param>
/// <param name="WorkspaceNo">Null: in all workspaces.</param>
internal sealed record MessageQuery(IReadOnlyList<string> Words, TopicRow? Topic, string? From, long? WorkspaceNo, int Limit)
{
    /// <summary>What is typed, as words that the index can have; accents alone are none.</summary>
    public static IReadOnlyList<string> WordsOf(string typed) => [.. TypedWords.Of(typed).Where(word => word.EnumerateRunes().Any(Rune.IsLetterOrDigit))];

    /// <summary>In the language of FTS5: the words in quotes, so that no character of them means anything to it.</summary>
    public string Match => string.Join(" AND ", Words.Select(word => TypedWords.Quote(word) + "*"));
}
