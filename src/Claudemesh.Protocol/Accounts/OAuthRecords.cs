using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

// What clients of OAuth know by these names (RFC 6749, 7517, 8414).

/// <summary>The answer of <c>POST /oauth/token</c>.</summary>
/// <param name="ExpiresIn">Seconds that the access token lives.</param>
/// <param name="RefreshToken">Good once; the answer to it has the next.</param>
/// <param name="Sub">The account's id, which a device compares with the one it knows.</param>
/// <param name="Approval">Of a device that has just been approved.</param>
public sealed record OAuthTokens(
    [property: JsonPropertyName("access_token")] string AccessToken,
    [property: JsonPropertyName("token_type")] string TokenType,
    [property: JsonPropertyName("expires_in")] int ExpiresIn,
    [property: JsonPropertyName("refresh_token")] string RefreshToken,
    string Scope,
    UserId Sub,
    ApprovalParts? Approval = null)
{
    public const string Bearer = "Bearer";

    /// <summary>The one scope that there is: the account.</summary>
    public const string AccountScope = "account";

    public override string ToString() => $"tokens of {Sub}";
}

/// <summary>A refusal as RFC 6749, 5.2, has it.</summary>
/// <param name="Error">Such as <c>invalid_grant</c>.</param>
/// <param name="ErrorDescription">What, why and what to do.</param>
public sealed record OAuthError(string Error, [property: JsonPropertyName("error_description")] string ErrorDescription);

/// <summary>Where a client finds the rest (RFC 8414).</summary>
public sealed record OAuthServer(
    string Issuer,
    [property: JsonPropertyName("token_endpoint")] string TokenEndpoint,
    [property: JsonPropertyName("device_authorization_endpoint")] string DeviceAuthorizationEndpoint,
    [property: JsonPropertyName("revocation_endpoint")] string RevocationEndpoint,
    [property: JsonPropertyName("jwks_uri")] string JwksUri,
    [property: JsonPropertyName("grant_types_supported")] string[] GrantTypesSupported,
    [property: JsonPropertyName("response_types_supported")] string[] ResponseTypesSupported,
    [property: JsonPropertyName("scopes_supported")] string[] ScopesSupported,
    [property: JsonPropertyName("token_endpoint_auth_methods_supported")] string[] TokenEndpointAuthMethodsSupported,
    [property: JsonPropertyName("revocation_endpoint_auth_methods_supported")] string[] RevocationEndpointAuthMethodsSupported,
    [property: JsonPropertyName("service_documentation")] string ServiceDocumentation);

/// <summary>The keys that access tokens are signed with (RFC 7517): the current one first.</summary>
public sealed record JsonWebKeys(PublicJsonWebKey[] Keys);

/// <param name="X">Base64url, like <paramref name="Y"/>.</param>
public sealed record PublicJsonWebKey(string Kty, string Crv, string X, string Y, string Use, string Alg, string Kid);
