using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Claudemesh.Load.Scenarios;

/// <summary>
/// Puts memories into a daemon's database while it does not run, as if others had kept them: a hundred thousand of them over the socket would take
/// longer than what is measured.
/// </summary>
internal static class MemoryFill
{
    private const int Vocabulary = 20_000;
    private const int WordsMin = 8;
    private const int WordsMore = 24;

    public static void Write(string database, int count)
    {
        using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString());
        connection.Open();
        using SqliteTransaction transaction = connection.BeginTransaction();
        using SqliteCommand insert = connection.CreateCommand();
        insert.CommandText =
            """
            INSERT INTO object (workspace_no, kind, plain, name, revision, nonce, has_value, text, tags, author, written_by, written_at)
            SELECT no, 'memory', 0, $name, 1, x'00', 1, $text, $tags, '', 'bench', $at FROM workspace LIMIT 1
            """;
        SqliteParameter name = insert.Parameters.Add("$name", SqliteType.Text);
        SqliteParameter text = insert.Parameters.Add("$text", SqliteType.Text);
        SqliteParameter tags = insert.Parameters.Add("$tags", SqliteType.Text);
        SqliteParameter at = insert.Parameters.Add("$at", SqliteType.Integer);
        ulong seed = 7;
        for (int i = 0; i < count; i++)
        {
            name.Value = i.ToString("x32", CultureInfo.InvariantCulture);
            text.Value = Sentence(ref seed);
            tags.Value = $"[\"tag{Next(ref seed, 50)}\"]";
            at.Value = 1_700_000_000_000 + i;
            insert.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    /// <summary>Words as people use them: few of them often, most of them seldom.</summary>
    public static string Word(ref ulong seed)
    {
        double part = Next(ref seed, 1_000_000) / 1_000_000.0;
        return "w" + ((int)(Vocabulary * part * part * part)).ToString(CultureInfo.InvariantCulture);
    }

    private static string Sentence(ref ulong seed)
    {
        StringBuilder sentence = new();
        for (int left = WordsMin + Next(ref seed, WordsMore); left > 0; left--)
            sentence.Append(Word(ref seed)).Append(' ');

        return sentence.ToString();
    }

    /// <summary>Numbers that are the same in each run (Knuth's MMIX).</summary>
    private static int Next(ref ulong seed, int below)
    {
        seed = (seed * 6364136223846793005) + 1442695040888963407;
        return (int)((seed >> 33) % (ulong)below);
    }
}
