namespace Claudemesh.Local;

/// <summary>Finds the word that was probably meant.</summary>
public static class NearestMatch
{
    /// <returns>The known word with the fewest edits, if they are few for its length; null when nothing is near.</returns>
    public static string? Find(string typed, IEnumerable<string> known)
    {
        string? nearest = null;
        int fewest = int.MaxValue;
        foreach (string word in known)
        {
            int edits = Edits(typed, word);
            bool isBeginning = typed.TrimStart('-').Length >= 3 && word.StartsWith(typed, StringComparison.Ordinal);
            if (isBeginning)
                edits = Math.Min(edits, 1);

            if (edits < fewest && edits <= Math.Max(1, word.TrimStart('-').Length / 3))
                (nearest, fewest) = (word, edits);
        }

        return nearest;
    }

    /// <summary>The end of a sentence that refuses a word: empty, or a question with a space before it.</summary>
    /// <param name="meant">What <see cref="Find"/> gave.</param>
    /// <param name="prefix">What is typed before the word.</param>
    public static string DidYouMean(string? meant, string prefix = "") => meant is null ? "" : $" Did you mean '{prefix}{meant}'?";

    /// <summary>Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.</summary>
    private static int Edits(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            cost[i, 0] = i;
        for (int j = 0; j <= b.Length; j++)
            cost[0, j] = j;

        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replace = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replace, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }

        return cost[a.Length, b.Length];
    }
}
