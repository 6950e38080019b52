using Claudemesh.Crypto;
using Claudemesh.Daemon.Brokers;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Daemon.Keys;

/// <summary>
/// Reads a scope's log on to the broker's head and writes it down. Whatever the broker shows is judged by the log's rules, and a broker that was restored
/// from a backup is given back what it lacks.
/// </summary>
/// <param name="changed">Told after something new is on disk, and after a fork.</param>
internal sealed partial class LogReader(
    WorkspaceRow row, KeyScopes scopes, BrokerLink link, KeyStore store, Action<ScopeKeys> changed, ILogger logger)
{
    // A page is up to 1,000 records; a log that moves more often than this while it is read is not waited for.
    private const int RoundsMax = 64;

    /// <summary>The caller has the scope's turn.</summary>
    /// <returns>Why the scope is not known to the broker's head; null when it is.</returns>
    public async Task<LocalProblem?> ReadOnAsync(ScopeKeys scope, CancellationToken cancellationToken)
    {
        for (int round = 0; round < RoundsMax; round++)
        {
            if (scope.Fork is { } fork)
                return KeyProblems.Forked(row.Slug, scope.Scope, fork);

            long moves = scope.Moves;
            long after = scope.State.Head.Seq;
            LocalReply<LogPage> asked = await link.AskAsync<LogRead, LogPage>(new LogRead(scope.Scope, after), cancellationToken);
            if (asked.Value is not { } page)
                return asked.Problem;

            LogReading reading = await TakeAsync(scope, page.Records, cancellationToken);
            if (reading is LogReading.NeedsWorkspace)
            {
                if (await ReadWorkspaceOnAsync(cancellationToken) is { } problem)
                    return problem;
                continue;
            }

            LogDistance distance = scope.Compare(new LogHead(page.Seq, page.Hash, At: 0));
            if (reading is not LogReading.Forked && distance is LogDistance.Same)
            {
                scope.MarkCurrent(moves);
                return null;
            }

            if (await ReconcileAsync(scope, page, distance, gained: scope.State.Head.Seq > after, cancellationToken) is { } refusal)
                return refusal;
        }

        return KeyProblems.Busy(row.Slug, scope.Scope);
    }

    /// <summary>Judges records and writes down what is new, or that they fork the log. The caller has the scope's turn.</summary>
    public async Task<LogReading> TakeAsync(ScopeKeys scope, IReadOnlyList<SignedRecord> records, CancellationToken cancellationToken)
    {
        long head = scope.State.Head.Seq;
        LogReading reading = scope.Read(records, scopes.JudgeOf(scope), out IReadOnlyList<SignedRecord> added);

        // Not cancelled: what is believed in memory is on disk too.
        if (added.Count > 0)
            await store.AddRecordsAsync(row.No, scope.Scope, head + 1, added, CancellationToken.None);
        if (reading is LogReading.Forked && scope.Fork is { } fork)
        {
            await store.SetForkAsync(row.No, scope.Scope, fork.Shown, CancellationToken.None);
            LogForked(row.Slug, scope.Scope, fork.Seq, fork.Refusal);
        }

        if (added.Count > 0 || reading is LogReading.Forked)
            changed(scope);
        return reading;
    }

    private async Task<LocalProblem?> ReconcileAsync(ScopeKeys scope, LogPage page, LogDistance distance, bool gained, CancellationToken cancellationToken)
    {
        switch (distance)
        {
            case LogDistance.OtherIsBehind:
                LogRestoring(row.Slug, scope.Scope, page.Seq, scope.State.Head.Seq);
                return await RestoreAsync(scope, page.Seq, cancellationToken);
            case LogDistance.Differs when page.Seq > 0 && scope.Fork is null:
                return await LookAtAsync(scope, page.Seq, cancellationToken);
            default:
                return gained || scope.Fork is not null ? null : KeyProblems.Withheld(row.Slug, scope.Scope);
        }
    }

    /// <summary>Appends again what the broker lost: the records are good as they stand.</summary>
    private async Task<LocalProblem?> RestoreAsync(ScopeKeys scope, long brokerHead, CancellationToken cancellationToken)
    {
        foreach (SignedRecord[] slice in scope.After(brokerHead).Chunk(LogAppend.RecordsMax))
        {
            LocalReply<LogAppended> appended = await link.AskAsync<LogAppend, LogAppended>(new LogAppend(scope.Scope, slice), cancellationToken);
            if (appended.Problem is { } problem)
                return problem.Error is LocalErrors.LogMoved ? null : problem;
        }

        return null;
    }

    /// <summary>Another record is said to stand at a place that is known: only the record itself proves it.</summary>
    private async Task<LocalProblem?> LookAtAsync(ScopeKeys scope, long seq, CancellationToken cancellationToken)
    {
        LocalReply<LogPage> asked = await link.AskAsync<LogRead, LogPage>(new LogRead(scope.Scope, seq - 1, 1), cancellationToken);
        if (asked.Value is not { } page)
            return asked.Problem;

        return await TakeAsync(scope, page.Records, cancellationToken) is LogReading.Forked ? null : KeyProblems.Withheld(row.Slug, scope.Scope);
    }

    private async Task<LocalProblem?> ReadWorkspaceOnAsync(CancellationToken cancellationToken)
    {
        long before = scopes.Mesh.State.Head.Seq;
        await scopes.Mesh.Turn.WaitAsync(cancellationToken);
        try
        {
            return await ReadOnAsync(scopes.Mesh, cancellationToken)
                ?? (scopes.Mesh.State.Head.Seq > before ? null : KeyProblems.Withheld(row.Slug, scopes.Mesh.Scope));
        }
        finally
        {
            scopes.Mesh.Turn.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Workspace}: the broker shows another log of {Scope} (record {Seq}: {Refusal}); nothing is sent there any more")]
    private partial void LogForked(string workspace, string scope, long seq, LogRefusal refusal);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Workspace}: the broker's log of {Scope} ends at {BrokerSeq} and ours at {Seq}; it is given back what it lacks")]
    private partial void LogRestoring(string workspace, string scope, long brokerSeq, long seq);
}
