using Claudemesh.Crypto;
using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Daemon.Moderation;

/// <summary>Who is a member and with which role: each change is a record that this person signs. What takes the root out of somebody's hands brings a new one.</summary>
internal sealed class MemberChanges(JoinedWorkspaces workspaces)
{
    public async Task<LocalReply<ChangedMember>> AdmitAsync(AdmitMember request, CancellationToken cancellationToken)
    {
        if (request.Role is not ("member" or "admin"))
            return Invalid("role must be member or admin; `claudemesh member role PEER owner` hands a workspace over.");

        LocalReply<Found> found = await FindAsync(request.Peer, request.Workspace, MemberSearch.Newcomers, cancellationToken);
        if (found.Value is not var (workspace, whom))
            return found.Problem!;

        LogRole role = request.Role is "admin" ? LogRole.Admin : LogRole.Member;
        LocalReply<Membership> admitted = await workspace.Keys.ChangeAsync(
            workspace.Keys.Mesh, change => change.Admit(whom.MemberId, whom.Key, role, whom.Kind), cancellationToken);
        return Describe(workspace, whom, admitted);
    }

    public async Task<LocalReply<ChangedMember>> ChangeRoleAsync(ChangeRole request, CancellationToken cancellationToken)
    {
        LogRole? role = request.Role switch
        {
            "member" => LogRole.Member,
            "admin" => LogRole.Admin,
            "owner" => LogRole.Owner,
            _ => null,
        };
        if (role is not { } becomes)
            return Invalid("role must be member, admin or owner.");

        LocalReply<Found> found = await FindAsync(request.Peer, request.Workspace, MemberSearch.Members, cancellationToken);
        if (found.Value is not var (workspace, whom))
            return found.Problem!;

        LocalReply<Membership> changed = await workspace.Keys.ChangeAsync(
            workspace.Keys.Mesh, change => change.Add(new LogBody.Role(whom.Key, becomes)), cancellationToken);
        return Describe(workspace, whom, changed);
    }

    public async Task<LocalReply<ChangedMember>> RemoveAsync(RemoveMember request, CancellationToken cancellationToken)
    {
        if (request.Reason is { Length: > WireLimits.ReasonCharsMax })
            return Invalid($"reason has at most {WireLimits.ReasonCharsMax} characters.");

        // A word that would make a removal a ban is not for the reason of one.
        string reason = request.Reason is null or LogBody.Remove.Banned ? "" : request.Reason;
        LocalReply<Found> found = await FindAsync(request.Peer, request.Workspace, MemberSearch.Members, cancellationToken);
        if (found.Value is not var (workspace, whom))
            return found.Problem!;
        if (whom.Key == workspace.Identity.Public)
            return LocalProblem.Of(LocalErrors.RecipientIsSelf, $"That is yourself: `claudemesh leave {workspace.Row.Slug}` ends your own membership.", 400, ExitCode.BadArguments);

        return Describe(workspace, whom, await workspace.Keys.RemoveAsync(workspace.Keys.Mesh, new LogBody.Remove(whom.Key, reason), "member removed", cancellationToken));
    }

    /// <summary>
    /// As a removal, and the broker keeps the account out too. The record has room for the word of a ban or for a reason, so where there is a reason the broker
    /// is told of the ban first.
    /// </summary>
    public async Task<LocalReply<ChangedMember>> BanAsync(BanMember request, string? slug, CancellationToken cancellationToken)
    {
        LocalReply<Found> found = await FindAsync(request.Peer, slug, MemberSearch.Members, cancellationToken);
        if (found.Value is not var (workspace, whom))
            return found.Problem!;
        if (workspace.Keys.Mesh.State.Members[whom.Key].Role is LogRole.Owner)
            return KeyProblems.Refused(workspace.Row.Slug, LogRefusal.OwnerStays);
        if (request.Reason is { Length: > 0 } reason
            && (await workspace.AskAsync<Ban, BanAck>(new Ban(whom.Key.ToString(), reason), cancellationToken)).Problem is { } refused)
            return refused;

        var removal = new LogBody.Remove(whom.Key, request.Reason is { Length: > 0 } said ? said : LogBody.Remove.Banned);
        return Describe(workspace, whom, await workspace.Keys.RemoveAsync(workspace.Keys.Mesh, removal, "member banned", cancellationToken));
    }

    public async Task<LocalReply<RotatedKeys>> RotateAsync(RotateKeys request, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(request.Workspace);
        if (one.Value is not { } workspace)
            return one.Problem!;

        ScopeKeys mesh = workspace.Keys.Mesh;
        LocalReply<ReadyScope> ready = await workspace.Keys.ReadyToWriteAsync(mesh.Scope, cancellationToken);
        if (!ready.Succeeded)
            return ready.Problem;

        LocalReply<Membership> rotated = await workspace.Keys.RotateAsync(mesh, "asked for", request.History, onlyIfDue: false, cancellationToken);
        return rotated.Value is { } state
            ? new RotatedKeys(workspace.Row.Slug, state.Epoch, state.RecipientsAt(state.Head.At).Length)
            : rotated.Problem!;
    }

    private static LocalProblem Invalid(string detail) => LocalProblem.Of(LocalErrors.InvalidRequest, detail, 400, ExitCode.BadArguments);

    private static LocalReply<ChangedMember> Describe(LiveWorkspace workspace, SoughtMember whom, LocalReply<Membership> changed)
    {
        workspace.ForgetRoster();
        if (changed.Value is not { } state)
            return changed.Problem!;

        string role = state.Members.GetValueOrDefault(whom.Key) is { } member ? member.Role.ToString().ToLowerInvariant() : "none";
        return new ChangedMember(workspace.Row.Slug, whom.Name, whom.Key.ToString(), role, state.Epoch);
    }

    private async Task<LocalReply<Found>> FindAsync(
        string peer, string? slug, Func<LiveWorkspace, Roster, IEnumerable<SoughtMember>> among, CancellationToken cancellationToken)
    {
        if (peer.Length is 0 or > WireLimits.ModerationTargetCharsMax)
            return Invalid($"peer has 1 to {WireLimits.ModerationTargetCharsMax} characters.");

        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(slug);
        if (one.Value is not { } workspace)
            return one.Problem!;
        if (await workspace.Keys.ReadOnAsync(workspace.Keys.Mesh, cancellationToken) is { } unread)
            return unread;
        if (workspace.Keys.Mesh.State.Head.Seq == 0)
            return KeyProblems.NotBegun(workspace.Row.Slug, workspace.Keys.Mesh.Scope);
        if (workspace.Role is not ("owner" or "admin"))
            return KeyProblems.Refused(workspace.Row.Slug, workspace.Keys.IsMember ? LogRefusal.NotAllowed : LogRefusal.NotMember);

        Roster roster = await workspace.GetRosterAsync(fresh: true, cancellationToken);
        LocalReply<SoughtMember> sought = MemberSearch.Find(peer, workspace.Row.Slug, [.. among(workspace, roster)]);
        return sought.Value is { } whom ? new Found(workspace, whom) : sought.Problem!;
    }

    private sealed record Found(LiveWorkspace Workspace, SoughtMember Whom);
}
