// 1.x long invites, wire reference 5.3: token = base64url(compact JSON, keys in this order, signature last). The token is a database
// key as it stands, so the bytes of the JSON are part of the format.

using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>A long invite, version 1: issued and accepted, with random filler where 1.x has a root key (keys.md 8).</summary>
public sealed record LegacyInviteToken(LegacyInvite Invite, string Token)
{
    public const int TokenLengthMax = 4096;

    private const int FillerSize = 32;

    /// <param name="expiresAt">Seconds since 1970.</param>
    /// <param name="role"><c>admin</c> or <c>member</c>.</param>
    public static LegacyInviteToken Issue(SigningKey owner, string meshId, string meshSlug, string brokerUrl, long expiresAt, string role)
    {
        if (!IsRole(role))
            throw new ArgumentException("A long invite is for an admin or a member.", nameof(role));

        string filler = Base64Url.EncodeToString(RandomBytes.Next(FillerSize));
        return Issue(owner, new LegacyInvite(meshId, meshSlug, brokerUrl, expiresAt, filler, role, owner.Public));
    }

    /// <summary>
    /// Reads a token and checks its signature by the owner key that it names. Whether that key owns the workspace, and whether the
    /// invite has expired, is the caller's to ask.
    /// </summary>
    public static bool TryParse(string token, out LegacyInviteToken? invite)
    {
        invite = null;
        if (token.Length is 0 or > TokenLengthMax || !Base64Url.IsValid(token))
            return false;

        byte[] json = Base64Url.DecodeFromChars(token);
        if (!TryRead(json, out LegacyInvite read, out byte[]? signature) || !Ed25519.Verify(read.Owner, read, signature))
            return false;

        invite = new LegacyInviteToken(read, token);
        return true;
    }

    /// <summary>Takes a bare token, <c>ic://join/…</c> or <c>http(s)://host[/xx]/join/…</c> and gives the token.</summary>
    public static bool TryFindInLink(string link, out string? token)
    {
        const string Join = "/join/";
        string trimmed = link.Trim();
        int at = trimmed.IndexOf(Join, StringComparison.Ordinal);
        bool isLink = trimmed.StartsWith("ic://", StringComparison.Ordinal)
            || trimmed.StartsWith("https://", StringComparison.Ordinal)
            || trimmed.StartsWith("http://", StringComparison.Ordinal);
        string found = isLink && at >= 0 ? trimmed[(at + Join.Length)..] : trimmed;
        int end = found.AsSpan().IndexOfAny('?', '#', '/');
        if (isLink && end >= 0)
            found = found[..end];
        token = found.Length is > 20 and <= TokenLengthMax && (!isLink || at >= 0) && Base64Url.IsValid(found) ? found : null;
        return token is not null;
    }

    internal static LegacyInviteToken Issue(SigningKey owner, in LegacyInvite invite)
    {
        string signature = Convert.ToHexStringLower(owner.Sign(invite));
        StringBuilder json = new();
        json.Append("{\"v\":1");
        AppendMember(json, "mesh_id", invite.MeshId);
        AppendMember(json, "mesh_slug", invite.MeshSlug);
        AppendMember(json, "broker_url", invite.BrokerUrl);
        json.Append(CultureInfo.InvariantCulture, $",\"expires_at\":{invite.ExpiresAt}");
        AppendMember(json, "mesh_root_key", invite.RootKey);
        AppendMember(json, "role", invite.Role);
        AppendMember(json, "owner_pubkey", invite.Owner.ToString());
        AppendMember(json, "signature", signature);
        json.Append('}');
        return new LegacyInviteToken(invite, Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToString())));
    }

    private static bool IsRole(string role) => role is "admin" or "member";

    private static void AppendMember(StringBuilder json, string name, string value)
    {
        json.Append(CultureInfo.InvariantCulture, $",\"{name}\":");
        CanonicalJson.AppendString(json, value);
    }

    private static bool TryRead(byte[] json, out LegacyInvite invite, out byte[]? signature)
    {
        invite = default;
        signature = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (root.ValueKind is not JsonValueKind.Object
                || !root.TryGetProperty("v", out JsonElement version)
                || version.ValueKind is not JsonValueKind.Number
                || !version.TryGetInt32(out int v)
                || v != 1
                || !root.TryGetProperty("expires_at", out JsonElement expires)
                || expires.ValueKind is not JsonValueKind.Number
                || !expires.TryGetInt64(out long expiresAt)
                || !TryText(root, "mesh_id", out string meshId)
                || !TryText(root, "mesh_slug", out string meshSlug)
                || !TryText(root, "broker_url", out string brokerUrl)
                || !TryText(root, "mesh_root_key", out string rootKey)
                || !TryText(root, "role", out string role)
                || !IsRole(role)
                || !TryText(root, "owner_pubkey", out string owner)
                || !PublicKey.TryParse(owner, out PublicKey ownerKey)
                || !TryText(root, "signature", out string signatureHex)
                || signatureHex.Length != 2 * Ed25519.SignatureSize)
                return false;

            signature = Convert.FromHexString(signatureHex);
            invite = new LegacyInvite(meshId, meshSlug, brokerUrl, expiresAt, rootKey, role, ownerKey);
            return true;
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException or InvalidOperationException)
        {
            // Not JSON, a signature that is no hex, or a text with half a character: a token that nobody issued.
            return false;
        }
    }

    private static bool TryText(JsonElement root, string name, out string text)
    {
        bool found = root.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String;
        text = found ? value.GetString()! : string.Empty;
        return found;
    }
}
