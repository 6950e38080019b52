using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.ApiKeys;

/// <summary>
/// Keys with which scripts and phones act as this member over REST. The broker makes and keeps them; a secret goes through here to who asked, and is
/// neither stored nor logged.
/// </summary>
internal sealed class ScriptKeys(JoinedWorkspaces workspaces, TimeProvider clock)
{
    private const long ExpirySecondsMax = 3650L * 24 * 3600;

    private static readonly Dictionary<string, KeyCapability> Words = new(StringComparer.Ordinal)
    {
        ["send"] = KeyCapability.Send,
        ["read"] = KeyCapability.Read,
        ["state_write"] = KeyCapability.StateWrite,
        ["admin"] = KeyCapability.Admin,
    };

    public async Task<LocalReply<MadeApiKey>> CreateAsync(CreateApiKey request, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(request.Workspace);
        if (one.Value is not { } workspace)
            return one.Problem!;
        if (FindFault(request) is { } fault)
            return LocalProblem.Of(LocalErrors.InvalidRequest, fault, 400, ExitCode.BadArguments);

        ApiKeyCreate create = new(
            DisplayName.Parse(request.Label),
            [.. (request.Can ?? ["send", "read"]).Distinct(StringComparer.Ordinal).Select(word => Words[word])],
            request.Topics is { } topics ? [.. topics] : null,
            request.ExpiresInSeconds is { } seconds ? clock.GetUtcNow().AddSeconds(seconds) : null);
        LocalReply<ApiKeyCreated> reply = await workspace.AskAsync<ApiKeyCreate, ApiKeyCreated>(create, cancellationToken);
        return reply.Value is { } made
            ? new MadeApiKey(
                workspace.Row.Slug, made.Id, made.Secret, made.Label.Value, workspace.Row.Broker, Name(made.Capabilities), made.TopicScopes, made.CreatedAt, made.ExpiresAt)
            : reply.Problem!;
    }

    public async Task<LocalReply<ApiKeyListing>> ListAsync(string? slug, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(slug);
        if (one.Value is not { } workspace)
            return one.Problem!;

        LocalReply<ApiKeyListResult> reply = await workspace.AskAsync<ApiKeyList, ApiKeyListResult>(new ApiKeyList(), cancellationToken);
        if (reply.Value is not { } listed)
            return reply.Problem!;

        Dictionary<string, string> names = await ListNamesAsync(workspace, cancellationToken);
        return new ApiKeyListing([.. listed.Keys.Select(key => Describe(workspace, key, names))], listed.More == true);
    }

    public async Task<LocalReply<RevokedApiKey>> RevokeAsync(string id, string? slug, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(slug);
        if (one.Value is not { } workspace)
            return one.Problem!;

        LocalReply<ApiKeyRevoked> reply = await workspace.AskAsync<ApiKeyRevoke, ApiKeyRevoked>(new ApiKeyRevoke(id), cancellationToken);
        return reply.Value switch
        {
            null => reply.Problem!,
            { Status: KeyRevocation.Revoked, Id: { } whole } => new RevokedApiKey(workspace.Row.Slug, whole),
            { Status: KeyRevocation.NotUnique, Matches: { } matches } => LocalProblem.Of(
                LocalErrors.AmbiguousName, $"Several keys begin with {id}: {string.Join(", ", matches)}. Give more of it.", 409, ExitCode.BadArguments),
            _ => NotFound(id),
        };
    }

    public async Task<LocalReply<RotatedApiKey>> RotateAsync(string id, string? slug, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(slug);
        if (one.Value is not { } workspace)
            return one.Problem!;

        LocalReply<ApiKeyRotated> reply = await workspace.AskAsync<ApiKeyRotate, ApiKeyRotated>(new ApiKeyRotate(id), cancellationToken);
        if (reply.Value is { } rotated)
            return new RotatedApiKey(workspace.Row.Slug, rotated.Id, rotated.Secret, workspace.Row.Broker);

        return reply.Problem!.Error == MeshError.ApiKeyNotFound.Code ? NotFound(id) : reply.Problem;
    }

    private static LocalProblem NotFound(string id) => LocalProblem.Of(
        LocalErrors.ApiKeyNotFound, $"You have no API key {id}; `claudemesh apikey list` shows those that there are.", 404, ExitCode.NotFound);

    private static string? FindFault(CreateApiKey request) =>
        !DisplayName.TryParse(request.Label, out _) ? $"A label has {DisplayName.Rule}."
        : request.Can is { Count: 0 } || request.Can?.FirstOrDefault(word => !Words.ContainsKey(word)) is not null ? $"can has one or more of {string.Join(", ", Words.Keys)}."
        : request.Topics is { Count: > ApiKeyCreate.TopicsMax } ? $"topics has at most {ApiKeyCreate.TopicsMax} entries."
        : request.ExpiresInSeconds is < 1 or > ExpirySecondsMax ? "expires_in_seconds is a second to 3,650 days."
        : null;

    private static async Task<Dictionary<string, string>> ListNamesAsync(LiveWorkspace workspace, CancellationToken cancellationToken)
    {
        Dictionary<string, string> names = new(StringComparer.Ordinal);
        foreach (RosterMember member in (await workspace.GetRosterAsync(fresh: false, cancellationToken)).Members)
            names[member.MemberId] = member.Name;

        return names;
    }

    private ApiKey Describe(LiveWorkspace workspace, ApiKeyInfo key, Dictionary<string, string> names) => new(
        workspace.Row.Slug,
        key.Id,
        key.Label.Value,
        key.Prefix,
        Name(key.Capabilities),
        key.TopicScopes,
        key.IssuedBy is { } issuer ? names.GetValueOrDefault(issuer.Value, "") : "",
        key.CreatedAt,
        key.LastUsedAt,
        key.ExpiresAt,
        key.RevokedAt,
        key.RevokedAt is not null || key.ExpiresAt <= clock.GetUtcNow());

    private static string[] Name(KeyCapability[] capabilities) => [.. Words.Where(word => capabilities.Contains(word.Value)).Select(word => word.Key)];
}
