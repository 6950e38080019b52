using System.Text.Json.Serialization;

namespace Claudemesh.Daemon.Account;

// The JSON of a broker's account routes, as this side reads and writes it. Unknown fields are ignored; what is missing is null.

/// <summary>RFC 8414.</summary>
internal sealed record ServerMetadata(
    [property: JsonPropertyName("issuer")] string? Issuer,
    [property: JsonPropertyName("token_endpoint")] string? Token,
    [property: JsonPropertyName("device_authorization_endpoint")] string? DeviceAuthorization,
    [property: JsonPropertyName("revocation_endpoint")] string? Revocation);

/// <summary>RFC 8628, 3.2.</summary>
internal sealed record DeviceAuthorization(
    [property: JsonPropertyName("device_code")] string? DeviceCode,
    [property: JsonPropertyName("user_code")] string? UserCode,
    [property: JsonPropertyName("verification_uri")] string? VerificationUri,
    [property: JsonPropertyName("verification_uri_complete")] string? VerificationUriComplete,
    [property: JsonPropertyName("expires_in")] int ExpiresIn,
    [property: JsonPropertyName("interval")] int? Interval);

/// <summary>RFC 6749, 5.1, with what our broker adds for a device.</summary>
internal sealed record TokenAnswer(
    [property: JsonPropertyName("access_token")] string? AccessToken,
    [property: JsonPropertyName("expires_in")] int ExpiresIn,
    [property: JsonPropertyName("refresh_token")] string? RefreshToken,
    [property: JsonPropertyName("sub")] string? Sub,
    [property: JsonPropertyName("approval")] WireApproval? Approval)
{
    public override string ToString() => "(tokens)";
}

/// <param name="Text">The bytes A, base64.</param>
internal sealed record WireApproval(byte[] Text, byte[] Box, byte[] AccountSig, byte[] DeviceSig);

/// <summary>A refusal in any of the forms that account routes have: RFC 6749 or a problem.</summary>
internal sealed record WireRefusal(
    [property: JsonPropertyName("error")] string? Error,
    [property: JsonPropertyName("error_description")] string? Description,
    [property: JsonPropertyName("code")] string? Code,
    [property: JsonPropertyName("detail")] string? Detail);

internal sealed record AccountSummary(string UserId, string Username, string DisplayName, bool IsOperator = false);

internal sealed record SignedIn(AccountSummary? Account, string? Csrf, string? SecondFactor);

internal sealed record Credentials(string Username, string Password);

internal sealed record SecondFactor(string Ceremony, string Code);

internal sealed record NewAccount(string Username, string DisplayName, string Password, string? Email, string? Setup, string? Invite);

internal sealed record FreshPassword(string Password, string? Code);

internal sealed record AccountPage(AccountSummary Account, IReadOnlyList<AccountPasskey>? Passkeys);

internal sealed record AccountPasskey(string Id, bool Recovers = false);

internal sealed record WireRequest(
    string UserCode, string DevicePub, string DeviceName, string? Platform, string? Address, bool SameComputer, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

internal sealed record ApproveRequest(byte[] Text, byte[] Box, byte[] AccountSig, byte[] DeviceSig, string? TypedName);

internal sealed record ApprovedRequest(LoopbackReturn? Loopback);

internal sealed record LoopbackReturn(int Port, string Code);

internal sealed record WireKey(long Generation, string AccountPub, WireKeyRecord? Record = null, IReadOnlyList<WireKeyRecord>? History = null);

internal sealed record WireKeyRecord(long Generation, string AccountPub, byte[] Text, byte[] AccountSig, byte[] DeviceSig, string DevicePub, byte[]? OldSig = null);

internal sealed record FirstKey(byte[] Text, byte[] AccountSig, byte[] DeviceSig, string DeviceName);

internal sealed record WireDevices(IReadOnlyList<WireDevice> Devices);

internal sealed record WireDevice(
    string DevicePub, string Name, string? Kind, DateTimeOffset AddedAt, string? ApprovedBy, DateTimeOffset? LastSeenAt, bool Current, byte[]? Text, byte[]? AccountSig, byte[]? DeviceSig);

internal sealed record AddDevice(byte[] Text, byte[] AccountSig, byte[] DeviceSig);

internal sealed record WireRecovery(IReadOnlyList<WireBlob> Blobs);

/// <param name="Blob">Null where the broker wants its person to prove himself anew first.</param>
internal sealed record WireBlob(string Id, string Kind, long Generation, byte[]? Blob);

internal sealed record KeepBlob(byte[] Blob, long Generation);

internal sealed record NewRenewal(
    byte[] Text, byte[] OldSig, byte[] NewSig, byte[] DeviceSig, IReadOnlyList<string> RemovedDevices, IReadOnlyList<SealedSecret> Copies);

internal sealed record SealedSecret(string DevicePub, byte[] Sealed);

internal sealed record WireRenewal(byte[] Text, byte[] OldSig, byte[] NewSig, byte[] DeviceSig, byte[]? Copy);

internal sealed record WireVault(long Version, byte[]? Blob = null);

internal sealed record WireMeshes(IReadOnlyList<WireMesh> Meshes);

internal sealed record WireMesh(string Id, string Slug, string Name, string Role, string MemberId, string MemberPub, string DisplayName, DateTimeOffset? ArchivedAt);

internal sealed record ClaimMember(string MemberPub, long At, byte[] Proof);

/// <summary>An answer whose content does not matter.</summary>
internal sealed record Nothing
{
    public static readonly Nothing Value = new();
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 16)]
[JsonSerializable(typeof(AccountPage))]
[JsonSerializable(typeof(AddDevice))]
[JsonSerializable(typeof(ApprovedRequest))]
[JsonSerializable(typeof(ApproveRequest))]
[JsonSerializable(typeof(ClaimMember))]
[JsonSerializable(typeof(Credentials))]
[JsonSerializable(typeof(DeviceAuthorization))]
[JsonSerializable(typeof(FirstKey))]
[JsonSerializable(typeof(FreshPassword))]
[JsonSerializable(typeof(KeepBlob))]
[JsonSerializable(typeof(NewAccount))]
[JsonSerializable(typeof(NewRenewal))]
[JsonSerializable(typeof(Nothing))]
[JsonSerializable(typeof(SecondFactor))]
[JsonSerializable(typeof(ServerMetadata))]
[JsonSerializable(typeof(SignedIn))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(WireDevices))]
[JsonSerializable(typeof(WireKey))]
[JsonSerializable(typeof(WireMeshes))]
[JsonSerializable(typeof(WireRecovery))]
[JsonSerializable(typeof(WireRefusal))]
[JsonSerializable(typeof(WireRenewal))]
[JsonSerializable(typeof(WireRequest))]
[JsonSerializable(typeof(WireVault))]
internal sealed partial class WireJson : JsonSerializerContext;
