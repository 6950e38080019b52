namespace Claudemesh.Local;

/// <content>Running a workspace: who is taken off or kept out, who may come in, what one lets others do.</content>
public sealed partial class LocalClient
{
    public Task<LocalReply<TakenOff>> KickAsync(TakeOff request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Kick, request, LocalJson.Default.TakeOff, LocalJson.Default.TakenOff, cancellationToken);

    public Task<LocalReply<TakenOff>> DisconnectAsync(TakeOff request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Disconnect, request, LocalJson.Default.TakeOff, LocalJson.Default.TakenOff, cancellationToken);

    public Task<LocalReply<BannedMember>> BanAsync(BanMember request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Bans, request, LocalJson.Default.BanMember, LocalJson.Default.BannedMember, cancellationToken);

    public Task<LocalReply<BannedMember>> UnbanAsync(string peer, string? workspace, CancellationToken cancellationToken) =>
        DeleteAsync(LocalRoutes.Bans, peer, workspace, LocalJson.Default.BannedMember, cancellationToken);

    public Task<LocalReply<BanList>> ListBansAsync(string? workspace, CancellationToken cancellationToken) =>
        GetAsync(WithWorkspace(LocalRoutes.Bans, workspace), LocalJson.Default.BanList, cancellationToken);

    public Task<LocalReply<PeerGrant>> ChangeGrantAsync(ChangeGrant request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Grants, request, LocalJson.Default.ChangeGrant, LocalJson.Default.PeerGrant, cancellationToken);

    public Task<LocalReply<GrantList>> ListGrantsAsync(string? workspace, CancellationToken cancellationToken) =>
        GetAsync(WithWorkspace(LocalRoutes.Grants, workspace), LocalJson.Default.GrantList, cancellationToken);

    public Task<LocalReply<InviteList>> ListInvitesAsync(string? workspace, CancellationToken cancellationToken) =>
        GetAsync(WithWorkspace(LocalRoutes.Invites, workspace), LocalJson.Default.InviteList, cancellationToken);

    public Task<LocalReply<RevokedInvite>> RevokeInviteAsync(string id, string? workspace, CancellationToken cancellationToken) =>
        DeleteAsync(LocalRoutes.Invites, id, workspace, LocalJson.Default.RevokedInvite, cancellationToken);

    public Task<LocalReply<Workspace>> RenameWorkspaceAsync(RenameWorkspace request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Rename, request, LocalJson.Default.RenameWorkspace, LocalJson.Default.Workspace, cancellationToken);

    public Task<LocalReply<LeftWorkspace>> LeaveWorkspaceAsync(LeaveWorkspace request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Leave, request, LocalJson.Default.LeaveWorkspace, LocalJson.Default.LeftWorkspace, cancellationToken);

    public Task<LocalReply<Reconnected>> ReconnectAsync(Reconnect request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Reconnect, request, LocalJson.Default.Reconnect, LocalJson.Default.Reconnected, cancellationToken);

    private Task<LocalReply<T>> DeleteAsync<T>(
        string route, string name, string? workspace, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class =>
        AskAsync("DELETE", WithWorkspace($"{route}/{Uri.EscapeDataString(name)}", workspace), default, type, cancellationToken);
}
