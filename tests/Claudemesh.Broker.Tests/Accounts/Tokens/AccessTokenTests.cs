using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Accounts;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Tests.Accounts.Sessions;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Accounts.Tokens;

/// <summary>Of access tokens the door takes those that the broker made, in their time, of a session that is open; each other kind by name.</summary>
public sealed class AccessTokenTests
{
    private const string Mine = "/api/my/sessions";

    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());

    [Fact]
    [Trait("cli", "7 auth: two kinds of tokens")]
    public async Task One_token_opens_the_account_and_its_workspaces_whether_a_browser_or_a_device_has_it()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        foreach (Protocol.PublicKey? device in (Protocol.PublicKey?[])[null, mesh.OwnerKey.Public])
        {
            using TestAccount account = await TestAccount.CreateAsync(mesh.Broker, device is null ? "ann" : "bob", device);
            await account.OwnMemberAsync(mesh.Broker, mesh.OwnerId);

            Assert.Equal(200, (await account.GetAsync(Mine)).Status);
            Assert.Equal(200, (await account.GetAsync("/api/v1/peers")).Status);
        }
    }

    [Fact]
    public async Task A_token_says_who_made_it_for_whom_and_for_how_long_and_nothing_else()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        (JsonObject header, JsonObject claims) = Read(ann.Token);

        Assert.Equal(["alg", "kid", "typ"], header.Select(one => one.Key).Order());
        Assert.Equal(("ES256", "at+jwt"), ((string?)header["alg"], (string?)header["typ"]));
        Assert.Equal(["aud", "auth_time", "exp", "iat", "iss", "jti", "nbf", "sid", "sub"], claims.Select(one => one.Key).Order());
        Assert.Equal((Origin(broker), "claudemesh", ann.Id.Value), ((string?)claims["iss"], (string?)claims["aud"], (string?)claims["sub"]));
        Assert.Equal(600, (long)claims["exp"]! - (long)claims["iat"]!);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    public async Task A_token_without_a_signature_is_none(string algorithm)
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        (JsonObject header, JsonObject claims) = Read(ann.Token);
        header["alg"] = algorithm;
        string text = $"{Part(header)}.{Part(claims)}.";

        await RefusedAsync(broker, text);
        await RefusedAsync(broker, text + ann.Token.Split('.')[2]);
        await RefusedAsync(broker, string.Join('.', ann.Token.Split('.')[..2]) + ".");
    }

    /// <summary>The public key is public: one who signs with it as with a shared secret must not get in.</summary>
    [Theory]
    [InlineData("HS256")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    public async Task A_token_signed_with_the_public_key_as_a_secret_is_none(string algorithm)
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        (JsonObject header, JsonObject claims) = Read(ann.Token);
        header["alg"] = algorithm;
        ECDsa key = broker.Services.GetRequiredService<SigningKeys>().Current.ECDsa;
        string text = $"{Part(header)}.{Part(claims)}";
        string jwk = (await broker.Http.GetStringAsync(new Uri("/.well-known/jwks.json", UriKind.Relative))).Trim();
        foreach (byte[] secret in (byte[][])[key.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem()), Encoding.ASCII.GetBytes(jwk)])
        {
            byte[] signed = Encoding.ASCII.GetBytes(text);
            byte[] tag = algorithm switch
            {
                "HS256" => HMACSHA256.HashData(secret, signed),
                "HS384" => HMACSHA384.HashData(secret, signed),
                _ => HMACSHA512.HashData(secret, signed),
            };
            await RefusedAsync(broker, $"{text}.{Base64Url.EncodeToString(tag)}");
        }
    }

    [Fact]
    public async Task A_token_of_another_key_is_none_whatever_it_calls_the_key()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        using ECDsa foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (JsonObject header, JsonObject claims) = Read(ann.Token);
        string known = (string)header["kid"]!;
        foreach (string? id in (string?[])[known, "nobody", "", "../token-keys.pem", new string('k', 500), null])
        {
            JsonObject named = (JsonObject)header.DeepClone();
            if (id is null)
                named.Remove("kid");
            else
                named["kid"] = id;
            await RefusedAsync(broker, Sign(named, claims, foreign));
        }

        // One that brings its own key along, or says where it is found.
        foreach (string field in (string[])["jwk", "jku", "x5u", "x5c"])
        {
            JsonObject named = (JsonObject)header.DeepClone();
            named[field] = "https://elsewhere.example/keys.json";
            await RefusedAsync(broker, Sign(named, claims, foreign));
        }
    }

    [Fact]
    public async Task A_good_key_under_an_unknown_name_is_none()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        (JsonObject header, JsonObject claims) = Read(ann.Token);
        Assert.Equal(200, await StatusAsync(broker, Sign(header, claims, Own(broker))));

        header["kid"] = "nobody";
        await RefusedAsync(broker, Sign(header, claims, Own(broker)));
        header.Remove("kid");
        await RefusedAsync(broker, Sign(header, claims, Own(broker)));
    }

    [Theory]
    [InlineData("iss", "https://elsewhere.example")]
    [InlineData("iss", null)]
    [InlineData("aud", "another")]
    [InlineData("aud", null)]
    [InlineData("sub", "somebody-else")]
    [InlineData("sub", null)]
    [InlineData("sid", "no-session")]
    [InlineData("sid", null)]
    [InlineData("exp", null)]
    public async Task A_token_that_says_something_else_is_none_also_with_a_good_signature(string claim, string? value)
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        (JsonObject header, JsonObject claims) = Read(ann.Token);
        if (value is null)
            claims.Remove(claim);
        else
            claims[claim] = value;

        await RefusedAsync(broker, Sign(header, claims, Own(broker)));
    }

    /// <summary>A token of one account with the session of another.</summary>
    [Fact]
    public async Task A_session_of_another_account_makes_no_token_good()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        using TestAccount bob = await TestAccount.CreateAsync(broker, "bob");
        (JsonObject header, JsonObject claims) = Read(ann.Token);
        claims["sid"] = (string?)Read(bob.Token).Claims["sid"];

        await RefusedAsync(broker, Sign(header, claims, Own(broker)));
    }

    [Theory]
    [InlineData("JWT")]
    [InlineData("id+jwt")]
    [InlineData("logout+jwt")]
    [InlineData(null)]
    [Trait("rest", "7.1 A17")]
    public async Task A_token_of_another_kind_is_not_taken_for_one_that_opens_something(string? type)
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        (JsonObject header, JsonObject claims) = Read(ann.Token);
        if (type is null)
            header.Remove("typ");
        else
            header["typ"] = type;

        await RefusedAsync(broker, Sign(header, claims, Own(broker)));
    }

    [Fact]
    [Trait("rest", "7.1 A17")]
    public async Task A_refresh_token_and_what_is_no_token_at_all_open_nothing()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        string refresh = await broker.BeginRefreshAsync(ann);
        foreach (string text in (string[])[refresh, "a.b.c", "..", "....", new string('a', 1_500) + ".b.c", new string('a', 9_000) + ".b.c", ann.Token + ".x", "cmp_", ann.Token[..^4]])
            Assert.Equal(401, await StatusAsync(broker, text));
    }

    [Fact]
    [Trait("rest", "7.1 A17")]
    [Trait("wire", "7.3 #21")]
    public async Task A_token_is_good_from_its_beginning_to_its_end_and_a_minute_beyond_for_clocks_that_differ()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        long now = clock.GetUtcNow().ToUnixTimeSeconds();
        (JsonObject header, JsonObject claims) = Read(ann.Token);

        foreach ((long begin, long end, int status) in ((long, long, int)[])
            [(now - 600, now + 1, 200), (now - 600, now - 59, 200), (now - 600, now - 61, 401), (now + 59, now + 600, 200), (now + 61, now + 600, 401)])
        {
            (claims["nbf"], claims["exp"]) = (begin, end);
            Assert.Equal((begin - now, end - now, status), (begin - now, end - now, await StatusAsync(broker, Sign(header, claims, Own(broker)))));
        }

        clock.Advance(AccessTokens.Life + TimeSpan.FromSeconds(59));
        Assert.Equal(200, await StatusAsync(broker, ann.Token));
        clock.Advance(TimeSpan.FromSeconds(2));
        await RefusedAsync(broker, ann.Token);
    }

    [Fact]
    [Trait("rest", "7.1 A17")]
    public async Task A_token_of_a_session_that_was_ended_is_over_at_once()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        using TestAccount again = await ann.SignInAgainAsync(broker);
        string session = (string)Read(ann.Token).Claims["sid"]!;

        Assert.Equal(204, (await again.AskAsync(HttpMethod.Delete, $"/api/my/sessions/{session}")).Status);

        await RefusedAsync(broker, ann.Token);
        Assert.Equal(200, (await again.GetAsync(Mine)).Status);
    }

    [Fact]
    public async Task A_token_of_an_account_that_was_deleted_is_over_at_once()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");

        await broker.Services.GetRequiredService<Database>().WriteAsync(
            scope => scope.Sql.Execute("UPDATE account SET deleted_at = @now WHERE user_id = @user", ("@now", scope.Now.Micros), ("@user", ann.Id.Value)),
            CancellationToken.None);

        await RefusedAsync(broker, ann.Token);
    }

    [Fact]
    public async Task A_token_of_another_broker_is_none_here()
    {
        await using TestBroker here = await TestBroker.StartAsync(clock);
        await using TestBroker there = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(there, "ann");

        await RefusedAsync(here, ann.Token);
    }

    [Fact]
    public async Task A_token_is_one_in_the_header_alone()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");

        Assert.Equal(400, (await broker.Http.SendAsync(HttpMethod.Get, $"{Mine}?access_token={ann.Token}")).Status);
        using HttpRequestMessage twice = new(HttpMethod.Get, new Uri(Mine, UriKind.Relative));
        twice.Headers.TryAddWithoutValidation("Authorization", [$"Bearer {ann.Token}", $"Bearer {ann.Token}"]);
        Assert.Equal(401, (await RestAnswer.ReadAsync(await broker.Http.SendAsync(twice))).Status);
    }

    private static ECDsa Own(TestBroker broker) => broker.Services.GetRequiredService<SigningKeys>().Current.ECDsa;

    private static string Origin(TestBroker broker) => broker.Services.GetRequiredService<PublicAddress>().Origin;

    private static (JsonObject Header, JsonObject Claims) Read(string token)
    {
        string[] parts = token.Split('.');
        return (Parse(parts[0]), Parse(parts[1]));
    }

    private static JsonObject Parse(string part) => JsonNode.Parse(Base64Url.DecodeFromChars(part))!.AsObject();

    private static string Part(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));

    private static string Sign(JsonObject header, JsonObject claims, ECDsa key)
    {
        string text = $"{Part(header)}.{Part(claims)}";
        return $"{text}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256))}";
    }

    private static async Task<int> StatusAsync(TestBroker broker, string token)
    {
        using HttpClient http = broker.Bearer(token);
        return (await http.SendAsync(HttpMethod.Get, Mine)).Status;
    }

    private static async Task RefusedAsync(TestBroker broker, string token)
    {
        using HttpClient http = broker.Bearer(token);
        RestAnswer answer = await http.SendAsync(HttpMethod.Get, Mine);
        Assert.Equal((401, "token_invalid"), (answer.Status, answer.Code));
        Assert.Equal("Bearer error=\"invalid_token\"", answer.Headers.WwwAuthenticate.ToString());
    }
}
