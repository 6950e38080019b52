using System.Text.Json;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.State;

/// <summary>
/// Finds plain memories by their words: those with the most of the words asked for first, then those where they are most often. Values only ever
/// go in as parameters, so no text means anything to the database.
/// </summary>
internal sealed class MemorySearch(Database database)
{
    private const string Found =
        """
        SELECT o.name, o.body, o.written_by, o.written_at FROM (
          SELECT name, COUNT(*) AS words, SUM(times) AS times, MAX(written_at) AS at FROM memory_word
          WHERE mesh_no = @mesh AND word IN (@w0, @w1, @w2, @w3, @w4, @w5, @w6, @w7, @w8, @w9, @w10, @w11)
          GROUP BY name ORDER BY words DESC, times DESC, at, name LIMIT @count) AS found
        JOIN object AS o ON o.mesh_no = @mesh AND o.kind = 1 AND o.plain = 1 AND o.name = found.name
        ORDER BY found.words DESC, found.times DESC, found.at, found.name
        """;

    public static void Add(WriteScope scope, MeshNo mesh, string name, string content)
    {
        foreach ((string word, int times) in MemoryWords.Count(content, MemoryWords.OfTextMax))
        {
            scope.Sql.Execute(
                "INSERT INTO memory_word (mesh_no, word, name, times, written_at) VALUES (@mesh, @word, @name, @times, @now)",
                ("@mesh", mesh.Value), ("@word", word), ("@name", name), ("@times", (long)times), ("@now", scope.Now.Micros));
        }
    }

    public static void Remove(WriteScope scope, MeshNo mesh, string name) => scope.Sql.Execute(
        "DELETE FROM memory_word WHERE mesh_no = @mesh AND name = @name", ("@mesh", mesh.Value), ("@name", name));

    /// <returns>At most <see cref="MemoryResults.CountMax"/>; none for a query without a word.</returns>
    public async ValueTask<RecalledMemory[]> FindAsync(MeshNo mesh, string query, CancellationToken cancellationToken)
    {
        string[] words = [.. MemoryWords.Count(query, MemoryWords.OfQueryMax).Keys];
        if (words.Length == 0)
            return [];

        (string Name, object? Value)[] parameters =
        [
            ("@mesh", mesh.Value),
            .. Enumerable.Range(0, MemoryWords.OfQueryMax).Select(i => ($"@w{i}", (object?)words[Math.Min(i, words.Length - 1)])),
            ("@count", (long)MemoryResults.CountMax),
        ];
        return [.. await database.ReadAsync((Sql sql) => sql.List(Found, Read, parameters), cancellationToken)];
    }

    private static RecalledMemory Read(SqlRow row)
    {
        MemoryText memory = JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(1), StateJson.Default.MemoryText)!;
        return new RecalledMemory(row.GetString(0), memory.Text, memory.Tags, row.GetString(2), new Instant(row.GetInt64(3)).ToTime());
    }
}
