using Microsoft.Data.Sqlite;

namespace Claudemesh.Daemon.Storage;

/// <summary>One connection with its statements, each prepared once. Not for two threads at a time. Values are bound to <c>$1</c>, <c>$2</c> and on.</summary>
internal sealed class Sql : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly Dictionary<string, SqliteCommand> prepared = new(StringComparer.Ordinal);

    public Sql(string path)
    {
        connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        connection.CreateCollation("NAME", (left, right) => string.Compare(left, right, StringComparison.OrdinalIgnoreCase));
        // FULL: what a verb was told is on the disk. Deleted texts are overwritten, not only unlinked.
        RunScript("""
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;
            PRAGMA busy_timeout = 5000; PRAGMA wal_autocheckpoint = 1000; PRAGMA cache_size = -2000; PRAGMA temp_store = MEMORY;
            """);
    }

    /// <summary>Runs statements that take no values and are not worth keeping prepared.</summary>
    public void RunScript(string text)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Scripts are our own, embedded or literal.
        command.CommandText = text;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <returns>How many rows changed.</returns>
    public int Execute(string text, params ReadOnlySpan<object?> values) => Prepare(text, values).ExecuteNonQuery();

    public List<T> Query<T>(string text, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        var rows = new List<T>();
        using SqliteDataReader reader = Prepare(text, values).ExecuteReader();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    public T? Find<T>(string text, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
        where T : class
    {
        using SqliteDataReader reader = Prepare(text, values).ExecuteReader();
        return reader.Read() ? read(reader) : null;
    }

    /// <returns>The first column of the first row; 0 when there is none or it is null.</returns>
    public long Number(string text, params ReadOnlySpan<object?> values) => Prepare(text, values).ExecuteScalar() is long number ? number : 0;

    public void Dispose()
    {
        foreach (SqliteCommand command in prepared.Values)
            command.Dispose();
        connection.Dispose();
    }

    private SqliteCommand Prepare(string text, ReadOnlySpan<object?> values)
    {
        if (!prepared.TryGetValue(text, out SqliteCommand? command))
        {
            command = connection.CreateCommand();
#pragma warning disable CA2100 // Texts are literals of this project; values are always bound.
            command.CommandText = text;
#pragma warning restore CA2100
            for (int i = 1; i <= values.Length; i++)
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
            prepared.Add(text, command);
        }

        for (int i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }
}
