using Npgsql;

namespace Claudemesh.Broker.Storage;

/// <summary>
/// A PostgreSQL server, to open sessions on. Each thread that uses the database keeps one session for itself until it breaks, so
/// there is no pool.
/// </summary>
internal sealed class PostgresServer : IDisposable
{
    /// <summary>The oldest that its makers still look after.</summary>
    public static readonly Version Oldest = new(14, 0);

    private readonly NpgsqlDataSource source;

    public PostgresServer(PostgresAddress address)
    {
        Address = address;
        NpgsqlSlimDataSourceBuilder builder = new(address.ConnectionString);
        builder.EnableArrays();
        builder.EnableTransportSecurity();
        source = builder.Build();
    }

    public PostgresAddress Address { get; }

    /// <exception cref="NpgsqlException">The server cannot be reached, or does not let us in.</exception>
    public PostgresSession Open()
    {
        NpgsqlConnection connection = source.OpenConnection();
        try
        {
            PostgresSession session = new(connection);
            // Whatever the server's default is: what is acknowledged has been synced.
            session.Execute("SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'");
            return session;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <exception cref="DatabaseOpenException">What stands in the way, for the operator.</exception>
    public PostgresSession OpenFirst()
    {
        PostgresSession session;
        try
        {
            session = Open();
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException or IOException)
        {
            throw PostgresFailure.WhyNotOpened(Address, failure);
        }

        if (session.ServerVersion >= Oldest)
            return session;

        session.Dispose();
        throw new DatabaseOpenException(
            DatabaseFault.Unfit,
            $"The database server {Address.Server} is PostgreSQL {session.ServerVersion}; the broker needs {Oldest.Major} or later.");
    }

    public void Dispose() => source.Dispose();
}
