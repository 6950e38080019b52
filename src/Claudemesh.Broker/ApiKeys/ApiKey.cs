using System.Collections.Frozen;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Topics;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.ApiKeys;

[Flags]
internal enum KeyCapabilities : byte
{
    None = 0,
    Send = 1,
    Read = 2,
    StateWrite = 4,
    Admin = 8,
}

/// <summary>A key as it was made: its secret is not in it. Immutable; whether it has been revoked is asked of its <see cref="ApiKeyBook"/>.</summary>
/// <param name="Id">Public: it names the key in lists and logs.</param>
/// <param name="Topics">Null: every topic that its issuer may know of.</param>
internal sealed record ApiKey(
    long No,
    string Id,
    MeshId Mesh,
    MemberNo Issuer,
    string Label,
    string Prefix,
    KeyCapabilities Capabilities,
    FrozenSet<TopicNo>? Topics,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt,
    DateTimeOffset? LastUsedAt)
{
    public bool Admits(TopicNo topic) => Topics is null || Topics.Contains(topic);

    /// <summary><c>admin</c> has every other.</summary>
    public bool Has(KeyCapabilities needed) => (Capabilities & (needed | KeyCapabilities.Admin)) != KeyCapabilities.None;

    public bool HasAll(KeyCapabilities wanted) => Capabilities.HasFlag(KeyCapabilities.Admin) || (Capabilities & wanted) == wanted;

    /// <summary>Whether the other is for no topics but this one's.</summary>
    public bool Reaches(ApiKey other) => Topics is null || (other.Topics is { } topics && topics.IsSubsetOf(Topics));

    /// <summary>Whether the other has nothing that this one has not: no capability, no topic, no day.</summary>
    public bool Covers(ApiKey other) => HasAll(other.Capabilities) && Reaches(other) && (ExpiresAt is null || other.ExpiresAt <= ExpiresAt);

    public bool IsOver(DateTimeOffset now) => RevokedAt is not null || ExpiresAt <= now;
}
