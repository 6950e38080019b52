using System.Security.Cryptography;
using Claudemesh.Broker.Messaging.Delivery;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Claudemesh.Broker.Storage;

/// <summary>
/// The broker's one database, a file of SQLite or on a PostgreSQL server: opened, brought to the present shape, written in
/// groups and read in short reads. The stores do not know which it is.
/// </summary>
internal sealed class Database : IDisposable
{
    /// <summary>The log is copied into the file after this many pages of 4 KiB.</summary>
    private const int CheckpointPages = 1_000;

    private readonly IDatabaseReaders readers;

    private Database(IDatabaseWriter writer, IDatabaseReaders readers, TimeProvider clock)
    {
        Writer = writer;
        this.readers = readers;
        Clock = clock;
    }

    public IDatabaseWriter Writer { get; }

    public TimeProvider Clock { get; }

    /// <summary>False while the database takes no writes; for <c>/health/ready</c>.</summary>
    public bool Healthy => Writer.Healthy;

    /// <param name="path">The file; made, for its owner's eyes only, if it is not there.</param>
    /// <exception cref="MigrationException">The file was made by a program with other migrations.</exception>
    public static Database Open(string path, StorageMetrics metrics, TimeProvider clock, ILogger logger)
    {
        SqliteSession? session = null;
        try
        {
            CreateForOwnerOnly(path);
            session = SqliteSession.OpenWriter(path, CheckpointPages);
            Migrations.Apply(session, Migrations.Embedded, Dialect.Sqlite, clock.GetInstant());
            return new Database(new DatabaseWriter(session, metrics, clock, logger), new SqliteReaders(path), clock);
        }
        catch (Exception failure)
        {
            session?.Dispose();
            if (failure is Microsoft.Data.Sqlite.SqliteException or IOException or UnauthorizedAccessException or MigrationException)
                throw SqliteFailure.WhyNotOpened(Path.GetDirectoryName(path)!, failure);

            throw;
        }
    }

    /// <exception cref="DatabaseOpenException">What stands in the way, for the operator.</exception>
    public static Database Open(PostgresAddress address, StorageMetrics metrics, TimeProvider clock, ILogger logger)
    {
        PostgresServer server = new(address);
        try
        {
            using (PostgresSession session = server.OpenFirst())
                Migrations.Apply(session, Migrations.Embedded, Dialect.Postgres, clock.GetInstant());

            return new Database(new PostgresWriter(server, metrics, clock, logger), new PostgresReaders(server), clock);
        }
        catch (Exception failure)
        {
            server.Dispose();
            if (failure is NpgsqlException or MigrationException)
                throw PostgresFailure.WhyNotOpened(address, failure);

            throw;
        }
    }

    /// <summary>Audit chains have grown, and that is durable.</summary>
    public Action<IReadOnlyCollection<MeshNo>>? Audited { get; set; }

    /// <inheritdoc cref="IDatabaseWriter.WriteAsync"/>
    public async Task<T> WriteAsync<T>(Func<WriteScope, T> work, CancellationToken cancellationToken)
    {
        MeshNo[] grown = [];
        T done = await Writer.WriteAsync(
            scope =>
            {
                scope.TakeAudited();
                T result = work(scope);
                grown = scope.TakeAudited();
                return result;
            },
            cancellationToken);
        if (grown.Length > 0)
            Audited?.Invoke(grown);

        return done;
    }

    /// <summary>One short read: plain SQL, each statement sees what is committed when it begins.</summary>
    public ValueTask<T> ReadAsync<T>(Func<Sql, T> read, CancellationToken cancellationToken) =>
        readers.ReadAsync(session => read(session.Sql), cancellationToken);

    /// <summary>The same with prepared statements of the connection, for the message log.</summary>
    public ValueTask<T> ReadAsync<T>(Func<ISqlSession, T> read, CancellationToken cancellationToken) =>
        readers.ReadAsync(read, cancellationToken);

    /// <summary>A secret of the broker, 32 random bytes, made at its first use.</summary>
    public Task<byte[]> GetSecretAsync(string name, CancellationToken cancellationToken) => WriteAsync(
        scope =>
        {
            scope.Sql.Execute(
                "INSERT INTO broker_secret (name, value) VALUES (@name, @value) ON CONFLICT (name) DO NOTHING",
                ("@name", name), ("@value", RandomNumberGenerator.GetBytes(32)));
            return scope.Sql.Find(
                "SELECT value FROM broker_secret WHERE name = @name", static row => row.GetFieldValue<byte[]>(0), ("@name", name))!;
        },
        cancellationToken);

    /// <summary>Writes what was accepted and closes the database; a file has its write-ahead log taken in.</summary>
    public void Dispose()
    {
        readers.Dispose();
        Writer.Dispose();
    }

    // SQLite gives its other files the mode of this one.
    private static void CreateForOwnerOnly(string path)
    {
        if (File.Exists(path))
            return;

        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        new FileStream(path, options).Dispose();
    }
}
