using System.Text.Json.Nodes;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Accounts.SignIn;
using Claudemesh.Broker.Tests.Accounts.SignIn;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Accounts.Passkeys;

/// <summary>Passkeys: an account with one, in by one, fresh by one, and more of them.</summary>
public sealed class PasskeyTests
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 24, 8, 30, 0, TimeSpan.Zero));

    [Fact]
    public async Task An_account_is_made_with_a_passkey_and_signed_in_by_it()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestAuthenticator passkey = new(counts: true);
        using TestBrowser first = new(broker);
        RestAnswer made = await first.PasskeySignUpAsync("ann", passkey, await broker.MakeSetupTokenAsync());
        Assert.Equal(201, made.Status);
        Assert.True((bool)made.Body!["account"]!["isOperator"]!);

        foreach (string? name in (string?[])[null, "ann", "ANN"])
        {
            using TestBrowser other = new(broker);
            RestAnswer signedIn = await other.PasskeySignInAsync(passkey, name);
            Assert.Equal((string?)made.Body["account"]!["userId"], (string?)signedIn.Body!["account"]!["userId"]);
            Assert.Equal(200, (await other.GetAsync("/api/my/account")).Status);
        }

        JsonObject account = (await first.GetAsync("/api/my/account")).Body!;
        Assert.False((bool)account["hasPassword"]!);
        JsonNode listed = Assert.Single(account["passkeys"]!.AsArray())!;
        Assert.Equal(passkey.Id, (string?)listed["id"]);
        Assert.True((bool)listed["backedUp"]!);
        Assert.NotNull(listed["lastUsedAt"]);
    }

    [Fact]
    public async Task What_is_asked_of_an_authenticator_is_the_same_whether_there_is_such_a_name_or_not()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestAuthenticator passkey = new();
        using TestBrowser browser = new(broker);
        await browser.PasskeySignUpAsync("ann", passkey, await broker.MakeSetupTokenAsync());

        List<string> answers = [];
        foreach (string? name in (string?[])[null, "ann", "nobody", "no name"])
        {
            JsonObject options = (await browser.PostAsync("/api/auth/passkeys/options", new JsonObject { ["username"] = name })).Body!["options"]!.AsObject();
            Assert.Equal("required", (string?)options["userVerification"]);
            Assert.Equal("localhost", (string?)options["rpId"]);
            options["challenge"] = "";
            answers.Add(options.ToJsonString());
        }

        Assert.Single(answers.Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_name_that_was_given_is_signed_in_by_its_own_passkey_alone()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestAuthenticator anns = new();
        using TestAuthenticator bobs = new();
        using TestBrowser browser = new(broker);
        await browser.PasskeySignUpAsync("ann", anns, await broker.MakeSetupTokenAsync());
        using TestBrowser other = new(broker);
        await other.PasskeySignUpAsync("bob", bobs, setup: null);

        Assert.Equal("passkey_refused", (await other.PasskeySignInAsync(bobs, "ann")).Code);
        Assert.Equal("passkey_refused", (await other.PasskeySignInAsync(bobs, "nobody")).Code);
        Assert.Equal(200, (await other.PasskeySignInAsync(bobs, "bob")).Status);
    }

    [Fact]
    public async Task A_session_becomes_fresh_by_a_passkey_of_its_own_account()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestAuthenticator anns = new();
        using TestAuthenticator bobs = new();
        using TestBrowser ann = new(broker);
        await ann.PasskeySignUpAsync("ann", anns, await broker.MakeSetupTokenAsync());
        using TestBrowser bob = new(broker);
        await bob.PasskeySignUpAsync("bob", bobs, setup: null);
        clock.Advance(LoginSession.FreshFor);
        Assert.Equal("fresh_authentication_required", (await ann.PostAsync("/api/my/passkeys/options")).Code);

        Assert.Equal("passkey_refused", (await ann.PasskeyFreshAsync(bobs)).Code);
        RestAnswer fresh = await ann.PasskeyFreshAsync(anns);

        Assert.Equal(clock.GetUtcNow() + LoginSession.FreshFor, (DateTimeOffset)fresh.Body!["freshUntil"]!);
        Assert.Equal(200, (await ann.PostAsync("/api/my/passkeys/options")).Status);

        // What another session began is not for this one.
        JsonObject begun = (await bob.PostAsync("/api/auth/fresh/passkey-options")).Body!;
        JsonObject answer = new() { ["ceremony"] = (string?)begun["ceremony"], ["credential"] = bobs.Get(begun["options"]!, ann.Origin) };
        Assert.Equal("ceremony_invalid", (await ann.PostAsync("/api/auth/fresh/passkey", answer)).Code);
    }

    [Fact]
    public async Task Passkeys_are_added_named_and_removed_and_the_last_way_in_stays()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestAuthenticator first = new();
        using TestAuthenticator second = new();
        using TestBrowser ann = new(broker);
        await ann.PasskeySignUpAsync("ann", first, await broker.MakeSetupTokenAsync());
        Assert.Equal("last_way_in", (await ann.SendAsync(HttpMethod.Delete, "/api/my/passkeys/" + first.Id)).Code);

        JsonObject options = (await ann.PostAsync("/api/my/passkeys/options")).Body!;
        Assert.Equal(first.Id, (string?)Assert.Single(options["options"]!["excludeCredentials"]!.AsArray())!["id"]);
        RestAnswer added = await AddAsync(ann, options, second);
        Assert.Equal((201, second.Id, "phone"), (added.Status, (string?)added.Body!["id"], (string?)added.Body["name"]));

        Assert.Equal(204, (await ann.SendAsync(HttpMethod.Patch, "/api/my/passkeys/" + second.Id, new JsonObject { ["name"] = "old phone" })).Status);
        Assert.Equal("passkey_not_found", (await ann.SendAsync(HttpMethod.Patch, "/api/my/passkeys/AAAA", new JsonObject { ["name"] = "x" })).Code);
        Assert.Equal(204, (await ann.SendAsync(HttpMethod.Delete, "/api/my/passkeys/" + first.Id)).Status);
        Assert.Equal("passkey_not_found", (await ann.SendAsync(HttpMethod.Delete, "/api/my/passkeys/" + first.Id)).Code);
        Assert.Equal("last_way_in", (await ann.SendAsync(HttpMethod.Delete, "/api/my/passkeys/" + second.Id)).Code);

        using TestBrowser other = new(broker);
        Assert.Equal("passkey_refused", (await other.PasskeySignInAsync(first)).Code);
        Assert.Equal(200, (await other.PasskeySignInAsync(second)).Status);
        Assert.Equal("old phone", (string?)Assert.Single((await other.GetAsync("/api/my/account")).Body!["passkeys"]!.AsArray())!["name"]);
    }

    [Fact]
    public async Task Another_account_does_not_name_or_remove_a_passkey()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestAuthenticator anns = new();
        using TestBrowser ann = new(broker);
        await ann.PasskeySignUpAsync("ann", anns, await broker.MakeSetupTokenAsync());
        using TestBrowser bob = new(broker);
        await bob.SignUpAsync("bob");

        Assert.Equal("passkey_not_found", (await bob.SendAsync(HttpMethod.Patch, "/api/my/passkeys/" + anns.Id, new JsonObject { ["name"] = "x" })).Code);
        Assert.Equal("passkey_not_found", (await bob.SendAsync(HttpMethod.Delete, "/api/my/passkeys/" + anns.Id)).Code);
    }

    [Fact]
    public async Task A_ceremony_is_good_once_in_its_browser_and_for_five_minutes()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestAuthenticator passkey = new();
        using TestBrowser browser = new(broker);
        await browser.PasskeySignUpAsync("ann", passkey, await broker.MakeSetupTokenAsync());

        JsonObject begun = (await browser.PostAsync("/api/auth/passkeys/options", new JsonObject())).Body!;
        JsonObject answer = new() { ["ceremony"] = (string?)begun["ceremony"], ["credential"] = passkey.Get(begun["options"]!, browser.Origin) };
        using TestBrowser thief = new(broker);
        await thief.PostAsync("/api/auth/passkeys/options", new JsonObject());
        Assert.Equal("ceremony_invalid", (await thief.PostAsync("/api/auth/passkeys/sign-in", answer)).Code);

        // Who tried it has ended it.
        Assert.Equal("ceremony_invalid", (await browser.PostAsync("/api/auth/passkeys/sign-in", answer)).Code);
        Assert.Equal(200, (await browser.PasskeySignInAsync(passkey)).Status);

        begun = (await browser.PostAsync("/api/auth/passkeys/options", new JsonObject())).Body!;
        answer = new() { ["ceremony"] = (string?)begun["ceremony"], ["credential"] = passkey.Get(begun["options"]!, browser.Origin) };
        Assert.Equal(200, (await browser.PostAsync("/api/auth/passkeys/sign-in", answer)).Status);
        Assert.Equal("ceremony_invalid", (await browser.PostAsync("/api/auth/passkeys/sign-in", answer)).Code);

        begun = (await browser.PostAsync("/api/auth/passkeys/options", new JsonObject())).Body!;
        answer = new() { ["ceremony"] = (string?)begun["ceremony"], ["credential"] = passkey.Get(begun["options"]!, browser.Origin) };
        clock.Advance(Ceremonies.Life);
        Assert.Equal("ceremony_invalid", (await browser.PostAsync("/api/auth/passkeys/sign-in", answer)).Code);
    }

    [Fact]
    public async Task A_ceremony_outlives_a_restart_of_the_broker()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestAuthenticator passkey = new();
        using TestBrowser browser = new(broker);
        await browser.PasskeySignUpAsync("ann", passkey, await broker.MakeSetupTokenAsync());
        JsonObject begun = (await browser.PostAsync("/api/auth/passkeys/options", new JsonObject())).Body!;

        await broker.RestartAsync();

        JsonObject answer = new() { ["ceremony"] = (string?)begun["ceremony"], ["credential"] = passkey.Get(begun["options"]!, browser.Origin) };
        Assert.Equal(200, (await browser.PostAsync("/api/auth/passkeys/sign-in", answer)).Status);
    }

    private static Task<RestAnswer> AddAsync(TestBrowser browser, JsonObject begun, TestAuthenticator passkey) => browser.PostAsync("/api/my/passkeys", new JsonObject
    {
        ["ceremony"] = (string?)begun["ceremony"], ["credential"] = passkey.Create(begun["options"]!, browser.Origin), ["name"] = "phone",
    });
}
