using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Claudemesh.TestKit;

/// <summary>An OpenID provider on a port of its own: discovery, the code flow with PKCE, keys. What it says of a person, and every lie, is set by the test.</summary>
public sealed class TestOidcProvider : IAsyncDisposable
{
    public const string ClientId = "claudemesh";
    public const string ClientSecret = "s3cret/+ of the client";

    private readonly WebApplication app;
    private readonly RSA key = RSA.Create(2048);
    private readonly TimeProvider clock;
    private readonly Dictionary<string, (string Challenge, string Nonce, string Redirect)> codes = new(StringComparer.Ordinal);

    private TestOidcProvider(WebApplication app, TimeProvider clock) => (this.app, this.clock) = (app, clock);

    public string Issuer => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>Beside what every token has.</summary>
    public JsonObject Claims { get; set; } = new() { ["sub"] = "person-1", ["preferred_username"] = "ann" };

    /// <summary>Changes the claims of a token before it is signed.</summary>
    public Action<JsonObject> Lie { get; set; } = static _ => { };

    public string Algorithm { get; set; } = "RS256";

    public string KeyId { get; set; } = "key-1";

    /// <summary>Signs with a key that it does not publish.</summary>
    public bool SignsWithAnotherKey { get; set; }

    /// <summary>What the discovery document says; null: the truth.</summary>
    public string? SaysIssuer { get; set; }

    /// <summary>What its authorize endpoint was last asked.</summary>
    public IReadOnlyDictionary<string, string> Asked { get; private set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public int KeysRead { get; private set; }

    public static async Task<TestOidcProvider> StartAsync(TimeProvider? clock = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        WebApplication web = builder.Build();
        TestOidcProvider provider = new(web, clock ?? TimeProvider.System);
        web.MapGet("/.well-known/openid-configuration", provider.DescribeAsync);
        web.MapGet("/keys", provider.ListKeysAsync);
        web.MapPost("/token", provider.GiveTokenAsync);
        await web.StartAsync();
        return provider;
    }

    /// <summary>The person says yes: where the provider sends the browser.</summary>
    public string Approve(string location)
    {
        Uri asked = new(location);
        Asked = QueryHelpers.ParseQuery(asked.Query).ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.Ordinal);
        string code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));
        codes[code] = (Asked["code_challenge"], Asked["nonce"], Asked["redirect_uri"]);
        Uri redirect = new(Asked["redirect_uri"]);
        return $"{redirect.AbsolutePath}?code={code}&state={Uri.EscapeDataString(Asked["state"])}&session_state=x&iss={Uri.EscapeDataString(Issuer)}";
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        key.Dispose();
    }

    private Task DescribeAsync(HttpContext context) => WriteAsync(context, new JsonObject
    {
        ["issuer"] = SaysIssuer ?? Issuer,
        ["authorization_endpoint"] = Issuer + "/authorize",
        ["token_endpoint"] = Issuer + "/token",
        ["jwks_uri"] = Issuer + "/keys",
    });

    private Task ListKeysAsync(HttpContext context)
    {
        KeysRead++;
        RSAParameters shown = key.ExportParameters(includePrivateParameters: false);
        return WriteAsync(context, new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["kty"] = "RSA", ["use"] = "sig", ["kid"] = KeyId, ["alg"] = "RS256",
                ["n"] = Base64Url.EncodeToString(shown.Modulus), ["e"] = Base64Url.EncodeToString(shown.Exponent),
            }),
        });
    }

    private async Task GiveTokenAsync(HttpContext context)
    {
        IFormCollection form = await context.Request.ReadFormAsync();
        string expected = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(ClientId)}:{Uri.EscapeDataString(ClientSecret)}"));
        bool isGood = codes.Remove(form["code"].ToString(), out (string Challenge, string Nonce, string Redirect) code)
            && context.Request.Headers.Authorization == expected
            && form["grant_type"] == "authorization_code"
            && form["redirect_uri"] == code.Redirect
            && Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) == code.Challenge;
        if (!isGood)
        {
            context.Response.StatusCode = 400;
            await WriteAsync(context, new JsonObject { ["error"] = "invalid_grant" });
            return;
        }

        long now = clock.GetUtcNow().ToUnixTimeSeconds();
        JsonObject claims = Claims.DeepClone().AsObject();
        claims["iss"] = Issuer;
        claims["aud"] = ClientId;
        claims["iat"] = now;
        claims["exp"] = now + 300;
        claims["nonce"] = code.Nonce;
        Lie(claims);
        await WriteAsync(context, new JsonObject { ["id_token"] = Sign(claims), ["token_type"] = "Bearer", ["access_token"] = "x" });
    }

    private string Sign(JsonObject claims)
    {
        JsonObject header = new() { ["alg"] = Algorithm, ["typ"] = "JWT", ["kid"] = KeyId };
        string signed = $"{Base64UrlEncoder.Encode(header.ToJsonString())}.{Base64UrlEncoder.Encode(claims.ToJsonString())}";
        byte[] bytes = Encoding.ASCII.GetBytes(signed);
        using RSA other = RSA.Create(2048);
        byte[] signature = Algorithm switch
        {
            "none" => [],
            "HS256" => HMACSHA256.HashData(Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem()), bytes),
            _ => (SignsWithAnotherKey ? other : key).SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        };
        return $"{signed}.{Base64UrlEncoder.Encode(signature)}";
    }

    private static Task WriteAsync(HttpContext context, JsonObject body)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString());
    }
}
