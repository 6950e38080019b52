using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Topics;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.ApiKeys;

/// <summary>A key as it is told.</summary>
internal static class ApiKeyNews
{
    public static ApiKeyInfo InfoFor(Caller caller, ApiKey key, DateTimeOffset? lastUsedAt) => new(
        key.Id,
        DisplayName.Parse(key.Label),
        key.Prefix,
        KeyWords.Write(key.Capabilities),
        NamesFor(caller, key),
        key.CreatedAt,
        lastUsedAt,
        key.RevokedAt,
        key.ExpiresAt,
        caller.Workspace.Members.Find(key.Issuer)?.Id);

    /// <summary>Names as they are now, of those topics that the caller may know of: another's private one is not told by his key.</summary>
    public static string[]? NamesFor(Caller caller, ApiKey key) => key.Topics is null ? null :
    [
        .. key.Topics.Select(caller.Workspace.Topics.Find).OfType<Topic>().Where(topic => topic.IsKnownTo(caller.MemberNo))
            .Select(static topic => topic.Name.Value).Order(StringComparer.Ordinal),
    ];
}
