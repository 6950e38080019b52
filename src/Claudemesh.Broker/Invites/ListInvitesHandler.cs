using Claudemesh.Broker.Log;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Invites;

/// <summary>The invites that can still be used, newest first: those of the log as it says, and links of 1.x.</summary>
internal sealed class ListInvitesHandler(InviteStore invites, LogInviteStore logInvites, TimeProvider clock) : IRequestHandler<ListInvites, InvitesList>
{
    private const int ListedMax = 1_000;
    private const long LatestSecond = 253_402_300_799;

    public async ValueTask<Reply<InvitesList>> HandleAsync(ListInvites request, Caller caller, CancellationToken cancellationToken)
    {
        List<InviteRow> open = await invites.ListOpenAsync(caller.Workspace.Row.No, clock.GetInstant(), cancellationToken);
        List<LogInviteMade> made = await logInvites.ListAsync(caller.Workspace.Row.No, cancellationToken);
        IEnumerable<OpenInvite> all =
        [
            .. open.Select(row => Row(row, caller.Workspace)),
            .. made.Select(row => FindRow(row, caller.Workspace)).OfType<OpenInvite>(),
        ];
        return new InvitesList([.. all.OrderByDescending(static invite => invite.CreatedAt).Take(ListedMax)]);
    }

    private static OpenInvite Row(InviteRow row, Workspace workspace) => new(
        row.Id,
        row.Role,
        row.UsesLeft,
        row.UsesMax,
        row.CreatedAt.ToTime(),
        row.ExpiresAt.ToTime(),
        workspace.Members.Find(row.CreatedBy)?.DisplayName ?? "");

    /// <summary>Null when the log says that nobody can join by it any more.</summary>
    private OpenInvite? FindRow(LogInviteMade made, Workspace workspace)
    {
        if (!workspace.Logs.Mesh.Log.Invites.TryGetValue(made.Id, out LogInvite? invite)
            || !invite.IsOpenAt(clock.GetUtcNow().ToUnixTimeMilliseconds()))
            return null;

        return new OpenInvite(
            InviteId.Parse(made.Id),
            MemberRoles.Of(invite.Role),
            (int)Math.Min(invite.UsesMax - invite.Uses, int.MaxValue),
            (int)Math.Min(invite.UsesMax, int.MaxValue),
            made.CreatedAt.ToTime(),
            DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(invite.ExpiresAt, LatestSecond * 1000)),
            workspace.Members.Find(made.CreatedBy)?.DisplayName ?? "");
    }
}
