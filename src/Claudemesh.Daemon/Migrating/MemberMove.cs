using Claudemesh.Client;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Rekeying;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Migrating;

/// <summary>What became of one member.</summary>
/// <param name="State">One of <see cref="MigrationStates"/>.</param>
internal readonly record struct MoveOutcome(string State, string Says, LocalProblem? Problem = null)
{
    public static MoveOutcome Failed(LocalProblem problem) => new(MigrationStates.Failed, problem.Detail, problem);
}

/// <summary>
/// Does with one member what a plan says, in steps that may be broken off and done again: take it over with the key that it has, have the log know it, then let that
/// key sign the next.
/// </summary>
internal sealed class MemberMove(
    WorkspaceStore rows,
    JoinedWorkspaces workspaces,
    WorkspaceOpening opening,
    MovedStore moved,
    OldKeyStore oldKeys,
    Rekey rekey,
    Inquiry inquiry,
    MemberTargets targets,
    MemberKeys memberKeys,
    TimeProvider clock,
    ILogger<LogBeginning> logger)
{
    /// <summary>Takes over a member of 1.x that is not here yet: the broker is asked first, and nothing is written where it does not know him.</summary>
    public async Task<LocalReply<LiveWorkspace>> ImportAsync(LegacyMembership member, string configFile, CancellationToken cancellationToken)
    {
        using MemberSecretKey key = MemberSecretKey.FromSeed(member.Seed);
        LocalReply<MemberWelcome> welcomed = await inquiry.KnockAsync(member.Broker, member.MeshId, key, ask: null, cancellationToken);
        if (welcomed.Value is not { } welcome)
            return MigrationProblems.OfBroker(member, welcomed.Problem!);
        if (welcome.MeshId.Value != member.MeshId)
            return BrokerProblems.Refused("", "it answered about another workspace.");

        // Not cancelled between: each of these may be the last, and all of them may come again.
        await moved.TakeSeedAsync(member.MeshId, member.Seed, CancellationToken.None);
        await oldKeys.AddSessionsAsync(member.MeshId, LegacySessions.Read(configFile, member.Slug), CancellationToken.None);
        WorkspaceRow row = await rows.AddAsync(NewRow(member, welcome), start: null, CancellationToken.None);
        await moved.PutAsync(new MovedIdentity(member.MeshId, member.Key, MigrationProblems.Legacy, MoveStates.Imported), CancellationToken.None);
        return await opening.OpenAsync(row, CancellationToken.None);
    }

    /// <summary>Lets the member's key sign the one that it is to have.</summary>
    public async Task<MoveOutcome> MoveAsync(LiveWorkspace live, MovedIdentity mark, CancellationToken cancellationToken)
    {
        await rekey.GoOnAsync(live.Row.No, cancellationToken);
        live = workspaces.FindByNo(live.Row.No)!;
        if (mark.State is not (MoveStates.Moved or MoveStates.Confirmed) && live.Identity.Public != mark.FirstKey)
            mark = await MarkAsync(mark, MoveStates.Moved);
        using MemberSecretKey? target = targets.Find(live, mark);
        if (target is null)
            return new MoveOutcome(mark.State, Tell(mark));
        if (await FindHindranceAsync(live, cancellationToken) is { } hindrance)
            return hindrance;

        LocalReply<LiveWorkspace> changed = await rekey.ChangeAsync(live, target, compromised: false, cancellationToken);
        if (changed.Problem is { } problem)
            return MoveOutcome.Failed(problem);

        await memberKeys.AdoptAsync(changed.Value!.Row, CancellationToken.None);

        // What was confirmed once has its way back again: to the key that it had now.
        await MarkAsync(mark.State is MoveStates.Confirmed ? mark with { FirstKey = live.Identity.Public } : mark, MoveStates.Moved);
        return new MoveOutcome(MigrationStates.Moved, MigrationProblems.TellMoved);
    }

    /// <summary>Goes back to the key before, by a second record.</summary>
    public async Task<MoveOutcome> UndoAsync(LiveWorkspace live, MovedIdentity mark, CancellationToken cancellationToken)
    {
        await rekey.GoOnAsync(live.Row.No, cancellationToken);
        live = workspaces.FindByNo(live.Row.No)!;
        if (live.Identity.Public != mark.FirstKey)
        {
            if (live.Identity.Former.Find(mark.FirstKey) is not { } former)
                return MoveOutcome.Failed(MigrationProblems.NoWayBack(live.Row.Slug));

            using MemberSecretKey key = MemberSecretKey.FromSeed(former.Key.Key.ExposeSeed());
            LocalReply<LiveWorkspace> changed = await rekey.ChangeAsync(live, key, compromised: false, cancellationToken);
            if (changed.Problem is { } problem)
                return MoveOutcome.Failed(problem);
        }

        await MarkAsync(mark, MoveStates.Undone);
        return new MoveOutcome(MigrationStates.Undone, mark.Origin is MigrationProblems.Legacy ? MigrationProblems.TellUndone : MigrationProblems.TellBack);
    }

    public async Task<MoveOutcome> ConfirmAsync(MovedIdentity mark)
    {
        await MarkAsync(mark, MoveStates.Confirmed);
        return new MoveOutcome(MigrationStates.Confirmed, mark.Origin is MigrationProblems.Legacy ? MigrationProblems.TellConfirmed : MigrationProblems.TellKept);
    }

    private static string Tell(MovedIdentity mark) => mark.State switch
    {
        MoveStates.Moved => MigrationProblems.TellMoved,
        MoveStates.Confirmed => "It has been moved for good.",
        _ => "It has the key that it is to have.",
    };

    /// <summary>Only a member by the log can sign into it.</summary>
    private async Task<MoveOutcome?> FindHindranceAsync(LiveWorkspace live, CancellationToken cancellationToken)
    {
        ScopeKeys mesh = live.Keys.Mesh;
        if (await live.Keys.ReadOnAsync(mesh, cancellationToken) is { } unread)
            return MoveOutcome.Failed(unread);
        if (mesh.State.Head.Seq == 0)
            await new LogBeginning(live, logger).BeginAsync(cancellationToken);
        if (mesh.State.Head.Seq == 0)
            return new MoveOutcome(MigrationStates.Waiting, MigrationProblems.WaitsForOwner(live.Row.Slug));

        return live.Keys.IsMember ? null : new MoveOutcome(MigrationStates.Waiting, MigrationProblems.WaitsForAdmin(live.Row.Slug, live.Row.DisplayName));
    }

    private async Task<MovedIdentity> MarkAsync(MovedIdentity mark, string state)
    {
        MovedIdentity now = mark with { State = state };
        await moved.PutAsync(now, CancellationToken.None);
        return now;
    }

    private WorkspaceRow NewRow(LegacyMembership member, MemberWelcome welcome) => new(
        0,
        member.MeshId,
        "",
        welcome.Slug.Value,
        welcome.Name,
        BrokerHttp.AddressOf(member.Broker),
        welcome.Role.ToString().ToLowerInvariant(),
        welcome.MemberId.Value,
        member.Key,
        welcome.DisplayName.Value,
        clock.GetUtcNow().ToUnixTimeMilliseconds(),
        "");
}
