using System.Data.Common;

namespace Claudemesh.Broker.Storage;

/// <summary>
/// Plain SQL over one connection, the same text on every database: parameters are written <c>@name</c>. Each text is
/// prepared once. Used by one thread at a time.
/// </summary>
internal sealed class Sql(DbConnection connection) : IDisposable
{
    private readonly Dictionary<string, DbCommand> commands = new(StringComparer.Ordinal);

    /// <returns>The number of rows changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Bound(sql, parameters).ExecuteNonQuery();

    /// <summary>The first row, or null where there is none.</summary>
    public T? Find<T>(string sql, Func<SqlRow, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters)
        where T : class
    {
        using DbDataReader row = Bound(sql, parameters).ExecuteReader();
        return row.Read() ? read(new SqlRow(row)) : null;
    }

    /// <summary>The first column of the first row as a number, or null where there is no row or no value.</summary>
    public long? FindNumber(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using DbDataReader row = Bound(sql, parameters).ExecuteReader();
        return row.Read() ? new SqlRow(row).Int64OrNull(0) : null;
    }

    public List<T> List<T>(string sql, Func<SqlRow, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        List<T> found = [];
        using DbDataReader row = Bound(sql, parameters).ExecuteReader();
        while (row.Read())
            found.Add(read(new SqlRow(row)));

        return found;
    }

    public void Dispose()
    {
        foreach (DbCommand command in commands.Values)
            command.Dispose();
    }

    private DbCommand Bound(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!commands.TryGetValue(sql, out DbCommand? command))
        {
            command = connection.CreateCommand();
#pragma warning disable CA2100 // Texts are constants of the stores; values go in as parameters.
            command.CommandText = sql;
#pragma warning restore CA2100
            commands.Add(sql, command);
            foreach ((string name, _) in parameters)
            {
                DbParameter parameter = command.CreateParameter();
                parameter.ParameterName = name;
                command.Parameters.Add(parameter);
            }
        }

        // The parameters are kept with the text: Npgsql sends the values of those that it prepared the text with.
        for (int i = 0; i < parameters.Length; i++)
        {
            DbParameter parameter = command.Parameters[i];
            if (!parameter.ParameterName.Equals(parameters[i].Name, StringComparison.Ordinal))
                throw new InvalidOperationException($"One text, one order of its parameters: {sql}");

            parameter.Value = parameters[i].Value ?? DBNull.Value;
        }

        return command;
    }
}
