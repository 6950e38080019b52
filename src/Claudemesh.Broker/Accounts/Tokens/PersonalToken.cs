using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Tokens;

/// <summary>
/// What a program acts by as a person, in each workspace as his member there. It carries no keys: what it posts is plain text.
/// </summary>
/// <param name="Id">Public: it names the token in lists and logs.</param>
/// <param name="Scopes">Of tokens they have other words than of keys (<see cref="TokenWords"/>); what they open is the same.</param>
/// <param name="Mesh">The only workspace it is for; null: all of the account's.</param>
internal sealed record PersonalToken(
    long No,
    string Id,
    AccountNo Account,
    string Name,
    string Prefix,
    KeyCapabilities Scopes,
    MeshNo? Mesh,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? RevokedAt,
    DateTimeOffset? LastUsedAt,
    string? MeshSlug = null)
{
    /// <summary><c>admin</c> has every other.</summary>
    public bool Has(KeyCapabilities needed) => (Scopes & (needed | KeyCapabilities.Admin)) != KeyCapabilities.None;

    public bool Admits(MeshNo mesh) => Mesh is null || Mesh == mesh;

    public bool IsOver(DateTimeOffset now) => RevokedAt is not null || ExpiresAt <= now;
}

/// <summary>A token's scopes as they travel.</summary>
internal static class TokenWords
{
    private static readonly (TokenScope Word, KeyCapabilities Capability, string Name)[] All =
    [
        (TokenScope.Read, KeyCapabilities.Read, "read"),
        (TokenScope.Post, KeyCapabilities.Send, "post"),
        (TokenScope.State, KeyCapabilities.StateWrite, "state"),
        (TokenScope.Admin, KeyCapabilities.Admin, "admin"),
    ];

    public static KeyCapabilities Read(TokenScope[] words) =>
        words.Aggregate(KeyCapabilities.None, static (all, word) => all | Array.Find(All, one => one.Word == word).Capability);

    public static TokenScope[] Write(KeyCapabilities scopes) => [.. All.Where(one => scopes.HasFlag(one.Capability)).Select(one => one.Word)];

    /// <summary>The word for one of them.</summary>
    public static string Name(KeyCapabilities one) => Array.Find(All, known => known.Capability == one).Name;
}
