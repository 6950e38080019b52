using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Claudemesh.Broker.Storage;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Tests.Accounts.Disclosure;

/// <summary>Everything that a broker keeps: its files, its tables, and each line of its log, at the lowest level and of every category.</summary>
internal sealed class ServerTraces : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> lines = new();

    public IEnumerable<string> Lines => lines;

    public void Listen(IServiceCollection services) =>
        services.AddSingleton<ILoggerFactory>(this).PostConfigure<LoggerFilterOptions>(options => options.MinLevel = LogLevel.Trace);

    public Trace Logged() => new("the log", Encoding.UTF8.GetBytes(string.Join('\n', lines)), IsText: true);

    /// <summary>
    /// Of the data folder: the database, its write-ahead log, and whatever else is there. While it runs without its lock, which nobody else may open then.
    /// </summary>
    public static IEnumerable<Trace> Files(TestBroker broker, bool runs)
    {
        foreach (string path in Directory.GetFiles(broker.DataFolder, "*", SearchOption.AllDirectories))
        {
            if (runs && Path.GetFileName(path) is "broker.lock")
                continue;

            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using MemoryStream bytes = new();
            file.CopyTo(bytes);
            yield return new Trace($"the file {Path.GetFileName(path)}", bytes.ToArray(), IsText: true);
        }
    }

    /// <summary>Every value of every column of every table, as SQL gives it.</summary>
    public static async Task<List<Trace>> TablesAsync(TestBroker broker, bool isPostgres)
    {
        Database database = broker.Services.GetRequiredService<Database>();
        List<(string Table, string Column)> columns = await database.ReadAsync(
            (Sql sql) => sql.List(
                isPostgres
                    ? "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
                    : "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'",
                static row => (row.GetString(0), row.GetString(1))),
            CancellationToken.None);
        List<Trace> traces = [];
        foreach ((string table, string column) in columns)
        {
            List<byte[]> values = await database.ReadAsync((Sql sql) => sql.List($"SELECT \"{column}\" FROM \"{table}\"", Value), CancellationToken.None);
            traces.Add(new Trace($"the table {table}", [.. values.SelectMany(static value => (byte[])[.. value, (byte)'\n'])], IsText: true));
        }

        return traces;
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        lines.Enqueue(Written(state));
        return null;
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        lines.Enqueue($"{formatter(state, exception)} {Written(state)} {exception}");

    public void Dispose()
    {
    }

    /// <summary>With the values that the sentence does not show and a sink may.</summary>
    private static string Written(object? state) => state is IEnumerable<KeyValuePair<string, object?>> values
        ? string.Join(' ', values.Select(value => $"{value.Key}={value.Value}"))
        : state?.ToString() ?? "";

    private static byte[] Value(SqlRow row) => row.IsDBNull(0) ? [] : row.GetFieldValue<object>(0) switch
    {
        byte[] bytes => bytes,
        string text => Encoding.UTF8.GetBytes(text),
        object other => Encoding.UTF8.GetBytes(Convert.ToString(other, CultureInfo.InvariantCulture)!),
    };
}
