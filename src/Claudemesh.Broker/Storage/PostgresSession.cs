using Npgsql;

namespace Claudemesh.Broker.Storage;

/// <summary>One connection to a PostgreSQL server. The server prepares a text when it comes a second time.</summary>
internal sealed class PostgresSession : ISqlSession
{
    private readonly NpgsqlConnection connection;
    private readonly Dictionary<string, PostgresStatement> prepared = new(StringComparer.Ordinal);

    public PostgresSession(NpgsqlConnection connection)
    {
        this.connection = connection;
        Sql = new Sql(connection);
        ServerVersion = connection.PostgreSqlVersion;
    }

    public Sql Sql { get; }

    public Version ServerVersion { get; }

    public void Execute(string sql)
    {
#pragma warning disable CA2100 // Texts are constants of ours and embedded migrations.
        using NpgsqlCommand command = new(sql, connection);
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    public PostgresStatement Prepared(string sql)
    {
        if (!prepared.TryGetValue(sql, out PostgresStatement? statement))
            prepared.Add(sql, statement = new PostgresStatement(connection, sql));

        return statement;
    }

    ISqlStatement ISqlSession.Prepared(string sql) => Prepared(sql);

    /// <summary>Statements that are sent together and, outside a transaction, happen all or not at all.</summary>
    public NpgsqlBatch NewBatch() => connection.CreateBatch();

    public void RollBackIfOpen()
    {
        // Outside a transaction it is a warning of the server's, nothing more.
        if (connection.FullState.HasFlag(System.Data.ConnectionState.Open))
            Execute("ROLLBACK");
    }

    public void Dispose()
    {
        foreach (PostgresStatement statement in prepared.Values)
            statement.Dispose();

        Sql.Dispose();
        connection.Dispose();
    }
}
