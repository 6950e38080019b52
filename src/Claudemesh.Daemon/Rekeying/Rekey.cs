using Claudemesh.Crypto;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Rekeying;

/// <summary>
/// Changes a member's key in one workspace. The new seed is on disk before the record that names its key is sent, and the key before is kept for what is still on
/// its way to it. Whether a change that was broken off took place the log alone says: a start finds that out, and goes on from there.
/// </summary>
internal sealed partial class Rekey(
    OldKeyStore store, JoinedWorkspaces workspaces, WorkspaceOpening opening, Inquiry inquiry, IDerivedSeeds derived, TimeProvider clock, ILogger<Rekey> logger) : IDisposable
{
    // A broker that could not be asked is asked again at this pace.
    private static readonly TimeSpan AskAgainMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AskAgainMax = TimeSpan.FromMinutes(1);

    // One at a time: a change closes its workspace and opens it again.
    private readonly SemaphoreSlim turn = new(1, 1);

    /// <summary>The member goes on under <paramref name="newKey"/>, by the signature of the key it has. Doing it again is harmless.</summary>
    /// <param name="newKey">Stays the caller's.</param>
    /// <param name="compromised">The key before may be in other hands: a new root follows.</param>
    /// <returns>The workspace under its new key, opened; or why not. After a lost connection the change goes on by itself.</returns>
    public async Task<LocalReply<LiveWorkspace>> ChangeAsync(
        LiveWorkspace workspace, MemberSecretKey newKey, bool compromised, CancellationToken cancellationToken)
    {
        using IDisposable one = await EnterAsync(cancellationToken);
        if (workspaces.FindByNo(workspace.Row.No) is not { } live)
            return NotHere(workspace.Row.Slug);

        // What was begun earlier is ended first: its seed may be the member's by now.
        if (store.FindBegun(live.Row.MeshId) is { } before)
        {
            LocalReply<LiveWorkspace> ended = await GoOnAsync(live, before, cancellationToken);
            if (ended.Value is not { } after)
                return ended;
            live = after;
        }

        if (live.Identity.Public == newKey.Public)
            return live;
        if (await CheckAsync(live, cancellationToken) is { } problem)
            return problem;

        var change = new BegunChange(newKey.Key.ExposeSeed().ToArray(), compromised);
        await store.BeginAsync(live.Row.MeshId, change, cancellationToken);
        return await GoOnAsync(live, change, cancellationToken);
    }

    /// <summary>Ends a change that was begun before, on a connection under the key before. Nothing to do where there is none.</summary>
    public async Task GoOnAsync(long workspaceNo, CancellationToken cancellationToken)
    {
        using IDisposable one = await EnterAsync(cancellationToken);
        if (workspaces.FindByNo(workspaceNo) is { } live && store.FindBegun(live.Row.MeshId) is { } begun)
            await GoOnAsync(live, begun, cancellationToken);
    }

    /// <summary>
    /// The broker does not know this member's key: perhaps the record of a change was appended whose answer never came, or another device of this person has changed it.
    /// Of the keys that this daemon could have, the one that the log names is taken.
    /// </summary>
    /// <returns>Whether it is to be asked again: the broker could not be, so nothing is known.</returns>
    public async Task<bool> FindCurrentAsync(long workspaceNo, CancellationToken cancellationToken)
    {
        using IDisposable one = await EnterAsync(cancellationToken);
        if (workspaces.FindByNo(workspaceNo) is not { } live || live.IsTold)
            return false;

        bool asksAgain = false;
        foreach (byte[] seed in ListCandidates(live.Row))
        {
            using MemberSecretKey candidate = MemberSecretKey.FromSeed(seed);
            if (candidate.Public == live.Identity.Public)
                continue;

            (bool isCurrent, LocalProblem? unanswered) = await inquiry.AskAsync(live.Row, candidate, cancellationToken);
            if (isCurrent)
            {
                await SwitchAsync(live, seed, candidate.Public);
                return false;
            }

            if (unanswered is null)
                continue;
            LogUnanswered(live.Row.Slug, unanswered.Error);
            asksAgain = true;
        }

        return asksAgain;
    }

    /// <summary>As <see cref="FindCurrentAsync"/>, until the broker has answered: nothing else tries this workspace again.</summary>
    public async Task KeepLookingAsync(long workspaceNo, CancellationToken cancellationToken)
    {
        TimeSpan pace = AskAgainMin;
        while (await FindCurrentAsync(workspaceNo, cancellationToken))
        {
            await Task.Delay(pace, clock, cancellationToken);
            pace = TimeSpan.FromTicks(Math.Min(AskAgainMax.Ticks, pace.Ticks * 2));
        }
    }

    public void Dispose() => turn.Dispose();

    private static async Task<LocalProblem?> CheckAsync(LiveWorkspace live, CancellationToken cancellationToken)
    {
        ScopeKeys mesh = live.Keys.Mesh;
        if (await live.Keys.ReadOnAsync(mesh, cancellationToken) is { } unread)
            return unread;
        if (mesh.State.Head.Seq == 0)
            return KeyProblems.NotBegun(live.Row.Slug, mesh.Scope);

        return live.Keys.IsMember ? null : KeyProblems.Waiting(live.Row.Slug);
    }

    private async Task<LocalReply<LiveWorkspace>> GoOnAsync(LiveWorkspace live, BegunChange begun, CancellationToken cancellationToken)
    {
        using MemberSecretKey key = MemberSecretKey.FromSeed(begun.Seed);
        LocalReply<Membership> appended = await live.Keys.ChangeAsync(
            live.Keys.Mesh, change => change.Draft.AddKeyChange(key, begun.Compromised), cancellationToken);
        if (appended.Problem is { } problem)
        {
            LogNotAppended(live.Row.Slug, problem.Error);
            if (IsForGood(problem))
            {
                await store.AbandonAsync(live.Row.MeshId, CancellationToken.None);
                return problem;
            }

            // The answer may have been lost with the connection, which the broker ends because of the record itself.
            if (!(await inquiry.AskAsync(live.Row, key, cancellationToken)).IsCurrent)
                return problem;
        }

        return await SwitchAsync(live, begun.Seed, key.Public);
    }

    /// <summary>Not cancelled: the log says so already.</summary>
    private async Task<LiveWorkspace> SwitchAsync(LiveWorkspace live, byte[] seed, PublicKey key)
    {
        byte[][] sessions =
        [
            .. live.Sessions.Known.Concat(store.ListSessions(live.Row.No)).Distinct(StringComparer.Ordinal).Select(id => live.Identity.GetSession(id).Key.Key.ExposeSeed().ToArray()),
        ];
        await store.SwitchAsync(live.Row, live.Identity.Key.Key.ExposeSeed().ToArray(), seed, key, sessions, CancellationToken.None);
        await opening.CloseAsync(live, CancellationToken.None);
        LiveWorkspace again = await opening.OpenAsync(live.Row with { MemberKey = key }, CancellationToken.None);
        LogSwitched(again.Row.Slug, live.Row.MemberKey, key);
        return again;
    }

    /// <summary>What was begun, what the login says, and what this member had before, the newest first: a change may have been taken back elsewhere.</summary>
    private List<byte[]> ListCandidates(WorkspaceRow row)
    {
        List<byte[]> seeds = [];
        if (store.FindBegun(row.MeshId) is { } begun)
            seeds.Add(begun.Seed);
        if (derived.TryDeriveSeed(row.Broker, row.MeshId, out SecretBytes? fromLogin))
        {
            using (fromLogin)
                seeds.Add(fromLogin.Expose().ToArray());
        }

        seeds.AddRange(store.List(row.MeshId).Where(old => !old.IsSession).Take(8).Select(old => old.Seed));
        return seeds;
    }

    /// <summary>The rules refuse the record as it stands, so it is nowhere; after anything else it may be there.</summary>
    private static bool IsForGood(LocalProblem problem) => !problem.Retryable
        && problem.Error is not (LocalErrors.BrokerUnreachable or LocalErrors.BrokerRefused or LocalErrors.LogForked or LocalErrors.Kicked or LocalErrors.Removed);

    private static LocalProblem NotHere(string slug) =>
        LocalProblem.Of(LocalErrors.WorkspaceNotFound, $"There is no workspace {slug} here any more.", 404, ExitCode.NotFound);

    private async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        return new Turn(turn);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Workspace}: this member goes on under the key {New} instead of {Old}")]
    private partial void LogSwitched(string workspace, PublicKey old, PublicKey @new);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Workspace}: the change of this member's key is not in its log: {Reason}")]
    private partial void LogNotAppended(string workspace, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Workspace}: which key this member has now could not be asked: {Reason}")]
    private partial void LogUnanswered(string workspace, string reason);

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
