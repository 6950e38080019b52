using Claudemesh.Broker.Messaging;

namespace Claudemesh.Broker.Storage;

/// <summary>
/// Takes every write of the broker. Other writes than delivery steps run one after another, so a store may look first and
/// write then.
/// </summary>
internal interface IDatabaseWriter : IDisposable
{
    /// <summary>False from a failed transaction until one succeeds again.</summary>
    bool Healthy { get; }

    /// <summary>Cursor moves that are not in the database yet.</summary>
    CursorMoves Moves { get; }

    /// <summary>Hands a step over and returns at once.</summary>
    void Post(PostedStep posted);

    /// <summary>
    /// Runs <paramref name="work"/> on a writer's thread in a savepoint of a transaction; completes when that is durable. What
    /// the work throws rolls back itself alone and comes out here.
    /// </summary>
    /// <exception cref="DatabaseUnavailableException">The transaction failed as a whole; nothing of it is known to be written.</exception>
    Task<T> WriteAsync<T>(Func<WriteScope, T> work, CancellationToken cancellationToken);
}

/// <summary>The connections that read.</summary>
internal interface IDatabaseReaders : IDisposable
{
    /// <summary>One short read; each statement of it sees what is committed when it begins.</summary>
    /// <exception cref="DatabaseUnavailableException">The database cannot be reached.</exception>
    ValueTask<T> ReadAsync<T>(Func<ISqlSession, T> read, CancellationToken cancellationToken);
}
