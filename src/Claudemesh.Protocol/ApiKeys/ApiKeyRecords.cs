using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>
/// Makes a key for scripts and phones, which acts as the caller over REST; answered by <see cref="ApiKeyCreated"/>. It never may more than
/// the caller at the time of each request, ends with him, and carries no message keys.
/// </summary>
/// <param name="Label">1 to 80 characters, for people.</param>
/// <param name="Capabilities">At least one. <c>admin</c> only from admins and the owner.</param>
/// <param name="TopicScopes">Names or ids of topics that the caller may know of, at most 64; absent: every topic that he is shown. Empty: none.</param>
/// <param name="ExpiresAt">Absent: when it is revoked.</param>
public sealed record ApiKeyCreate(
    DisplayName Label, KeyCapability[] Capabilities, string[]? TopicScopes = null, DateTimeOffset? ExpiresAt = null) : IRequest<ApiKeyCreated>, ILimited
{
    public const int TopicsMax = 64;

    public static string WireType => "apikey_create";

    string? ILimited.FindFault() =>
        (Capabilities.Length is >= 1 and <= 4 ? null : "capabilities must name one to four")
        ?? Limit.TooMany("topicScopes", TopicScopes, TopicsMax);
}

/// <param name="Secret">The key itself, <c>cm_</c> and 43 characters. It is told this once; the broker keeps its hash.</param>
/// <param name="Prefix">The beginning of the secret, to know it by.</param>
/// <param name="TopicScopes">Names, as they are now; null: every topic.</param>
public sealed record ApiKeyCreated(
    string Id,
    string Secret,
    DisplayName Label,
    string Prefix,
    KeyCapability[] Capabilities,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string[]? TopicScopes,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt = null) : IMessage
{
    public static string WireType => "apikey_created";
}

/// <summary>What a key may do. <c>admin</c> may do all that its issuer may.</summary>
[JsonConverter(typeof(WordConverter<KeyCapability>))]
public enum KeyCapability
{
    /// <summary>Posts, and changes what belongs to the issuer: how far he has read, which topics he is in.</summary>
    Send,

    /// <summary>Reads topics, lists and streams.</summary>
    Read,

    /// <summary>Writes shared state and memories.</summary>
    [JsonStringEnumMemberName("state_write")]
    StateWrite,

    /// <summary>Everything, members, invites and other keys too.</summary>
    Admin,
}

/// <summary>Asks for the caller's own keys, an admin for those of everybody; answered by <see cref="ApiKeyListResult"/>.</summary>
public sealed record ApiKeyList : IRequest<ApiKeyListResult>
{
    public static string WireType => "apikey_list";
}

/// <summary>Newest first, revoked ones too: of each member's the last hundred of those.</summary>
/// <param name="More">Ours: true where there are older ones, beyond 1,000.</param>
public sealed record ApiKeyListResult(ApiKeyInfo[] Keys, bool? More = null) : IMessage, ILimited
{
    public static string WireType => "apikey_list_response";

    string? ILimited.FindFault() => Limit.HasNull("keys", Keys);
}

/// <param name="IssuedBy">Ours: the member as whom it acts.</param>
public sealed record ApiKeyInfo(
    string Id,
    DisplayName Label,
    string Prefix,
    KeyCapability[] Capabilities,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string[]? TopicScopes,
    DateTimeOffset CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? LastUsedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? RevokedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? ExpiresAt,
    MemberId? IssuedBy = null);

/// <summary>Ends a key at once, with every stream it has open; answered by <see cref="ApiKeyRevoked"/>. One's own, or as an admin anybody's below one.</summary>
/// <param name="Id">The whole id, or a beginning of it that fits one key.</param>
public sealed record ApiKeyRevoke(string Id) : IRequest<ApiKeyRevoked>, ILimited
{
    public static string WireType => "apikey_revoke";

    string? ILimited.FindFault() => Limit.TooLong("id", Id, WireId.CharsMax);
}

/// <param name="Matches">Of <c>not_unique</c>: the ids that begin so.</param>
public sealed record ApiKeyRevoked(KeyRevocation Status, string? Id = null, string[]? Matches = null) : IMessage
{
    public static string WireType => "apikey_revoke_response";
}

[JsonConverter(typeof(WordConverter<KeyRevocation>))]
public enum KeyRevocation
{
    /// <summary>Now, or before.</summary>
    Revoked,

    [JsonStringEnumMemberName("not_found")]
    NotFound,

    [JsonStringEnumMemberName("not_unique")]
    NotUnique,
}

/// <summary>Ours: gives a key another secret and ends the old one; answered by <see cref="ApiKeyRotated"/>.</summary>
/// <param name="Id">The whole id.</param>
public sealed record ApiKeyRotate(string Id) : IRequest<ApiKeyRotated>, ILimited
{
    public static string WireType => "apikey_rotate";

    string? ILimited.FindFault() => Limit.TooLong("id", Id, WireId.CharsMax);
}

/// <param name="Secret">The new one, told this once.</param>
public sealed record ApiKeyRotated(string Id, string Secret, string Prefix) : IMessage
{
    public static string WireType => "apikey_rotated";
}
