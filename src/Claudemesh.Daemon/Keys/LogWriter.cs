using Claudemesh.Crypto;
using Claudemesh.Daemon.Brokers;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Keys;

/// <summary>Appends to a scope's log. Who was quicker is read first and the change drafted anew, so a change is always of what the log says now.</summary>
internal sealed class LogWriter(
    WorkspaceRow row, MemberIdentity identity, KeyScopes scopes, BrokerLink link, KeyStore store, LogReader reader, CopyKeeper copies, TimeProvider clock)
{
    private const int AttemptsMax = 16;
    private const int CopiesMax = 1000;

    /// <summary>Drafts on what the log says now and appends, or says why not.</summary>
    /// <param name="draft">Called again when somebody else was quicker. Without a record nothing is appended, and that is no problem.</param>
    /// <returns>What the log says then.</returns>
    public Task<LocalReply<Membership>> AppendAsync(ScopeKeys scope, Func<LogChange, LocalProblem?> draft, CancellationToken cancellationToken) =>
        AppendAsync(scope, identity.Key, draft, cancellationToken);

    /// <param name="author">Another key of this member, in a scope that knows him by that.</param>
    public async Task<LocalReply<Membership>> AppendAsync(
        ScopeKeys scope, MemberSecretKey author, Func<LogChange, LocalProblem?> draft, CancellationToken cancellationToken)
    {
        await scope.Turn.WaitAsync(cancellationToken);
        try
        {
            for (int attempt = 0; attempt < AttemptsMax; attempt++)
            {
                if (await reader.ReadOnAsync(scope, cancellationToken) is { } unread)
                    return unread;

                // Whoever was quicker may have rotated: what follows is sealed under his root.
                bool lacksRoot = scope.State.Epoch > 0 && scope.State.Members.ContainsKey(identity.Public) && scope.FindRoot() is null;
                if (lacksRoot && await copies.FetchAsync(scope, cancellationToken) is { } unasked)
                    return unasked;

                using var change = new LogChange(
                    new LogDraft(scope.State, author, clock.GetUtcNow().ToUnixTimeMilliseconds(), scopes.JudgeOf(scope)), scope.FindRoot());
                if (draft(change) is { } problem)
                    return problem;
                if (change.Draft.Records.Count == 0)
                    return scope.State;
                if (await SendAsync(scope, change, cancellationToken) is not { } refusal)
                    return scope.State;
                if (refusal.Error is not LocalErrors.LogMoved)
                    return refusal;

                scope.MarkMoved();
            }

            return KeyProblems.Busy(row.Slug, scope.Scope);
        }
        finally
        {
            scope.Turn.Release();
        }
    }

    /// <summary>Keeps what was appended in another request, such as the one that makes a workspace or a topic.</summary>
    public async Task KeepAsync(ScopeKeys scope, LogChange change)
    {
        await reader.TakeAsync(scope, [.. change.Draft.Records.Select(record => record.Signed)], CancellationToken.None);
        if (change.TakeFresh() is not { } fresh)
            return;

        byte[] own = Rotation.SealCopy(fresh, identity.Public).Copy;
        long epoch = fresh.Epoch;
        if (scope.Open((state, roots) => roots.TryAdd(state, fresh)))
            await store.AddCopyAsync(row.No, scope.Scope, epoch, own, CancellationToken.None);
    }

    private async Task<LocalProblem?> SendAsync(ScopeKeys scope, LogChange change, CancellationToken cancellationToken)
    {
        EpochCopy[][] slices = [.. change.Copies.Chunk(CopiesMax)];
        var append = new LogAppend(
            scope.Scope,
            [.. change.Draft.Records.Select(record => record.Signed)],
            slices.Length == 0 ? null : slices[0],
            change.Packages.Count == 0 ? null : [.. change.Packages]);
        LocalReply<LogAppended> appended = await link.AskAsync<LogAppend, LogAppended>(append, cancellationToken);
        if (appended.Problem is { } problem)
            return problem;

        await KeepAsync(scope, change);

        // What is not sent any more, because the connection is lost, any holder of the root finishes.
        foreach (EpochCopy[] rest in slices.Skip(1))
        {
            if (!(await link.AskAsync<CopiesPut, CopiesStored>(new CopiesPut(scope.Scope, rest), cancellationToken)).Succeeded)
                break;
        }

        return null;
    }
}
