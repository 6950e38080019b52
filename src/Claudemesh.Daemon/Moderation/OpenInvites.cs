using Claudemesh.Crypto;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using OpenInvite = Claudemesh.Local.OpenInvite;

namespace Claudemesh.Daemon.Moderation;

/// <summary>
/// The invites with which somebody can still come in, and their end. Those of the log are what the log says; the long links of 1.x, which are not in it, the
/// broker is asked for.
/// </summary>
internal sealed class OpenInvites(JoinedWorkspaces workspaces, TimeProvider clock)
{
    public async Task<LocalReply<InviteList>> ListAsync(string? slug, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(slug);
        if (one.Value is not { } workspace)
            return one.Problem!;
        if (await workspace.Keys.ReadOnAsync(workspace.Keys.Mesh, cancellationToken) is { Error: LocalErrors.LogForked } forked)
            return forked;

        LocalReply<InvitesList> list = await workspace.AskAsync<ListInvites, InvitesList>(new ListInvites(), cancellationToken);
        if (list.Value is not { } listed)
            return list.Problem!;

        OpenInvite[] logged = [.. DescribeLogged(workspace)];
        HashSet<string> known = [.. workspace.Keys.Mesh.State.Invites.Keys];
        IEnumerable<OpenInvite> others = listed.Invites.Where(invite => !known.Contains(invite.InviteId.Value)).Select(invite => new OpenInvite(
            workspace.Row.Slug,
            invite.InviteId.Value,
            invite.Role.ToString().ToLowerInvariant(),
            invite.UsesLeft,
            invite.UsesMax,
            invite.CreatedAt,
            invite.ExpiresAt,
            invite.CreatedBy));
        return new InviteList([.. logged.Concat(others).OrderByDescending(invite => invite.CreatedAt)]);
    }

    public async Task<LocalReply<RevokedInvite>> RevokeAsync(string id, string? slug, CancellationToken cancellationToken)
    {
        if (!InviteId.TryParse(id, out InviteId invite))
            return LocalProblem.Of(LocalErrors.InvalidRequest, $"An invite's id is {InviteId.Rule}; `claudemesh invite list` shows them.", 400, ExitCode.BadArguments);

        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(slug);
        if (one.Value is not { } workspace)
            return one.Problem!;
        if (await workspace.Keys.ReadOnAsync(workspace.Keys.Mesh, cancellationToken) is { } unread)
            return unread;

        string[] meant = FindLogged(workspace.Keys.Mesh.State, id);
        if (meant.Length > 1)
            return LocalProblem.Of(LocalErrors.AmbiguousName, $"Several invites begin with {id}; give more of it.", 409, ExitCode.BadArguments);
        if (meant.Length == 1)
            return await RevokeLoggedAsync(workspace, meant[0], cancellationToken);

        LocalReply<InviteEnded> revoked = await workspace.AskAsync<InviteRevoke, InviteEnded>(new InviteRevoke(invite), cancellationToken);
        return revoked.Succeeded ? new RevokedInvite(workspace.Row.Slug, revoked.Value.InviteId.Value) : revoked.Problem;
    }

    /// <summary>Whoever has the link may have opened the root, so a new one begins in the same batch.</summary>
    private static async Task<LocalReply<RevokedInvite>> RevokeLoggedAsync(LiveWorkspace workspace, string id, CancellationToken cancellationToken)
    {
        LocalReply<Membership> ended = await workspace.Keys.RemoveAsync(workspace.Keys.Mesh, new LogBody.Uninvite(id), "invite revoked", cancellationToken);
        return ended.Succeeded ? new RevokedInvite(workspace.Row.Slug, id) : ended.Problem;
    }

    private IEnumerable<OpenInvite> DescribeLogged(LiveWorkspace workspace)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        Membership state = workspace.Keys.Mesh.State;
        foreach (LogRecord record in workspace.Keys.Mesh.ListRecords())
        {
            if (record.Body is LogBody.Invite made && state.Invites[made.InviteId] is { } invite && invite.IsOpenAt(now))
            {
                yield return new OpenInvite(
                    workspace.Row.Slug,
                    made.InviteId,
                    made.Admits.ToString().ToLowerInvariant(),
                    (int)Math.Min(invite.UsesMax - invite.Uses, int.MaxValue),
                    (int)Math.Min(invite.UsesMax, int.MaxValue),
                    DateTimeOffset.FromUnixTimeMilliseconds(record.Text.At),
                    DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(invite.ExpiresAt, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())),
                    workspace.NameOf(record.Author));
            }
        }
    }

    private string[] FindLogged(Membership state, string id)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return state.Invites.ContainsKey(id)
            ? [id]
            : [.. state.Invites.Where(one => one.Value.IsOpenAt(now) && one.Key.StartsWith(id, StringComparison.Ordinal)).Select(one => one.Key)];
    }
}
