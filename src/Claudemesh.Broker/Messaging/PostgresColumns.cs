using Npgsql;
using NpgsqlTypes;

namespace Claudemesh.Broker.Messaging;

/// <summary>Columns of rows as parameters of a statement, in the order they are given.</summary>
internal static class PostgresColumns
{
    public static NpgsqlBatchCommand Add(this NpgsqlBatch batch, string sql)
    {
#pragma warning disable CA2100 // Texts are constants of the message log; values go in as parameters.
        NpgsqlBatchCommand command = new(sql);
#pragma warning restore CA2100
        batch.BatchCommands.Add(command);
        return command;
    }

    public static NpgsqlBatchCommand Numbers<T>(this NpgsqlBatchCommand command, IReadOnlyList<T> rows, Func<T, long> column) =>
        command.Column(rows, column, NpgsqlDbType.Bigint);

    public static NpgsqlBatchCommand Bytes<T>(this NpgsqlBatchCommand command, IReadOnlyList<T> rows, Func<T, byte[]?> column) =>
        command.Column(rows, column, NpgsqlDbType.Bytea);

    public static NpgsqlBatchCommand Texts<T>(this NpgsqlBatchCommand command, IReadOnlyList<T> rows, Func<T, string?> column) =>
        command.Column(rows, column, NpgsqlDbType.Text);

    private static NpgsqlBatchCommand Column<T, TValue>(
        this NpgsqlBatchCommand command, IReadOnlyList<T> rows, Func<T, TValue> column, NpgsqlDbType type)
    {
        TValue[] values = new TValue[rows.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = column(rows[i]);

        command.Parameters.Add(new NpgsqlParameter<TValue[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type });
        return command;
    }
}
