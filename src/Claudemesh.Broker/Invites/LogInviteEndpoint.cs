using System.Globalization;
using Claudemesh.Broker.Log;
using Claudemesh.Broker.Sockets;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Invites;

/// <summary>
/// What a joiner reads before he signs anything: <c>GET /api/v1/invites/{id}</c> and <c>…/log?after=SEQ</c>. They need no account; the id cannot be
/// guessed, and an invite that is over tells nothing but that.
/// </summary>
internal sealed class LogInviteEndpoint(LogInvites invites, CopyStore copies, LogPages pages, TimeProvider clock)
{
    public async Task ShowAsync(HttpContext context)
    {
        if (await FindOpenAsync(context) is not { } found)
            return;

        MeshId mesh = found.Workspace.Id;
        List<EpochCopy> newest = await copies.ListAsync(
            found.Workspace.Row.No, RootReference.MeshScope, found.Invite.Key, limit: 1, context.RequestAborted);
        InviteInfo info = new(
            found.Id, mesh, found.Workspace.Row.Slug, found.Workspace.Row.Name, found.Package, newest.Count == 0 ? null : newest[0],
            MemberRoles.Of(found.Invite.Role), found.Invite.ExpiresAt);
        await HttpBodies.ReplyAsync(context, StatusCodes.Status200OK, info);
    }

    public async Task ReadLogAsync(HttpContext context)
    {
        string? after = context.Request.Query["after"];
        if (!long.TryParse(after ?? "0", NumberStyles.None, CultureInfo.InvariantCulture, out long seq))
        {
            await HttpBodies.RefuseAsync(context, MeshError.InvalidArgs.With("The after is invalid: give the seq of the last record that you hold, 0 for none."));
            return;
        }

        if (await FindOpenAsync(context) is not { } found)
            return;

        LogPage page = await pages.ReadAsync(found.Workspace, found.Workspace.Logs.Mesh, seq, LogAppend.RecordsMax, context.RequestAborted);
        await HttpBodies.ReplyAsync(context, StatusCodes.Status200OK, page);
    }

    /// <summary>Null, with the refusal already sent, where there is no open invite of this id.</summary>
    private async ValueTask<FoundInvite?> FindOpenAsync(HttpContext context)
    {
        FoundInvite? found = InviteId.TryParse(context.Request.RouteValues["id"] as string, out InviteId id)
            ? await invites.FindAsync(id, context.RequestAborted)
            : null;
        MeshError? closed = found is null ? MeshError.InviteNotFound : found.WhyClosed(clock);
        if (closed is null)
            return found;

        await HttpBodies.RefuseAsync(context, closed);
        return null;
    }
}
