using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Migrating;

/// <summary>
/// <c>claudemesh migrate-identity</c>: takes over the members of a 1.x configuration, and moves them, and members whose random key is older than the login, to the keys
/// that they are to have. One that fails does not keep the others; done again, it goes on where it was.
/// </summary>
internal sealed class IdentityMigration(
    WorkspaceStore rows, JoinedWorkspaces workspaces, MovedStore moved, MemberMove move, MemberTargets targets, LegacyPeek peek) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1, 1);

    /// <summary>Where 1.x keeps its configuration. It is in the folder that this program uses, too, and is only read.</summary>
    public static string DefaultConfig =>
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".claudemesh", LegacyConfig.FileName);

    public async Task<LocalReply<MigrationReport>> RunAsync(MigrateIdentity request, CancellationToken cancellationToken)
    {
        if (request.Action is not (MigrationActions.Plan or MigrationActions.Apply or MigrationActions.Undo or MigrationActions.Confirm))
            return Invalid("action must be plan, apply, undo or confirm.");
        if (request.From is { } named && !Path.IsPathFullyQualified(named))
            return Invalid("from must be an absolute path.");

        await turn.WaitAsync(cancellationToken);
        try
        {
            return request.Action is MigrationActions.Plan or MigrationActions.Apply
                ? await MoveAllAsync(request, cancellationToken)
                : await EndAllAsync(request, cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    private static LocalProblem Invalid(string detail) => LocalProblem.Of(LocalErrors.InvalidRequest, detail, 400, ExitCode.BadArguments);

    private async Task<LocalReply<MigrationReport>> MoveAllAsync(MigrateIdentity request, CancellationToken cancellationToken)
    {
        string path = request.From ?? DefaultConfig;
        LocalReply<IReadOnlyList<LegacyEntry>>? read = LegacyConfig.Read(path);
        if (read is { Problem: { } unreadable })
            return unreadable;
        if (read is null && request.From is not null)
            return LocalProblem.Of(LocalErrors.InvalidRequest, $"There is no {path}.", 404, ExitCode.NotFound);

        bool applies = request.Action is MigrationActions.Apply;
        Dictionary<string, MovedIdentity> marks = moved.List().ToDictionary(one => one.MeshId, StringComparer.Ordinal);
        var unreachable = new Dictionary<string, LocalProblem>(StringComparer.Ordinal);
        var steps = new List<MigrationStep>();
        HashSet<string> done = new(StringComparer.Ordinal);
        foreach (LegacyEntry entry in read?.Value ?? [])
        {
            if (entry.Membership is not { } member)
            {
                if (request.Workspace is null)
                    steps.Add(Fail(entry.Title, "", MigrationProblems.Legacy, MigrationProblems.OfEntry(entry.Title, entry.Fault!)));
                continue;
            }

            done.Add(member.MeshId);
            if (request.Workspace is null || IsNamed(request.Workspace, member))
                steps.Add(await TakeAsync(entry.Title, member, marks.GetValueOrDefault(member.MeshId), path, applies, unreachable, cancellationToken));
        }

        foreach (LiveWorkspace live in workspaces.All.Where(live => !done.Contains(live.Row.MeshId) && (request.Workspace is null || live.Row.Slug == request.Workspace)))
        {
            MovedIdentity? known = marks.GetValueOrDefault(live.Row.MeshId);
            MovedIdentity mark = known ?? new MovedIdentity(live.Row.MeshId, live.Identity.Public, MigrationProblems.Own, MoveStates.Imported);
            if (known is not null || targets.Foresee(live, mark).From is not null)
                steps.Add(await MoveAsync(live, mark, applies, cancellationToken));
        }

        return new MigrationReport(request.Action, path, read is not null, steps);
    }

    /// <summary>One member of the configuration.</summary>
    private async Task<MigrationStep> TakeAsync(
        string title,
        LegacyMembership member,
        MovedIdentity? known,
        string path,
        bool applies,
        Dictionary<string, LocalProblem> unreachable,
        CancellationToken cancellationToken)
    {
        string broker = BrokerHttp.AddressOf(member.Broker);
        MovedIdentity mark = known ?? new MovedIdentity(member.MeshId, member.Key, MigrationProblems.Legacy, MoveStates.Imported);
        if (rows.FindByMesh(member.MeshId) is { } row)
        {
            if (workspaces.FindByNo(row.No) is not { } live)
                return Fail(row.Slug, broker, MigrationProblems.Legacy, Shut(row.Slug));
            return live.Identity.IsOwn(member.Key)
                ? await MoveAsync(live, mark, applies, cancellationToken)
                : Fail(row.Slug, broker, MigrationProblems.Legacy, MigrationProblems.Another(row.Slug, title));
        }

        if (unreachable.TryGetValue(broker, out LocalProblem? down))
            return Fail(member.Slug, broker, MigrationProblems.Legacy, down) with { Key = member.Key.ToString(), MemberId = member.MemberId };

        LocalProblem? problem;
        if (!applies)
        {
            LocalReply<PeekedMember> seen = await peek.LookAsync(member, cancellationToken);
            if (seen.Value is { } peeked)
                return Foresee(member, peeked);
            problem = MigrationProblems.OfBroker(member, seen.Problem!);
        }
        else
        {
            LocalReply<LiveWorkspace> imported = await move.ImportAsync(member, path, cancellationToken);
            if (imported.Value is { } live)
                return await MoveAsync(live, mark, applies, cancellationToken);
            problem = imported.Problem!;
        }

        if (problem.Error is LocalErrors.BrokerUnreachable)
            unreachable[broker] = problem;
        return Fail(member.Slug, broker, MigrationProblems.Legacy, problem) with { Key = member.Key.ToString(), MemberId = member.MemberId };
    }

    private async Task<MigrationStep> MoveAsync(LiveWorkspace live, MovedIdentity mark, bool applies, CancellationToken cancellationToken)
    {
        (string? from, string? key) = targets.Foresee(live, mark);
        if (applies)
            return Describe(live, mark, await move.MoveAsync(live, mark, cancellationToken)) with { NewKeyFrom = from };
        if (from is null)
            return Describe(live, mark, new MoveOutcome(mark.State, mark.State is MoveStates.Moved ? MigrationProblems.TellMoved : "There is nothing to do."));

        string says = from is MemberTargets.FromLogin
            ? "Its key would sign the one that comes of your login, which is the same on every machine of yours."
            : "Its key would sign a new one, kept on this machine. After a `claudemesh login` this verb moves it to that of the login.";
        return Describe(live, mark, new MoveOutcome(MigrationStates.Planned, says)) with { NewKey = key, NewKeyFrom = from };
    }

    private MigrationStep Foresee(LegacyMembership member, PeekedMember peeked)
    {
        (string from, string? key) = targets.Foresee(BrokerHttp.AddressOf(member.Broker), member.MeshId);
        string then = (peeked.HasLog, peeked.InLog, peeked.Role) switch
        {
            (true, true, _) or (false, _, "owner") => from is MemberTargets.FromLogin
                ? "then its key signs the one that comes of your login."
                : "then its key signs a new one, kept on this machine.",
            (true, false, _) => $"then an admin lets it in: claudemesh member admit {PlainText.Line(peeked.DisplayName)}.",
            _ => "then it waits until its owner's daemon has begun the workspace's signed log.",
        };
        return new MigrationStep(
            member.Slug,
            BrokerHttp.AddressOf(member.Broker),
            peeked.DisplayName,
            peeked.MemberId,
            member.Key.ToString(),
            key,
            from,
            MigrationProblems.Legacy,
            MigrationStates.Planned,
            $"It would be taken over with the key that it has, as {peeked.Role}; {then}",
            peeked.Waiting);
    }

    /// <summary>Takes back what was moved, or ends that this can be done. Neither needs the configuration.</summary>
    private async Task<LocalReply<MigrationReport>> EndAllAsync(MigrateIdentity request, CancellationToken cancellationToken)
    {
        var steps = new List<MigrationStep>();
        foreach (MovedIdentity mark in moved.List())
        {
            if (rows.FindByMesh(mark.MeshId) is not { } row || (request.Workspace is not null && row.Slug != request.Workspace))
                continue;

            steps.Add(workspaces.FindByNo(row.No) is { } live
                ? Describe(live, mark, await EndAsync(live, mark, request.Action, cancellationToken))
                : Fail(row.Slug, row.Broker, mark.Origin, Shut(row.Slug)));
        }

        string path = request.From ?? DefaultConfig;
        return new MigrationReport(request.Action, path, File.Exists(path), steps);
    }

    private Task<MoveOutcome> EndAsync(LiveWorkspace live, MovedIdentity mark, string action, CancellationToken cancellationToken) => mark.State switch
    {
        MoveStates.Moved when action is MigrationActions.Undo => move.UndoAsync(live, mark, cancellationToken),
        MoveStates.Moved => move.ConfirmAsync(mark),
        MoveStates.Confirmed when action is MigrationActions.Undo => Task.FromResult(new MoveOutcome(
            MigrationStates.Confirmed, "It was confirmed, so it is not taken back any more.")),
        MoveStates.Confirmed => Task.FromResult(new MoveOutcome(MigrationStates.Confirmed, "It was confirmed before.")),
        _ => Task.FromResult(new MoveOutcome(mark.State, "It has the key that it came with; there is nothing to do.")),
    };

    private MigrationStep Describe(LiveWorkspace live, MovedIdentity mark, MoveOutcome outcome)
    {
        // A change has closed and opened it.
        LiveWorkspace now = workspaces.FindByNo(live.Row.No) ?? live;
        return new MigrationStep(
            now.Row.Slug,
            now.Row.Broker,
            now.Row.DisplayName,
            now.Row.MemberId,
            now.Identity.Public.ToString(),
            null,
            null,
            mark.Origin,
            outcome.State,
            outcome.Says,
            Waiting: null,
            outcome.Problem);
    }

    private static bool IsNamed(string workspace, LegacyMembership member) => string.Equals(workspace, member.Slug, StringComparison.Ordinal);

    private static LocalProblem Shut(string slug) =>
        LocalProblem.Of(LocalErrors.WorkspaceNotFound, $"{slug} is shut while its account is logged out: claudemesh login.", 409, ExitCode.Auth);

    private static MigrationStep Fail(string workspace, string broker, string origin, LocalProblem problem) =>
        new(workspace, broker, null, null, null, null, null, origin, MigrationStates.Failed, problem.Detail, null, problem);
}
