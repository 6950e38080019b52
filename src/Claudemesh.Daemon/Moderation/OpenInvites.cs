using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using OpenInvite = Claudemesh.Local.OpenInvite;

namespace Claudemesh.Daemon.Moderation;

/// <summary>The invites with which somebody can still come in, and their end.</summary>
internal sealed class OpenInvites(JoinedWorkspaces workspaces)
{
    public async Task<LocalReply<InviteList>> ListAsync(string? slug, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(slug);
        if (one.Value is not { } workspace)
            return one.Problem!;

        LocalReply<InvitesList> list = await workspace.AskAsync<ListInvites, InvitesList>(new ListInvites(), cancellationToken);
        return list.Succeeded
            ? new InviteList([.. list.Value.Invites.Select(invite => new OpenInvite(
                workspace.Row.Slug,
                invite.InviteId.Value,
                invite.Role.ToString().ToLowerInvariant(),
                invite.UsesLeft,
                invite.UsesMax,
                invite.CreatedAt,
                invite.ExpiresAt,
                invite.CreatedBy))])
            : list.Problem;
    }

    public async Task<LocalReply<RevokedInvite>> RevokeAsync(string id, string? slug, CancellationToken cancellationToken)
    {
        if (!InviteId.TryParse(id, out InviteId invite))
            return LocalProblem.Of(LocalErrors.InvalidRequest, $"An invite's id is {InviteId.Rule}; `claudemesh invite list` shows them.", 400, ExitCode.BadArguments);

        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(slug);
        if (one.Value is not { } workspace)
            return one.Problem!;

        LocalReply<InviteEnded> revoked = await workspace.AskAsync<InviteRevoke, InviteEnded>(new InviteRevoke(invite), cancellationToken);
        return revoked.Succeeded ? new RevokedInvite(workspace.Row.Slug, revoked.Value.InviteId.Value) : revoked.Problem;
    }
}
