using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;

namespace Claudemesh.Broker.Storage;

/// <summary>
/// A statement of the message log on a server. All of its rows are fetched with the first: they are few by their limit, and a
/// second statement may then be read at the same time on the one connection.
/// </summary>
internal sealed partial class PostgresStatement : ISqlStatement, IDisposable
{
    private readonly NpgsqlCommand command;
    private readonly Queue<object[]> rows = new();
    private object[]? row;
    private bool begun;

    public PostgresStatement(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // Texts are constants of the stores; values go in as parameters.
        command = new NpgsqlCommand(Placeholder().Replace(sql, "$$${no}"), connection);
#pragma warning restore CA2100
    }

    public ISqlStatement Bind(int parameter, long value) => Bind(parameter, value, NpgsqlDbType.Bigint);

    public ISqlStatement Bind(int parameter, ReadOnlySpan<byte> bytes) => Bind(parameter, bytes.ToArray(), NpgsqlDbType.Bytea);

    public ISqlStatement Bind(int parameter, string? text) => Bind(parameter, (object?)text ?? DBNull.Value, NpgsqlDbType.Text);

    public PostgresStatement Bind(int parameter, object value, NpgsqlDbType type)
    {
        while (command.Parameters.Count < parameter)
            command.Parameters.Add(new NpgsqlParameter());

        NpgsqlParameter bound = command.Parameters[parameter - 1];
        bound.NpgsqlDbType = type;
        bound.Value = value;
        return this;
    }

    public bool Read()
    {
        if (!begun)
            Fetch();

        begun = rows.TryDequeue(out row);
        return begun;
    }

    public void Reset()
    {
        rows.Clear();
        begun = false;
    }

    public long Int64(int column) => Int64OrNull(column) ?? 0;

    public long? Int64OrNull(int column) => row![column] is DBNull ? null : Convert.ToInt64(row[column], CultureInfo.InvariantCulture);

    public byte[] Bytes(int column) => (byte[])row![column];

    public byte[]? BytesOrNull(int column) => row![column] as byte[];

    public string Text(int column) => (string)row![column];

    public string? TextOrNull(int column) => row![column] as string;

    public void Dispose() => command.Dispose();

    private void Fetch()
    {
        rows.Clear();
        using NpgsqlDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            object[] values = new object[reader.FieldCount];
            reader.GetValues(values);
            rows.Enqueue(values);
        }
    }

    [GeneratedRegex(@"\?(?<no>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}
