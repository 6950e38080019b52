using Claudemesh.Broker.Storage;
using Npgsql;

namespace Claudemesh.TestKit;

/// <summary>
/// A place of its own on the PostgreSQL server that <c>./dev</c> started for the tests, gone with the test: a schema, which is made
/// in no time, or a whole database, which can be taken away for a while as if its server were gone.
/// </summary>
public sealed class TestPostgres : IDisposable
{
    /// <summary>Where the server is, as one who may make databases.</summary>
    private const string ServerVariable = "CLAUDEMESH_TEST_POSTGRES";

    /// <summary><c>postgres</c>: brokers of tests that do not say which keep their data there, too.</summary>
    private const string EverywhereVariable = "CLAUDEMESH_TEST_DATABASE";

    private readonly string name = "test_" + Guid.NewGuid().ToString("N");
    private readonly bool isDatabase;

    private TestPostgres(bool isDatabase)
    {
        this.isDatabase = isDatabase;
        OnServer(isDatabase ? $"CREATE DATABASE {name}" : $"CREATE SCHEMA {name}");
        Address = PostgresAddress.Parse(Url);
    }

    public static bool IsThere => ServerUrl is not null;

    /// <summary>Whether every test that does not say which database it wants is to run on PostgreSQL.</summary>
    public static bool IsEverywhere =>
        string.Equals(Environment.GetEnvironmentVariable(EverywhereVariable), "postgres", StringComparison.Ordinal);

    public PostgresAddress Address { get; }

    /// <summary>With the password.</summary>
    public string Url => isDatabase
        ? new UriBuilder(ServerUrl!) { Path = "/" + name }.Uri.AbsoluteUri
        : $"{ServerUrl}&search_path={name}";

    private static string? ServerUrl => Environment.GetEnvironmentVariable(ServerVariable) is { Length: > 0 } url ? url : null;

    public static TestPostgres CreateSchema() => new(isDatabase: false);

    public static TestPostgres CreateDatabase() => new(isDatabase: true);

    /// <summary>Ends every connection to the database, as an administrator does.</summary>
    public void EndConnections() =>
        OnServer($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");

    /// <summary>Nobody gets in until <see cref="Return"/>.</summary>
    public void GoAway()
    {
        OnServer($"ALTER DATABASE {name} ALLOW_CONNECTIONS false");
        EndConnections();
    }

    public void Return() => OnServer($"ALTER DATABASE {name} ALLOW_CONNECTIONS true");

    /// <summary>On the database itself, beside whoever uses it.</summary>
    public void Execute(string sql) => Execute(Address, sql);

    /// <summary>Every row of every table as the server writes it: texts as they are, bytes in hexadecimal.</summary>
    public string ReadAll()
    {
        using NpgsqlConnection connection = new(Address.ConnectionString);
        connection.Open();
        List<string> tables = ReadTexts(connection, $"SELECT table_name FROM information_schema.tables WHERE table_schema = '{(isDatabase ? "public" : name)}'");
        return string.Join('\n', tables.SelectMany(table => ReadTexts(connection, $"SELECT row::text FROM \"{table}\" AS row")));
    }

    public void Dispose() => OnServer(isDatabase ? $"DROP DATABASE {name} WITH (FORCE)" : $"DROP SCHEMA {name} CASCADE");

    /// <summary>On the server, as one who may do everything.</summary>
    public static void OnServer(string sql) => Execute(
        PostgresAddress.Parse(ServerUrl ?? throw new InvalidOperationException($"{ServerVariable} does not say where the server is; ./dev test starts one.")),
        sql);

    private static List<string> ReadTexts(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // Texts of tests.
        using NpgsqlCommand command = new(sql, connection);
#pragma warning restore CA2100
        using NpgsqlDataReader rows = command.ExecuteReader();
        List<string> texts = [];
        while (rows.Read())
            texts.Add(rows.GetString(0));
        return texts;
    }

    private static void Execute(PostgresAddress address, string sql)
    {
        using NpgsqlConnection connection = new(address.ConnectionString);
        connection.Open();
#pragma warning disable CA2100 // Texts of tests.
        using NpgsqlCommand command = new(sql, connection);
#pragma warning restore CA2100
        // Making a database takes a busy disk a while.
        command.CommandTimeout = (int)TestSocket.Patience.TotalSeconds;
        command.ExecuteNonQuery();
    }
}
