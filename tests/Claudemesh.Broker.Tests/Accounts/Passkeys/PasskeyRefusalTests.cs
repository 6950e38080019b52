using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Accounts.SignIn;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Accounts.Passkeys;

/// <summary>What is no passkey of the account, or says too much, is refused in one way; the reason is for the log.</summary>
public sealed class PasskeyRefusalTests
{
    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());

    public static TheoryData<string, PasskeyLie> Assertions => new()
    {
        { "a flipped signature", new PasskeyLie { FlipsSignature = true } },
        { "an unverified user", new PasskeyLie { Flags = 0x01 } },
        { "no user at all", new PasskeyLie { Flags = 0x04 } },
        { "another domain", new PasskeyLie { RpId = "evil.example" } },
        { "another origin", new PasskeyLie { Origin = "http://localhost:1" } },
        { "another scheme", new PasskeyLie { Origin = "https://localhost" } },
        { "a frame of another site", new PasskeyLie { CrossOrigin = true } },
        { "the other type", new PasskeyLie { Type = "webauthn.create" } },
        { "another challenge", new PasskeyLie { Challenge = Base64Url.EncodeToString(new byte[32]) } },
        { "another user handle", new PasskeyLie { UserHandle = Base64Url.EncodeToString("somebodyelse"u8) } },
        { "no user handle", new PasskeyLie { OmitsUserHandle = true } },
    };

    public static TheoryData<string, PasskeyLie> Attestations => new()
    {
        { "an unverified user", new PasskeyLie { Flags = 0x01 } },
        { "another domain", new PasskeyLie { RpId = "evil.example" } },
        { "another origin", new PasskeyLie { Origin = "http://localhost:1" } },
        { "a frame of another site", new PasskeyLie { CrossOrigin = true } },
        { "the other type", new PasskeyLie { Type = "webauthn.get" } },
        { "another challenge", new PasskeyLie { Challenge = Base64Url.EncodeToString(new byte[32]) } },
        { "an algorithm that was not offered", new PasskeyLie { Algorithm = -8 } },
    };

    [Theory]
    [MemberData(nameof(Assertions), DisableDiscoveryEnumeration = true)]
    public async Task A_proof_with_something_wrong_signs_nobody_in(string what, PasskeyLie lie)
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestAuthenticator passkey = new(counts: true);
        using TestBrowser browser = new(broker);
        await browser.PasskeySignUpAsync("ann", passkey, await broker.MakeSetupTokenAsync());
        using TestBrowser other = new(broker);

        RestAnswer answer = await other.PasskeySignInAsync(passkey, lie: lie);

        Assert.Equal((what, 401, "passkey_refused"), (what, answer.Status, answer.Code));
        Assert.DoesNotContain("Exception", answer.Text, StringComparison.Ordinal);
        Assert.Equal(401, (await other.GetAsync("/api/my/account")).Status);
        Assert.Equal(200, (await other.PasskeySignInAsync(passkey)).Status);
    }

    [Theory]
    [MemberData(nameof(Attestations), DisableDiscoveryEnumeration = true)]
    public async Task A_new_passkey_with_something_wrong_makes_no_account(string what, PasskeyLie lie)
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestAuthenticator passkey = new();
        using TestBrowser browser = new(broker);
        string? setup = await broker.MakeSetupTokenAsync();

        RestAnswer answer = await browser.PasskeySignUpAsync("ann", passkey, setup, lie);

        Assert.Equal((what, 401, "passkey_refused"), (what, answer.Status, answer.Code));
        Assert.Equal(201, (await browser.PasskeySignUpAsync("ann", passkey, setup)).Status);
    }

    [Fact]
    public async Task A_copied_authenticator_is_refused_by_its_counter()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestAuthenticator passkey = new(counts: true);
        using TestBrowser browser = new(broker);
        await browser.PasskeySignUpAsync("ann", passkey, await broker.MakeSetupTokenAsync());
        Assert.Equal(200, (await browser.PasskeySignInAsync(passkey, lie: new PasskeyLie { Counter = 7 })).Status);

        Assert.Equal("passkey_refused", (await browser.PasskeySignInAsync(passkey, lie: new PasskeyLie { Counter = 7 })).Code);
        Assert.Equal("passkey_refused", (await browser.PasskeySignInAsync(passkey, lie: new PasskeyLie { Counter = 3 })).Code);
        Assert.Equal(200, (await browser.PasskeySignInAsync(passkey, lie: new PasskeyLie { Counter = 8 })).Status);
    }

    [Fact]
    public async Task A_passkey_that_is_somebodys_is_nobody_elses()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestAuthenticator passkey = new();
        using TestBrowser ann = new(broker);
        await ann.PasskeySignUpAsync("ann", passkey, await broker.MakeSetupTokenAsync());
        using TestBrowser bob = new(broker);

        Assert.Equal("passkey_refused", (await bob.PasskeySignUpAsync("bob", passkey, setup: null)).Code);
        Assert.Equal("sign_in_failed", (await bob.SignInAsync("bob")).Code);
    }

    [Fact]
    public async Task An_unknown_credential_proves_nothing()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestAuthenticator passkey = new();
        using TestAuthenticator stranger = new();
        using TestBrowser browser = new(broker);
        await browser.PasskeySignUpAsync("ann", passkey, await broker.MakeSetupTokenAsync());

        Assert.Equal("passkey_refused", (await browser.PasskeySignInAsync(stranger)).Code);
    }

    [Theory]
    [InlineData("""{"prf":{"results":{"first":"AAAA"}}}""")]
    [InlineData("""{"prf":{"enabled":true,"results":{}}}""")]
    [InlineData("""{"hmacGetSecret":{"output1":"AAAA"}}""")]
    [InlineData("""{"largeBlob":{"blob":"AAAA"}}""")]
    public async Task A_body_with_what_the_passkey_derives_is_refused_unread(string extensions)
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestAuthenticator passkey = new();
        using TestBrowser browser = new(broker);
        await browser.PasskeySignUpAsync("ann", passkey, await broker.MakeSetupTokenAsync());

        foreach ((string begin, string end) in ((string, string)[])[
            ("/api/auth/passkeys/options", "/api/auth/passkeys/sign-in"),
            ("/api/auth/fresh/passkey-options", "/api/auth/fresh/passkey")])
        {
            JsonObject begun = (await browser.PostAsync(begin, begin.Contains("fresh", StringComparison.Ordinal) ? null : new JsonObject())).Body!;
            JsonObject credential = passkey.Get(begun["options"]!, browser.Origin);
            credential["clientExtensionResults"] = JsonNode.Parse(extensions);
            RestAnswer refused = await browser.PostAsync(end, new JsonObject { ["ceremony"] = (string?)begun["ceremony"], ["credential"] = credential });
            Assert.Equal((400, "passkey_secret_sent"), (refused.Status, refused.Code));
        }

        using TestAuthenticator second = new();
        JsonObject adding = (await browser.PostAsync("/api/my/passkeys/options")).Body!;
        JsonObject made = second.Create(adding["options"]!, browser.Origin);
        made["clientExtensionResults"] = JsonNode.Parse(extensions);
        JsonObject body = new() { ["ceremony"] = (string?)adding["ceremony"], ["credential"] = made, ["name"] = "x" };
        Assert.Equal("passkey_secret_sent", (await browser.PostAsync("/api/my/passkeys", body)).Code);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("\"text\"")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{},"clientExtensionResults":{}}""")]
    [InlineData("""{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA","attestationObject":"/w"},"clientExtensionResults":{}}""")]
    public async Task Nonsense_in_place_of_a_credential_is_refused_like_a_bad_one(string credential)
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestBrowser browser = new(broker);
        await browser.SignUpAsync("ann");
        foreach ((string begin, string end) in ((string, string)[])[
            ("/api/auth/passkeys/options", "/api/auth/passkeys/sign-in"),
            ("/api/auth/fresh/passkey-options", "/api/auth/fresh/passkey"),
            ("/api/my/passkeys/options", "/api/my/passkeys")])
        {
            JsonObject begun = (await browser.PostAsync(begin, begin.EndsWith("keys/options", StringComparison.Ordinal) && begin.Contains("auth", StringComparison.Ordinal) ? new JsonObject() : null)).Body!;
            RestAnswer answer = await browser.PostAsync(end, $$"""{"ceremony":"{{(string?)begun["ceremony"]}}","credential":{{credential}},"name":"x"}""");
            Assert.True(answer.Code is "passkey_refused" or "invalid_args", $"{end}: {answer.Status} {answer.Text}");
        }
    }

    [Fact]
    public async Task A_credential_that_is_deep_or_long_is_refused()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestBrowser browser = new(broker);
        string deep = new StringBuilder().Insert(0, "[", 5_000).Insert(5_000, "]", 5_000).ToString();

        Assert.Equal("invalid_args", (await browser.PostAsync("/api/auth/passkeys/sign-in", $$"""{"ceremony":"x","credential":{{deep}}}""")).Code);
        Assert.Equal("payload_too_large", (await browser.PostAsync("/api/auth/passkeys/sign-in", $$"""{"ceremony":"x","credential":"{{new string('x', 17_000)}}"}""")).Code);
    }
}
