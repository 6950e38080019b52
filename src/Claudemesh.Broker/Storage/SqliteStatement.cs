using Microsoft.Data.Sqlite;
using System.Text;
using SQLitePCL;

namespace Claudemesh.Broker.Storage;

/// <summary>
/// A statement prepared once and bound from spans: no parameter objects, no strings, nothing allocated. Parameters are
/// numbered from 1, columns from 0. Belongs to one connection and is used by one thread at a time.
/// </summary>
internal sealed class SqliteStatement : ISqlStatement, IDisposable
{
    private const int TextBytesOnStack = 512;

    private readonly sqlite3 connection;
    private readonly sqlite3_stmt statement;

    public SqliteStatement(sqlite3 connection, string sql)
    {
        this.connection = connection;
        SqliteFailure.ThrowUnless(
            raw.sqlite3_prepare_v3(connection, sql, raw.SQLITE_PREPARE_PERSISTENT, out statement) == raw.SQLITE_OK, connection);
    }

    public SqliteStatement Bind(int parameter, long value)
    {
        raw.sqlite3_bind_int64(statement, parameter, value);
        return this;
    }

    public SqliteStatement Bind(int parameter, long? value)
    {
        if (value is { } number)
            raw.sqlite3_bind_int64(statement, parameter, number);
        else
            raw.sqlite3_bind_null(statement, parameter);

        return this;
    }

    public SqliteStatement Bind(int parameter, ReadOnlySpan<byte> bytes)
    {
        // A null pointer would bind NULL, and an empty span may well be one.
        if (bytes.IsEmpty)
            raw.sqlite3_bind_zeroblob(statement, parameter, 0);
        else
            raw.sqlite3_bind_blob(statement, parameter, bytes);

        return this;
    }

    public SqliteStatement BindOrNull(int parameter, byte[]? bytes)
    {
        if (bytes is null)
            raw.sqlite3_bind_null(statement, parameter);
        else
            Bind(parameter, bytes);

        return this;
    }

    public SqliteStatement Bind(int parameter, string? text)
    {
        if (text is null)
        {
            raw.sqlite3_bind_null(statement, parameter);
            return this;
        }

        int length = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> utf8 = length <= TextBytesOnStack ? stackalloc byte[TextBytesOnStack] : new byte[length];
        raw.sqlite3_bind_text(statement, parameter, utf8[..Encoding.UTF8.GetBytes(text, utf8)]);
        return this;
    }

    ISqlStatement ISqlStatement.Bind(int parameter, long value) => Bind(parameter, value);

    ISqlStatement ISqlStatement.Bind(int parameter, ReadOnlySpan<byte> bytes) => Bind(parameter, bytes);

    ISqlStatement ISqlStatement.Bind(int parameter, string? text) => Bind(parameter, text);

    /// <summary>Moves to the next row. After the last the statement is ready to be bound again.</summary>
    public bool Read()
    {
        int result = raw.sqlite3_step(statement);
        if (result == raw.SQLITE_ROW)
            return true;

        Reset();
        SqliteFailure.ThrowUnless(result == raw.SQLITE_DONE, connection, result);
        return false;
    }

    /// <summary>Runs a statement that returns no rows.</summary>
    public void Execute()
    {
        int result = raw.sqlite3_step(statement);
        if (result is raw.SQLITE_DONE or raw.SQLITE_ROW)
        {
            Reset();
            return;
        }

        SqliteException failure = SqliteFailure.Of(connection, result);
        Reset();
        throw failure;
    }

    /// <summary>Leaves the rows that were not read. A statement left in the middle would pin the write-ahead log.</summary>
    public void Reset() => raw.sqlite3_reset(statement);

    public long Int64(int column) => raw.sqlite3_column_int64(statement, column);

    public long? Int64OrNull(int column) => IsNull(column) ? null : raw.sqlite3_column_int64(statement, column);

    public byte[] Bytes(int column) => raw.sqlite3_column_blob(statement, column).ToArray();

    public byte[]? BytesOrNull(int column) => IsNull(column) ? null : Bytes(column);

    public string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string();

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public void Dispose() => statement.Dispose();
}
