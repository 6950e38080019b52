namespace Claudemesh.Broker.Storage;

/// <summary>One connection to a database, whichever it is, and the statements prepared on it. Used by one thread at a time.</summary>
internal interface ISqlSession : IDisposable
{
    /// <summary>Plain SQL for the capability stores.</summary>
    Sql Sql { get; }

    /// <summary>Runs a text of one or more statements whose rows nobody wants.</summary>
    void Execute(string sql);

    /// <summary>The statement of this text, prepared once and kept. Nobody else may be reading from it.</summary>
    ISqlStatement Prepared(string sql);

    void RollBackIfOpen();
}

/// <summary>
/// A prepared statement of the message log's reads. Parameters are written <c>?1</c> and numbered from 1, columns from 0; a
/// number that is NULL reads as 0.
/// </summary>
internal interface ISqlStatement
{
    ISqlStatement Bind(int parameter, long value);

    ISqlStatement Bind(int parameter, ReadOnlySpan<byte> bytes);

    ISqlStatement Bind(int parameter, string? text);

    /// <summary>Moves to the next row. After the last the statement is ready to be bound again.</summary>
    bool Read();

    /// <summary>Leaves the rows that were not read.</summary>
    void Reset();

    long Int64(int column);

    long? Int64OrNull(int column);

    byte[] Bytes(int column);

    byte[]? BytesOrNull(int column);

    string Text(int column);

    string? TextOrNull(int column);
}
