using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>
/// Makes a token by which a program acts as the account's member over REST, such as in CI; answered by <see cref="PersonalTokenMade"/>. It carries no
/// keys: what it posts is plain text.
/// </summary>
/// <param name="Name">For people.</param>
/// <param name="Scopes">At least one.</param>
/// <param name="ExpiresInDays">1 to 365.</param>
/// <param name="Workspace">Slug or id of the only workspace it is for; absent: all of the account's.</param>
public sealed record MakePersonalToken(DisplayName Name, TokenScope[] Scopes, int ExpiresInDays, string? Workspace = null) : ILimited
{
    public const int DaysMax = 365;

    string? ILimited.FindFault() =>
        (Scopes.Length is >= 1 and <= 4 ? null : "scopes must name one to four")
        ?? (ExpiresInDays is >= 1 and <= DaysMax ? null : "expiresInDays must be from 1 to 365")
        ?? Limit.TooLong("workspace", Workspace, WireId.CharsMax);
}

/// <param name="Token">The token itself, <c>cmp_</c> and 43 characters. It is told this once; the broker keeps its hash.</param>
/// <param name="Prefix">The beginning, to know it by.</param>
/// <param name="Workspace">Slug of the only workspace it is for.</param>
public sealed record PersonalTokenMade(
    string Id, string Token, DisplayName Name, string Prefix, TokenScope[] Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, string? Workspace = null)
{
    public override string ToString() => $"personal token {Id}";
}

/// <summary>Newest first, those that are over too: of these the last fifty.</summary>
public sealed record PersonalTokenList(PersonalTokenInfo[] Tokens);

/// <param name="Workspace">Slug of the only workspace it is for.</param>
public sealed record PersonalTokenInfo(
    string Id,
    DisplayName Name,
    string Prefix,
    TokenScope[] Scopes,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    string? Workspace = null,
    DateTimeOffset? LastUsedAt = null,
    DateTimeOffset? RevokedAt = null);

/// <summary>What a personal token may do. <c>admin</c> may do all that the member may.</summary>
[JsonConverter(typeof(WordConverter<TokenScope>))]
public enum TokenScope
{
    /// <summary>Reads topics, lists, streams and values.</summary>
    Read,

    /// <summary>Posts, and changes what belongs to the member: how far he has read, which topics he is in.</summary>
    Post,

    /// <summary>Writes shared state and memories.</summary>
    State,

    /// <summary>Everything, members and invites too.</summary>
    Admin,
}
