namespace Claudemesh.Local;

/// <content>Keys for scripts and phones.</content>
public sealed partial class LocalClient
{
    public Task<LocalReply<MadeApiKey>> CreateApiKeyAsync(CreateApiKey request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.ApiKeys, request, LocalJson.Default.CreateApiKey, LocalJson.Default.MadeApiKey, cancellationToken);

    public Task<LocalReply<ApiKeyListing>> ListApiKeysAsync(string? workspace, CancellationToken cancellationToken) =>
        GetAsync(WithWorkspace(LocalRoutes.ApiKeys, workspace), LocalJson.Default.ApiKeyListing, cancellationToken);

    public Task<LocalReply<RevokedApiKey>> RevokeApiKeyAsync(string id, string? workspace, CancellationToken cancellationToken) =>
        DeleteAsync(LocalRoutes.ApiKeys, id, workspace, LocalJson.Default.RevokedApiKey, cancellationToken);

    public Task<LocalReply<RotatedApiKey>> RotateApiKeyAsync(string id, string? workspace, CancellationToken cancellationToken) => AskAsync(
        "POST", WithWorkspace($"{LocalRoutes.ApiKeys}/{Uri.EscapeDataString(id)}/rotate", workspace), default, LocalJson.Default.RotatedApiKey, cancellationToken);
}
