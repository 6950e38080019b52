using System.Text.Json.Nodes;
using Claudemesh.Broker.Accounts.Oidc;
using Claudemesh.Broker.Tests.Accounts.SignIn;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Accounts.Oidc;

/// <summary>Signing in by somebody who vouches elsewhere, with a real provider that can lie.</summary>
public sealed class OidcTests
{
    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());

    public static TheoryData<string, Action<TestOidcProvider>> Lies => new()
    {
        { "another issuer", provider => provider.Lie = claims => claims["iss"] = "https://evil.example" },
        { "another client", provider => provider.Lie = claims => claims["aud"] = "somebody else" },
        { "several clients without saying which", provider => provider.Lie = claims => claims["aud"] = new JsonArray(TestOidcProvider.ClientId, "other") },
        { "another nonce", provider => provider.Lie = claims => claims["nonce"] = "another" },
        { "no nonce", provider => provider.Lie = claims => claims.Remove("nonce") },
        { "one that is over", provider => provider.Lie = claims => claims["exp"] = (long)claims["iat"]! - 120 },
        { "one without an end", provider => provider.Lie = claims => claims.Remove("exp") },
        { "nobody", provider => provider.Lie = claims => claims.Remove("sub") },
        { "no signature", provider => provider.Algorithm = "none" },
        { "a signature by the public key", provider => provider.Algorithm = "HS256" },
        { "a key that is not its own", provider => provider.SignsWithAnotherKey = true },
    };

    [Fact]
    public async Task Who_is_vouched_for_gets_an_account_and_is_the_same_one_the_next_time()
    {
        await using TestOidcProvider provider = await TestOidcProvider.StartAsync(clock);
        provider.Claims = new JsonObject { ["sub"] = "p-7", ["preferred_username"] = "Ann.Lee@corp", ["name"] = "Ann Lee", ["email"] = "ann@example.org", ["email_verified"] = true };
        await using TestBroker broker = await StartAsync(provider);
        using TestBrowser browser = new(broker);

        RestAnswer start = await browser.GetAsync("/api/auth/oidc/start?returnTo=/device?code=ABCD-EFGH");
        Assert.Equal(302, start.Status);
        RestAnswer back = await browser.GetAsync(provider.Approve(start.Headers.Location!.ToString()));

        Assert.Equal(browser.Origin + "/device?code=ABCD-EFGH", back.Headers.Location!.ToString());
        JsonObject account = (await browser.GetAsync("/api/my/account")).Body!;
        Assert.Equal(("Ann-Lee-corp", "Ann Lee", "ann@example.org"), ((string?)account["account"]!["username"], (string?)account["account"]!["displayName"], (string?)account["email"]));
        Assert.True((bool)account["emailVerified"]!);
        Assert.Equal("S256", provider.Asked["code_challenge_method"]);

        using TestBrowser other = new(broker);
        await TripAsync(other, provider);
        Assert.Equal((string?)account["account"]!["userId"], (string?)(await other.GetAsync("/api/my/account")).Body!["account"]!["userId"]);
        Assert.Equal(1, provider.KeysRead);
    }

    [Theory]
    [MemberData(nameof(Lies), DisableDiscoveryEnumeration = true)]
    public async Task A_token_that_is_not_to_be_believed_signs_nobody_in(string what, Action<TestOidcProvider> lie)
    {
        await using TestOidcProvider provider = await TestOidcProvider.StartAsync(clock);
        await using TestBroker broker = await StartAsync(provider);
        using TestBrowser browser = new(broker);
        lie(provider);

        RestAnswer back = await TripAsync(browser, provider);

        Assert.Equal((what, "/sign-in?error=oidc_refused"), (what, back.Headers.Location!.PathAndQuery));
        Assert.Equal(401, (await browser.GetAsync("/api/my/account")).Status);
    }

    [Fact]
    public async Task The_way_back_is_good_once_and_in_the_browser_that_set_out()
    {
        await using TestOidcProvider provider = await TestOidcProvider.StartAsync(clock);
        await using TestBroker broker = await StartAsync(provider);
        using TestBrowser browser = new(broker);
        using TestBrowser victim = new(broker);
        await victim.PostAsync("/api/auth/passkeys/options", new JsonObject());

        // Somebody is sent the way back of another: he would be signed in to the other's account.
        string way = provider.Approve((await browser.GetAsync("/api/auth/oidc/start")).Headers.Location!.ToString());
        Assert.Equal("/sign-in?error=ceremony_invalid", (await victim.GetAsync(way)).Headers.Location!.PathAndQuery);
        Assert.Equal("/sign-in?error=ceremony_invalid", (await browser.GetAsync(way)).Headers.Location!.PathAndQuery);

        way = provider.Approve((await browser.GetAsync("/api/auth/oidc/start")).Headers.Location!.ToString());
        Assert.Equal("/", (await browser.GetAsync(way)).Headers.Location!.PathAndQuery);
        Assert.Equal("/sign-in?error=ceremony_invalid", (await browser.GetAsync(way)).Headers.Location!.PathAndQuery);
        way = provider.Approve((await browser.GetAsync("/api/auth/oidc/start")).Headers.Location!.ToString());
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("/sign-in?error=ceremony_invalid", (await browser.GetAsync(way)).Headers.Location!.PathAndQuery);
        Assert.Equal("/sign-in?error=ceremony_invalid", (await browser.GetAsync("/api/auth/oidc/callback?error=access_denied")).Headers.Location!.PathAndQuery);
    }

    [Fact]
    public async Task An_account_that_is_there_is_linked_only_by_who_is_signed_in_to_it()
    {
        await using TestOidcProvider provider = await TestOidcProvider.StartAsync(clock);
        provider.Claims = new JsonObject { ["sub"] = "p-7", ["preferred_username"] = "ann", ["email"] = "ann@example.org", ["email_verified"] = true };
        await using TestBroker broker = await StartAsync(provider);
        using TestBrowser ann = new(broker);
        await ann.SignUpAsync("ann", email: "ann@example.org");

        // The same name and address elsewhere are not the same person.
        using TestBrowser stranger = new(broker);
        await TripAsync(stranger, provider);
        Assert.Equal("ann-2", (string?)(await stranger.GetAsync("/api/my/account")).Body!["account"]!["username"]);
        Assert.Equal("/sign-in?error=oidc_linked_elsewhere", (await TripAsync(ann, provider)).Headers.Location!.PathAndQuery);

        provider.Claims["sub"] = "p-8";
        Assert.Equal("/", (await TripAsync(ann, provider)).Headers.Location!.PathAndQuery);
        Assert.Single((await ann.GetAsync("/api/my/account")).Body!["links"]!.AsArray());
        using TestBrowser later = new(broker);
        await TripAsync(later, provider);
        Assert.Equal("ann", (string?)(await later.GetAsync("/api/my/account")).Body!["account"]!["username"]);

        // With the link there is another way in.
        Assert.Equal(204, (await ann.SendAsync(HttpMethod.Delete, "/api/my/password")).Status);
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("fresh_authentication_required", (await ann.GetAsync("/api/auth/oidc/start")).Code);
    }

    [Fact]
    public async Task Where_an_invite_is_needed_it_is_needed_here_too()
    {
        await using TestOidcProvider provider = await TestOidcProvider.StartAsync(clock);
        await using TestBroker broker = await StartAsync(provider, SignUpRule.Invite);
        await using TestMesh mesh = await TestMesh.StartAsync(clock, broker: broker, log: LogKind.Required);
        using TestBrowser browser = new(broker);
        Assert.Equal("/sign-in?error=setup_link_invalid", (await TripAsync(browser, provider)).Headers.Location!.PathAndQuery);
        using TestBrowser first = new(broker);
        await first.SignUpAsync("first");

        Assert.Equal("/sign-in?error=invite_required", (await TripAsync(browser, provider)).Headers.Location!.PathAndQuery);
        Assert.Equal("/", (await TripAsync(browser, provider, "?invite=" + (await mesh.Log.InviteAsync(uses: 1)).Id)).Headers.Location!.PathAndQuery);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("https://evil.example/")]
    [InlineData("/\\evil.example")]
    [InlineData("evil")]
    public async Task Nobody_is_sent_on_to_another_site(string returnTo)
    {
        await using TestOidcProvider provider = await TestOidcProvider.StartAsync(clock);
        await using TestBroker broker = await StartAsync(provider);
        using TestBrowser browser = new(broker);

        RestAnswer back = await TripAsync(browser, provider, "?returnTo=" + Uri.EscapeDataString(returnTo));

        Assert.Equal(browser.Origin + "/", back.Headers.Location!.ToString());
    }

    [Fact]
    public async Task A_provider_that_is_away_or_another_is_told_in_words_of_ours()
    {
        TestOidcProvider provider = await TestOidcProvider.StartAsync(clock);
        await using TestBroker broker = await StartAsync(provider);
        using TestBrowser browser = new(broker);
        provider.SaysIssuer = "https://evil.example";
        Assert.Equal("/sign-in?error=oidc_refused", (await browser.GetAsync("/api/auth/oidc/start")).Headers.Location!.PathAndQuery);
        await provider.DisposeAsync();
        Assert.Equal("/sign-in?error=oidc_refused", (await browser.GetAsync("/api/auth/oidc/start")).Headers.Location!.PathAndQuery);

        await using TestBroker without = await SignInBench.StartAsync(clock);
        using TestBrowser other = new(without);
        Assert.Equal("oidc_absent", (await other.GetAsync("/api/auth/oidc/start")).Code);
        Assert.Equal("oidc_absent", (await other.GetAsync("/api/auth/oidc/callback?code=x&state=y")).Code);
    }

    [Theory]
    [InlineData("http://login.example", "id")]
    [InlineData("login.example", "id")]
    [InlineData("https://login.example?x=1", "id")]
    [InlineData("https://login.example", null)]
    public void A_mistake_in_the_settings_is_told(string issuer, string? id) =>
        Assert.Throws<FormatException>(() => OidcProvider.Parse(issuer, id, clientSecret: null, name: null));

    private static async Task<RestAnswer> TripAsync(TestBrowser browser, TestOidcProvider provider, string query = "") =>
        await browser.GetAsync(provider.Approve((await browser.GetAsync("/api/auth/oidc/start" + query)).Headers.Location!.ToString()));

    /// <summary>On which there is an account already, so that nobody needs the set-up link; except where an invite is needed.</summary>
    private async Task<TestBroker> StartAsync(TestOidcProvider provider, SignUpRule signUp = SignUpRule.Open)
    {
        TestBroker broker = await SignInBench.StartAsync(clock, signUp, settings => settings with
        {
            Oidc = OidcProvider.Parse(provider.Issuer, TestOidcProvider.ClientId, TestOidcProvider.ClientSecret, "Corp"),
        });
        if (signUp is SignUpRule.Open)
        {
            using TestBrowser first = new(broker);
            await first.SignUpAsync("operator");
        }

        return broker;
    }
}
