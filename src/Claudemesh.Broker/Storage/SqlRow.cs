using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace Claudemesh.Broker.Storage;

/// <summary>The row that a reader is at. Every number is read as 64 bits, however wide its column is.</summary>
internal readonly struct SqlRow(DbDataReader reader)
{
    // SQLite knows one width. Npgsql gives a number in the width of its column only, and a sum as a decimal.
    public long GetInt64(int column) => reader is NpgsqlDataReader
        ? Convert.ToInt64(reader.GetValue(column), CultureInfo.InvariantCulture)
        : reader.GetInt64(column);

    public string GetString(int column) => reader.GetString(column);

    public T GetFieldValue<T>(int column) => reader.GetFieldValue<T>(column);

    public bool IsDBNull(int column) => reader.IsDBNull(column);

    public long? Int64OrNull(int column) => reader.IsDBNull(column) ? null : GetInt64(column);

    public string? TextOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
