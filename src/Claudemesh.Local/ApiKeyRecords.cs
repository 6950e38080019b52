namespace Claudemesh.Local;

/// <summary>Makes a key for scripts and phones, which acts as you over REST.</summary>
/// <param name="Label">What it is for, 1 to 80 characters.</param>
/// <param name="Can">What it may do: send, read, state_write, admin; send and read if left out. admin, which may do all that you may, is for owners and admins.</param>
/// <param name="Topics">Names or ids, with or without #, at most 64; null: all that you are shown.</param>
/// <param name="ExpiresInSeconds">From now, at most 3,650 days; null: until it is revoked.</param>
public sealed record CreateApiKey(
    string Label, IReadOnlyList<string>? Can = null, IReadOnlyList<string>? Topics = null, long? ExpiresInSeconds = null, string? Workspace = null);

/// <param name="Id">What <c>apikey revoke</c> and <c>apikey rotate</c> take.</param>
/// <param name="Secret">The key itself. It is told this once; neither the broker nor the daemon keeps it.</param>
/// <param name="Url">Of the broker: what a script asks.</param>
/// <param name="Topics">Null: all that you are shown.</param>
public sealed record MadeApiKey(
    string Workspace,
    string Id,
    string Secret,
    string Label,
    string Url,
    IReadOnlyList<string> Can,
    IReadOnlyList<string>? Topics,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt);

/// <param name="Prefix">The first characters of the secret, to know it by.</param>
/// <param name="Topics">Null: all that its member is shown.</param>
/// <param name="Member">As whom it acts.</param>
/// <param name="IsOver">Revoked or expired.</param>
public sealed record ApiKey(
    string Workspace,
    string Id,
    string Label,
    string Prefix,
    IReadOnlyList<string> Can,
    IReadOnlyList<string>? Topics,
    string Member,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt,
    bool IsOver);

/// <summary>Newest first. Your own; as an owner or admin those of everybody.</summary>
/// <param name="More">There are older ones, which the broker does not list.</param>
public sealed record ApiKeyListing(IReadOnlyList<ApiKey> Keys, bool More);

public sealed record RevokedApiKey(string Workspace, string Id);

/// <param name="Secret">The new one, told this once; the old one is over.</param>
public sealed record RotatedApiKey(string Workspace, string Id, string Secret, string Url);
