using System.Buffers.Text;
using System.Text.Json;

namespace Claudemesh.Daemon.Account;

/// <summary>What an access token says of itself. It is the broker's to check; here it only must not be of another account.</summary>
internal static class AccessClaims
{
    /// <returns>Null when it is no JWT or names nobody.</returns>
    public static string? FindSubject(string token)
    {
        string[] parts = token.Split('.');
        if (parts.Length != 3 || !Base64Url.IsValid(parts[1]))
            return null;

        try
        {
            using JsonDocument claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
            return claims.RootElement.ValueKind is JsonValueKind.Object && claims.RootElement.TryGetProperty("sub", out JsonElement sub) && sub.ValueKind is JsonValueKind.String
                ? sub.GetString()
                : null;
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException)
        {
            return null;
        }
    }
}
