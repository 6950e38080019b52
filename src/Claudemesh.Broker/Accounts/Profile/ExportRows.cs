using System.Globalization;
using System.Text.Json;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Accounts.Profile;

/// <summary>Rows of a table as an export has them.</summary>
internal static class ExportRows
{
    public const int RowsMax = 10_000;

    /// <summary>A list of objects, a property for each column: a text, base64 of what is bytes, a time where its name ends in <c>At</c>.</summary>
    /// <param name="query">Its only parameter is <c>@account</c>; at most <see cref="RowsMax"/> rows are read.</param>
    public static void WriteRows(this Utf8JsonWriter json, string name, string[] columns, Sql sql, string query, AccountNo account)
    {
        json.WriteStartArray(name);
        foreach (string?[] row in sql.List($"{query} LIMIT {RowsMax}", row => Read(row, columns), ("@account", account.Value)))
        {
            json.WriteStartObject();
            for (int i = 0; i < columns.Length; i++)
            {
                if (row[i] is { } value)
                    json.WriteString(columns[i], value);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string?[] Read(SqlRow row, string[] columns)
    {
        string?[] values = new string?[columns.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            if (row.IsDBNull(i))
                continue;

            values[i] = columns[i].EndsWith("At", StringComparison.Ordinal)
                ? new Instant(row.GetInt64(i)).ToTime().ToString("O", CultureInfo.InvariantCulture)
                : row.GetFieldValue<object>(i) is byte[] bytes ? Convert.ToBase64String(bytes) : Convert.ToString(row.GetFieldValue<object>(i), CultureInfo.InvariantCulture);
        }

        return values;
    }
}
