using System.Globalization;
using System.Text;

namespace Claudemesh.Local;

/// <content>What was done in a workspace and by whom, and the life of a workspace.</content>
public sealed partial class LocalClient
{
    /// <param name="after">The id of the last entry that is known; null: the newest.</param>
    /// <param name="wait">How long to wait where there is none after it.</param>
    public Task<LocalReply<AuditListing>> ReadAuditAsync(string? workspace, int limit, long? after, TimeSpan wait, CancellationToken cancellationToken)
    {
        var path = new StringBuilder(LocalRoutes.Audit).Append(CultureInfo.InvariantCulture, $"?limit={limit}");
        if (workspace is not null)
            path.Append("&workspace=").Append(Uri.EscapeDataString(workspace));
        if (after is { } seen)
            path.Append(CultureInfo.InvariantCulture, $"&after={seen}&wait_seconds={(int)wait.TotalSeconds}");

        return GetAsync(path.ToString(), LocalJson.Default.AuditListing, cancellationToken);
    }

    public Task<LocalReply<AuditCheck>> CheckAuditAsync(string? workspace, CancellationToken cancellationToken) =>
        GetAsync(WithWorkspace(LocalRoutes.AuditCheck, workspace), LocalJson.Default.AuditCheck, cancellationToken);

    public Task<LocalReply<Workspace>> ArchiveWorkspaceAsync(ArchiveWorkspace request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Archive, request, LocalJson.Default.ArchiveWorkspace, LocalJson.Default.Workspace, cancellationToken);

    public Task<LocalReply<LeftWorkspace>> DeleteWorkspaceAsync(DeleteWorkspace request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.DeleteWorkspace, request, LocalJson.Default.DeleteWorkspace, LocalJson.Default.LeftWorkspace, cancellationToken);

    public Task<LocalReply<Session>> LimitSessionAsync(LimitSession request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.SessionLimit, request, LocalJson.Default.LimitSession, LocalJson.Default.Session, cancellationToken);
}
