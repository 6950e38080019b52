using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Log;

/// <summary>
/// A capability whose rows are a cache of a log. It is asked for each append that the log's rules allow, and writes in its transaction: what the
/// log says and what the rows say is never apart.
/// </summary>
internal interface ILogFollower
{
    /// <summary>Its part in this append, or null when its rows do not depend on it.</summary>
    ILogPart? Follow(LogChange change);
}

/// <summary>One follower's part in one append. The three are called in their order, the last two only after the commit.</summary>
internal interface ILogPart
{
    /// <summary>In the append's transaction, after its records are in. It may be run again after a rollback.</summary>
    /// <returns>Why the append must not be; then nothing of it is written.</returns>
    MeshError? Write(WriteScope write);

    /// <summary>The commit is durable, and the workspace's logs say so: what is in memory follows, before anybody else appends.</summary>
    ValueTask CommittedAsync();

    /// <summary>The author has his answer: connections may be closed, his own too.</summary>
    void Answered();
}

/// <summary>Records that are about to be appended, and what the log says before and after them.</summary>
/// <param name="Packages">For invites among the records.</param>
internal sealed record LogChange(
    Workspace Workspace, Membership Before, Membership After, IReadOnlyList<LogRecord> Records, IReadOnlyList<InvitePackage> Packages, string? JoinerName)
{
    public string Scope => After.Scope;

    /// <summary>Who brings the records; null: who joins by them.</summary>
    public AuditActor? By { get; init; }
}
