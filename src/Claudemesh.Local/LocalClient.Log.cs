namespace Claudemesh.Local;

/// <content>What is signed into a workspace's log, and the log itself.</content>
public sealed partial class LocalClient
{
    public Task<LocalReply<ChangedMember>> AdmitMemberAsync(AdmitMember request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Admit, request, LocalJson.Default.AdmitMember, LocalJson.Default.ChangedMember, cancellationToken);

    public Task<LocalReply<ChangedMember>> ChangeRoleAsync(ChangeRole request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.ChangeRole, request, LocalJson.Default.ChangeRole, LocalJson.Default.ChangedMember, cancellationToken);

    public Task<LocalReply<ChangedMember>> RemoveMemberAsync(RemoveMember request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.RemoveMember, request, LocalJson.Default.RemoveMember, LocalJson.Default.ChangedMember, cancellationToken);

    public Task<LocalReply<RotatedKeys>> RotateKeysAsync(RotateKeys request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Rotate, request, LocalJson.Default.RotateKeys, LocalJson.Default.RotatedKeys, cancellationToken);

    public Task<LocalReply<LogListing>> ShowLogAsync(string? workspace, CancellationToken cancellationToken) =>
        GetAsync(WithWorkspace(LocalRoutes.Log, workspace), LocalJson.Default.LogListing, cancellationToken);

    public Task<LocalReply<LogCheck>> CheckLogAsync(string? workspace, CancellationToken cancellationToken) =>
        GetAsync(WithWorkspace(LocalRoutes.LogCheck, workspace), LocalJson.Default.LogCheck, cancellationToken);
}
