using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using AffectedPeer = Claudemesh.Local.AffectedPeer;

namespace Claudemesh.Daemon.Moderation;

/// <summary>
/// What those who run a workspace ask its broker. Whom a name means and who may do what is the broker's to say, so that it says the same to everybody; but
/// a ban, and its end, are records of the log where there is one.
/// </summary>
internal sealed class WorkspaceModeration(JoinedWorkspaces workspaces, MemberChanges changes)
{
    private const long StaleMillisecondsMax = 366L * 24 * 3600 * 1000;

    public async Task<LocalReply<TakenOff>> KickAsync(TakeOff request, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace> one = Find(request);
        if (one.Value is not { } workspace)
            return one.Problem!;

        LocalReply<KickAck> ack = await workspace.AskAsync<Kick, KickAck>(
            new Kick(request.All ? true : null, Milliseconds(request), request.Peer), cancellationToken);
        return ack.Succeeded ? Describe(workspace, ack.Value.Affected, ack.Value.Peers, ack.Value.SkippedControlPlane) : ack.Problem;
    }

    public async Task<LocalReply<TakenOff>> DisconnectAsync(TakeOff request, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace> one = Find(request);
        if (one.Value is not { } workspace)
            return one.Problem!;

        LocalReply<DisconnectAck> ack = await workspace.AskAsync<Disconnect, DisconnectAck>(
            new Disconnect(request.All ? true : null, Milliseconds(request), request.Peer), cancellationToken);
        return ack.Succeeded ? Describe(workspace, ack.Value.Affected, ack.Value.Peers, skipped: null) : ack.Problem;
    }

    public async Task<LocalReply<BannedMember>> BanAsync(BanMember request, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(request.Workspace);
        if (one.Value is not { } workspace)
            return one.Problem!;
        if (request.Reason is { Length: > WireLimits.ReasonCharsMax })
            return Invalid($"reason has at most {WireLimits.ReasonCharsMax} characters.");
        if (FindFault(request.Peer) is { } fault)
            return Invalid(fault);

        if (workspace.Keys.Mesh.State.Head.Seq > 0)
            return Describe(await changes.BanAsync(request, workspace.Row.Slug, cancellationToken));

        LocalReply<BanAck> ack = await workspace.AskAsync<Ban, BanAck>(new Ban(request.Peer, request.Reason), cancellationToken);
        workspace.ForgetRoster();
        return ack.Succeeded ? new BannedMember(workspace.Row.Slug, ack.Value.Banned, ack.Value.Pubkey?.ToString() ?? "") : ack.Problem;
    }

    public async Task<LocalReply<BannedMember>> UnbanAsync(string peer, string? slug, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(slug);
        if (one.Value is not { } workspace)
            return one.Problem!;
        if (FindFault(peer) is { } fault)
            return Invalid(fault);

        if (workspace.Keys.Mesh.State.Head.Seq > 0)
            return Describe(await changes.AdmitAsync(new AdmitMember(peer, Workspace: workspace.Row.Slug), cancellationToken));

        LocalReply<UnbanAck> ack = await workspace.AskAsync<Unban, UnbanAck>(new Unban(peer), cancellationToken);
        workspace.ForgetRoster();
        return ack.Succeeded ? new BannedMember(workspace.Row.Slug, ack.Value.Unbanned, ack.Value.Pubkey?.ToString() ?? "") : ack.Problem;
    }

    public async Task<LocalReply<BanList>> ListBansAsync(string? slug, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(slug);
        if (one.Value is not { } workspace)
            return one.Problem!;

        LocalReply<ListBansResult> list = await workspace.AskAsync<ListBans, ListBansResult>(new ListBans(), cancellationToken);
        return list.Succeeded
            ? new BanList([.. list.Value.Bans.Select(ban => new MemberBan(workspace.Row.Slug, ban.Name, ban.Pubkey.ToString(), ban.RevokedAt))])
            : list.Problem;
    }

    private static LocalProblem Invalid(string detail) => LocalProblem.Of(LocalErrors.InvalidRequest, detail, 400, ExitCode.BadArguments);

    private static string? FindFault(string peer) => peer.Length is > 0 and <= WireLimits.ModerationTargetCharsMax
        ? null
        : $"peer has 1 to {WireLimits.ModerationTargetCharsMax} characters.";

    private static LocalReply<BannedMember> Describe(LocalReply<ChangedMember> changed) =>
        changed.Value is { } member ? new BannedMember(member.Workspace, member.Name, member.Key) : changed.Problem!;

    private static long? Milliseconds(TakeOff request) => request.StaleSeconds * 1000;

    private static TakenOff Describe(LiveWorkspace workspace, string[] names, Protocol.AffectedPeer[]? peers, string[]? skipped) => new(
        workspace.Row.Slug,
        peers is null
            ? [.. names.Select(name => new AffectedPeer(name, "", ""))]
            : [.. peers.Select(peer => new AffectedPeer(peer.DisplayName, peer.Pubkey.ToString(), peer.MemberPubkey.ToString()))],
        skipped ?? []);

    private LocalReply<LiveWorkspace> Find(TakeOff request)
    {
        int given = (request.Peer is null ? 0 : 1) + (request.All ? 1 : 0) + (request.StaleSeconds is null ? 0 : 1);
        if (given != 1)
            return Invalid("Exactly one of peer, all and stale_seconds says whose connection is ended.");
        if (request.Peer is { } peer && FindFault(peer) is { } fault)
            return Invalid(fault);
        if (request.StaleSeconds is < 1 or > StaleMillisecondsMax / 1000)
            return Invalid("stale_seconds is a second to a year.");

        return workspaces.RequirePresent(request.Workspace);
    }
}
