using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Claudemesh.Broker.Storage;

/// <summary>One connection to the file, and the statements prepared on it. Used by one thread at a time.</summary>
internal sealed class SqliteSession : ISqlSession
{
    /// <summary>
    /// How long a statement waits for another program that writes: an <c>admin</c> verb, a second broker that starts. On a slow disk a
    /// start writes for seconds.
    /// </summary>
    private const int LockWaitSeconds = 30;

    /// <summary>How often switching to the write-ahead log begins again; each time has waited for a writer to end.</summary>
    private const int SwitchesMax = 100;

    private readonly SqliteConnection connection;
    private readonly Dictionary<string, SqliteStatement> prepared = new(StringComparer.Ordinal);

    private SqliteSession(SqliteConnection connection)
    {
        this.connection = connection;
        Sql = new Sql(connection);
    }

    /// <summary>Plain SQL for the capability stores.</summary>
    public Sql Sql { get; }

    public sqlite3 Handle => connection.Handle!;

    /// <summary>True while no transaction is open; some failures end one by themselves.</summary>
    public bool IsOutsideTransaction => raw.sqlite3_get_autocommit(Handle) != 0;

    /// <param name="path">The file; made if missing.</param>
    /// <param name="checkpointPages">Pages in the write-ahead log that make a commit copy it into the file: small and
    /// often keeps the slowest commit fast (delivery engine, "The writer").</param>
    public static SqliteSession OpenWriter(string path, int checkpointPages) => Open(path, session =>
    {
        session.SwitchToWriteAheadLog();
        session.Execute("PRAGMA synchronous=FULL");
        // 16 MB at most, and only once they are used: 1.x's random client ids touch a page each, and 2 MB hold too few of them.
        session.Execute("PRAGMA cache_size=-16000");
        session.Execute(FormattableString.Invariant($"PRAGMA wal_autocheckpoint={checkpointPages}"));
    });

    public static SqliteSession OpenReader(string path) => Open(path, static session => session.Execute("PRAGMA query_only=1"));

    /// <summary>Runs a text of one or more statements whose rows nobody wants.</summary>
    public void Execute(string sql)
    {
        int result = raw.sqlite3_exec(Handle, sql);
        SqliteFailure.ThrowUnless(result == raw.SQLITE_OK, Handle);
    }

    /// <summary>The statement of this text, prepared at its first use and kept. Nobody else may be reading from it.</summary>
    public SqliteStatement Prepared(string sql)
    {
        if (!prepared.TryGetValue(sql, out SqliteStatement? statement))
            prepared.Add(sql, statement = new SqliteStatement(Handle, sql));

        return statement;
    }

    ISqlStatement ISqlSession.Prepared(string sql) => Prepared(sql);

    public void RollBackIfOpen()
    {
        if (!IsOutsideTransaction)
            Execute("ROLLBACK");
    }

    public void Dispose()
    {
        foreach (SqliteStatement statement in prepared.Values)
            statement.Dispose();

        Sql.Dispose();
        connection.Dispose();
    }

    private static SqliteSession Open(string path, Action<SqliteSession> prepare)
    {
        SqliteConnection opened = new(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = LockWaitSeconds,
        }.ToString());
        SqliteSession? session = null;
        try
        {
            opened.Open();
            session = new SqliteSession(opened);
            session.Execute(FormattableString.Invariant($"PRAGMA busy_timeout={LockWaitSeconds * 1000}"));
            prepare(session);
            return session;
        }
        catch
        {
            if (session is null)
                opened.Dispose();
            else
                session.Dispose();

            throw;
        }
    }

    /// <summary>
    /// The switch needs the file for itself. While somebody else writes to it SQLite refuses at once, whatever the busy time-out says; but it
    /// does wait at the start of a transaction, so that is how to wait here.
    /// </summary>
    private void SwitchToWriteAheadLog()
    {
        for (int attempt = 1; raw.sqlite3_exec(Handle, "PRAGMA journal_mode=WAL") is int result && result != raw.SQLITE_OK; attempt++)
        {
            SqliteFailure.ThrowUnless(result == raw.SQLITE_BUSY && attempt < SwitchesMax, Handle);
            Execute("BEGIN IMMEDIATE");
            Execute("ROLLBACK");
        }
    }
}
