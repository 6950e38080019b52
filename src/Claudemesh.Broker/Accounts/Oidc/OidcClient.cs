using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Claudemesh.Broker.Accounts.Oidc;

/// <summary>The provider does not answer as OpenID Connect says, or says something that must not be believed.</summary>
internal sealed class OidcException(string why, Exception? inner = null) : Exception(why, inner);

/// <summary>Whom the provider means.</summary>
/// <param name="Subject">Its own lasting name for him; nothing else of this says who he is.</param>
/// <param name="Email">Only where the provider says that it is his.</param>
internal sealed record OidcPerson(string Subject, string? Username, string? DisplayName, string? Email);

/// <summary>What the provider's discovery document says.</summary>
internal sealed record OidcMetadata(string Issuer, Uri AuthorizationEndpoint, Uri TokenEndpoint, Uri KeysUri, bool TakesBasic);

/// <summary>OpenID Connect 1.0 with the code flow, PKCE (RFC 7636) and a nonce. Metadata and keys are kept for an hour.</summary>
internal sealed class OidcClient(TimeProvider clock) : IDisposable
{
    private const int AnswerBytesMax = 512 * 1024;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    /// <summary>An unknown key may be a new one; nobody makes us ask for them faster.</summary>
    private static readonly TimeSpan KeysAgainAfter = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan SkewMax = TimeSpan.FromMinutes(1);

    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384,
        SecurityAlgorithms.RsaSsaPssSha256,
    ];

    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(10) })
    {
        Timeout = Timeout, MaxResponseContentBufferSize = AnswerBytesMax,
    };

    private readonly JsonWebTokenHandler handler = new();
    private (OidcMetadata Metadata, DateTimeOffset At)? known;
    private (JsonWebKeySet Keys, DateTimeOffset At)? keys;

    public async Task<Uri> AuthorizeAsync(OidcProvider provider, string redirect, string state, string nonce, string verifier, CancellationToken cancellationToken)
    {
        OidcMetadata metadata = await DiscoverAsync(provider, cancellationToken);
        string challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        Dictionary<string, string> asked = new(StringComparer.Ordinal)
        {
            ["response_type"] = "code",
            ["client_id"] = provider.ClientId,
            ["redirect_uri"] = redirect,
            ["scope"] = "openid profile email",
            ["state"] = state,
            ["nonce"] = nonce,
            ["code_challenge"] = challenge,
            ["code_challenge_method"] = "S256",
        };
        string query = string.Join('&', asked.Select(static pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}"));
        string endpoint = metadata.AuthorizationEndpoint.ToString();
        return new Uri(endpoint + (endpoint.Contains('?', StringComparison.Ordinal) ? '&' : '?') + query);
    }

    /// <exception cref="OidcException">The provider refuses the code, or its token is not to be believed.</exception>
    public async Task<OidcPerson> RedeemAsync(OidcProvider provider, string redirect, string code, string nonce, string verifier, CancellationToken cancellationToken)
    {
        OidcMetadata metadata = await DiscoverAsync(provider, cancellationToken);
        Dictionary<string, string> fields = new(StringComparer.Ordinal)
        {
            ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = redirect, ["code_verifier"] = verifier, ["client_id"] = provider.ClientId,
        };
        using HttpRequestMessage request = new(HttpMethod.Post, metadata.TokenEndpoint);
        if (provider.ClientSecret is { } secret && metadata.TakesBasic)
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Basic(provider.ClientId, secret));
        else if (provider.ClientSecret is { } posted)
            fields["client_secret"] = posted;
        request.Content = new FormUrlEncodedContent(fields);

        using JsonDocument answer = await AskAsync(request, cancellationToken);
        string token = Text(answer.RootElement, "id_token") ?? throw new OidcException("the token endpoint gave no id_token");
        return await ReadAsync(provider, metadata, token, nonce, cancellationToken);
    }

    public void Dispose() => http.Dispose();

    private async Task<OidcPerson> ReadAsync(OidcProvider provider, OidcMetadata metadata, string token, string nonce, CancellationToken cancellationToken)
    {
        JsonWebKeySet set = await ReadKeysAsync(metadata, again: false, cancellationToken);
        TokenValidationResult result = await handler.ValidateTokenAsync(token, Expected(provider, metadata, set));
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException)
            result = await handler.ValidateTokenAsync(token, Expected(provider, metadata, await ReadKeysAsync(metadata, again: true, cancellationToken)));
        if (!result.IsValid || result.SecurityToken is not JsonWebToken read)
            throw new OidcException("the id_token is not good", result.Exception);

        if (!read.TryGetPayloadValue("nonce", out string? said) || said is null
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(said), Encoding.UTF8.GetBytes(nonce)))
            throw new OidcException("the id_token is of another sign-in");
        if (read.Audiences.Skip(1).Any() && (!read.TryGetPayloadValue("azp", out string? party) || party != provider.ClientId))
            throw new OidcException("the id_token is for another client");
        if (string.IsNullOrEmpty(read.Subject) || read.Subject.Length > 255)
            throw new OidcException("the id_token names nobody");

        bool isVerified = read.TryGetPayloadValue("email_verified", out bool verified) && verified;
        return new OidcPerson(read.Subject, Claim(read, "preferred_username"), Claim(read, "name"), isVerified ? Claim(read, "email") : null);
    }

    private TokenValidationParameters Expected(OidcProvider provider, OidcMetadata metadata, JsonWebKeySet set) => new()
    {
        ValidIssuer = metadata.Issuer,
        ValidAudience = provider.ClientId,
        ValidAlgorithms = Algorithms,
        IssuerSigningKeys = set.GetSigningKeys(),
        RequireExpirationTime = true,
        RequireSignedTokens = true,
        LifetimeValidator = (notBefore, expires, _, _) =>
        {
            DateTime now = clock.GetUtcNow().UtcDateTime;
            return expires is { } end && now < end + SkewMax && (notBefore is not { } begin || now >= begin - SkewMax);
        },
    };

    private async Task<OidcMetadata> DiscoverAsync(OidcProvider provider, CancellationToken cancellationToken)
    {
        if (known is { } held && clock.GetUtcNow() - held.At < Kept)
            return held.Metadata;

        using HttpRequestMessage request = new(HttpMethod.Get, provider.Issuer.ToString().TrimEnd('/') + "/.well-known/openid-configuration");
        using JsonDocument document = await AskAsync(request, cancellationToken);
        JsonElement said = document.RootElement;
        string issuer = Text(said, "issuer") ?? throw new OidcException("the discovery document has no issuer");
        if (issuer.TrimEnd('/') != provider.Issuer.ToString().TrimEnd('/'))
            throw new OidcException("the discovery document is of another issuer");

        bool takesBasic = !said.TryGetProperty("token_endpoint_auth_methods_supported", out JsonElement methods)
            || methods.EnumerateArray().Any(static method => method.ValueEquals("client_secret_basic"));
        OidcMetadata metadata = new(issuer, Address(said, "authorization_endpoint"), Address(said, "token_endpoint"), Address(said, "jwks_uri"), takesBasic);
        known = (metadata, clock.GetUtcNow());
        return metadata;
    }

    private async Task<JsonWebKeySet> ReadKeysAsync(OidcMetadata metadata, bool again, CancellationToken cancellationToken)
    {
        if (keys is { } held && clock.GetUtcNow() - held.At < (again ? KeysAgainAfter : Kept))
            return held.Keys;

        using HttpRequestMessage request = new(HttpMethod.Get, metadata.KeysUri);
        using JsonDocument document = await AskAsync(request, cancellationToken);
        JsonWebKeySet set = new(document.RootElement.GetRawText());
        keys = (set, clock.GetUtcNow());
        return set;
    }

    private async Task<JsonDocument> AskAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, cancellationToken);
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw new OidcException($"{request.RequestUri!.AbsolutePath} answered {(int)response.StatusCode}");

            JsonDocument document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind is JsonValueKind.Object)
                return document;

            document.Dispose();
            throw new OidcException($"{request.RequestUri!.AbsolutePath} answered no object");
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException || (failure is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new OidcException($"{request.RequestUri!.AbsolutePath} does not answer", failure);
        }
    }

    private static Uri Address(JsonElement said, string name) =>
        Uri.TryCreate(Text(said, name), UriKind.Absolute, out Uri? address) && OidcProvider.IsSafe(address)
            ? address
            : throw new OidcException($"the discovery document has no good {name}");

    private static string? Text(JsonElement said, string name) =>
        said.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static string? Claim(JsonWebToken token, string name) => token.TryGetPayloadValue(name, out string? value) ? value : null;

    /// <summary>RFC 6749 2.3.1: both are form-encoded first.</summary>
    private static string Basic(string id, string secret) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(id)}:{Uri.EscapeDataString(secret)}"));
}
