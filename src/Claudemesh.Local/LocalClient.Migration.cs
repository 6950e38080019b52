namespace Claudemesh.Local;

/// <content>Members that get another key.</content>
public sealed partial class LocalClient
{
    public Task<LocalReply<MigrationReport>> MigrateIdentityAsync(MigrateIdentity request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Migration, request, LocalJson.Default.MigrateIdentity, LocalJson.Default.MigrationReport, cancellationToken);
}
