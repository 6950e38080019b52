using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Broker.Log;

/// <summary>What is to be appended to one scope, all or none.</summary>
/// <param name="JoinerName">What a joiner calls himself; null: as he says in his hello.</param>
internal sealed record LogBatch(
    string Scope, SignedRecord[] Records, EpochCopy[]? Copies = null, InvitePackage[]? Packages = null, string? JoinerName = null)
{
    /// <summary>Who brings the records; null: who joins by them.</summary>
    public AuditActor? By { get; init; }
}

/// <summary>Where the log ends now; or why nothing was appended.</summary>
/// <param name="Answered">To be called once the author has his answer, such as <see cref="Sockets.Reply{T}.Last"/> does.</param>
internal readonly record struct LogOutcome(LogHead Head, MeshError? Refusal, Action Answered)
{
    public static LogOutcome Refused(MeshError why) => new(default, why, static () => { });
}

/// <summary>
/// Appends to the logs: judges the records by the rules that clients judge them by, and writes them, their copies and whatever follows from
/// them in one transaction. Compare-and-set: what does not extend the head is refused, nothing is merged.
/// </summary>
internal sealed class LogAppends(Database database, IEnumerable<ILogFollower> followers, TimeProvider clock)
{
    private readonly ILogFollower[] followers = [.. followers];

    /// <param name="first">
    /// Written in the same transaction, before the records: a capability that makes what the log is of, such as a private topic, does it here.
    /// What it returns is refused, and nothing is written then.
    /// </param>
    public async Task<LogOutcome> AppendAsync(
        Workspace workspace, LogBatch batch, Func<WriteScope, MeshError?>? first, CancellationToken cancellationToken)
    {
        if (BatchRules.CheckSize(batch) is { } tooLarge)
            return LogOutcome.Refused(tooLarge);
        if (workspace.IsArchived && batch.Records.Any(static record => Opens(record)))
            return LogOutcome.Refused(MeshError.WorkspaceArchived);

        using ScopeLogs.Turn turn = await workspace.Logs.EnterAsync(cancellationToken);
        ScopeState state = await workspace.Logs.GetInTurnAsync(batch.Scope, cancellationToken);
        (Membership? after, MeshError? refusal) = BatchRules.Judge(state.Log, workspace.Logs.Mesh.Log, batch, clock);
        if (after is null)
            return LogOutcome.Refused(refusal!);

        LogChange change = new(
            workspace, state.Log, after, [.. batch.Records.Select(LogRecord.ReadKept)], batch.Packages ?? [], batch.JoinerName) { By = batch.By };
        ILogPart[] parts = [.. followers.Select(follower => follower.Follow(change)).OfType<ILogPart>()];
        refusal = await WriteAsync(change, batch.Copies ?? [], parts, first, cancellationToken);
        if (refusal is not null)
        {
            // Another broker on this database, or a commit that was not known to be one, has moved the log.
            if (refusal.Code == MeshError.LogMoved.Code)
                await workspace.Logs.ReloadAsync(batch.Scope, cancellationToken);
            return LogOutcome.Refused(refusal);
        }

        workspace.Logs.Put(after, change.Records);
        foreach (ILogPart part in parts)
            await part.CommittedAsync();

        LogNews.HeadMoved(workspace, after);
        return new LogOutcome(after.Head, Refusal: null, () => Array.ForEach(parts, static part => part.Answered()));
    }

    /// <summary>Lets somebody in, or changes what may be written: not in an archived workspace. Removals, keys and a new owner are.</summary>
    private static bool Opens(SignedRecord record) => LogRecordText.TryParse(record.Record, out LogRecordText text)
        && text.Type is LogBody.Genesis.Name or LogBody.Invite.Name or LogBody.Join.Name or LogBody.Admit.Name or LogBody.Policy.Name;

    private async Task<MeshError?> WriteAsync(
        LogChange change, EpochCopy[] copies, ILogPart[] parts, Func<WriteScope, MeshError?>? first, CancellationToken cancellationToken)
    {
        try
        {
            return await database.WriteAsync(
                write =>
                {
                    Must(first?.Invoke(write));
                    Must(LogStore.TryAppend(write, change.Workspace.Row.No, change.Scope, change.Records) ? null : MeshError.LogMoved);
                    CopyStore.Put(write, change.Workspace.Row.No, change.Scope, copies, author: null);
                    foreach (ILogPart part in parts)
                        Must(part.Write(write));
                    return (MeshError?)null;
                },
                cancellationToken);
        }
        catch (AppendRefusedException refused)
        {
            return refused.Why;
        }
    }

    /// <summary>Only what is thrown takes back what the transaction has of this write.</summary>
    private static void Must(MeshError? refusal)
    {
        if (refusal is not null)
            throw new AppendRefusedException(refusal);
    }

    private sealed class AppendRefusedException(MeshError why) : Exception(why.Message)
    {
        public MeshError Why => why;
    }
}
