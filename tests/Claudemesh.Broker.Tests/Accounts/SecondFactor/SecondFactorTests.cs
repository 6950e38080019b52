using System.Text.Json.Nodes;
using Claudemesh.Broker.Accounts.SecondFactor;
using Claudemesh.Broker.Tests.Accounts.SignIn;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Accounts.SecondFactor;

/// <summary>A password is half of the way in where the account has an authenticator.</summary>
public sealed class SecondFactorTests
{
    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task Who_has_an_authenticator_gets_in_by_password_and_code()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestBrowser owner = new(broker);
        await owner.SignUpAsync("ann");
        byte[] secret = await EnrolAsync(owner);
        clock.Advance(TimeSpan.FromMinutes(1));

        using TestBrowser browser = new(broker);
        RestAnswer half = await browser.SignInAsync("ann");
        Assert.Equal(200, half.Status);
        Assert.Equal(["secondFactor"], half.Body!.Select(field => field.Key));
        Assert.Equal(401, (await browser.GetAsync("/api/my/account")).Status);
        string ceremony = (string)half.Body!["secondFactor"]!;

        Assert.Equal("code_invalid", (await CodeAsync(browser, ceremony, "000000")).Code);
        RestAnswer whole = await CodeAsync(browser, ceremony, Code(secret));
        Assert.Equal("ann", (string?)whole.Body!["account"]!["username"]);
        Assert.Equal(200, (await browser.GetAsync("/api/my/account")).Status);
        Assert.Equal("ceremony_invalid", (await CodeAsync(browser, ceremony, Code(secret, 1))).Code);
    }

    [Fact]
    public async Task A_code_is_good_once_also_within_its_half_minute()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestBrowser owner = new(broker);
        await owner.SignUpAsync("ann");
        byte[] secret = await EnrolAsync(owner);

        // The code that confirmed the authenticator is used up by that.
        using TestBrowser first = new(broker);
        string begun = await HalfAsync(first);
        Assert.Equal("code_invalid", (await CodeAsync(first, begun, Code(secret))).Code);
        string next = Code(secret, 1);
        Assert.Equal(200, (await CodeAsync(first, begun, next)).Status);
        using TestBrowser second = new(broker);
        Assert.Equal("code_invalid", (await CodeAsync(second, await HalfAsync(second), next)).Code);
    }

    [Fact]
    public async Task The_second_half_is_for_the_browser_of_the_first_and_for_five_minutes()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestBrowser owner = new(broker);
        await owner.SignUpAsync("ann");
        byte[] secret = await EnrolAsync(owner);
        clock.Advance(TimeSpan.FromMinutes(1));
        using TestBrowser browser = new(broker);
        using TestBrowser thief = new(broker);
        string ceremony = await HalfAsync(browser);

        Assert.Equal("ceremony_invalid", (await CodeAsync(thief, ceremony, Code(secret))).Code);
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("ceremony_invalid", (await CodeAsync(browser, ceremony, Code(secret))).Code);
    }

    [Fact]
    public async Task Wrong_codes_make_the_next_wait()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestBrowser owner = new(broker);
        await owner.SignUpAsync("ann");
        byte[] secret = await EnrolAsync(owner);
        clock.Advance(TimeSpan.FromMinutes(1));
        using TestBrowser browser = new(broker, from: "203.0.113.7");
        string ceremony = await HalfAsync(browser);
        for (int i = 0; i < 5; i++)
            Assert.Equal("code_invalid", (await CodeAsync(browser, ceremony, "123456")).Code);

        RestAnswer wait = await CodeAsync(browser, ceremony, Code(secret));

        Assert.Equal((429, "sign_in_wait"), (wait.Status, wait.Code));
    }

    [Fact]
    public async Task A_recovery_code_stands_in_once_and_another_set_ends_it()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestBrowser owner = new(broker);
        await owner.SignUpAsync("ann");
        Assert.Equal("totp_not_begun", (await owner.PostAsync("/api/my/recovery-codes")).Code);
        await EnrolAsync(owner);
        string[] codes = await CodesAsync(owner);
        Assert.Equal(RecoveryCode.CountOfSet, codes.Distinct(StringComparer.Ordinal).Count());

        using TestBrowser browser = new(broker);
        Assert.Equal(200, (await CodeAsync(browser, await HalfAsync(browser), codes[0].ToUpperInvariant().Replace("-", " ", StringComparison.Ordinal))).Status);
        Assert.Equal(9, (int)(await browser.GetAsync("/api/my/account")).Body!["recoveryCodesLeft"]!);
        Assert.Equal("code_invalid", (await CodeAsync(browser, await HalfAsync(browser), codes[0])).Code);

        string[] others = await CodesAsync(owner);
        Assert.Equal("code_invalid", (await CodeAsync(browser, await HalfAsync(browser), codes[1])).Code);
        Assert.Equal(200, (await CodeAsync(browser, await HalfAsync(browser), others[1])).Status);
    }

    [Fact]
    public async Task Fresh_by_password_takes_the_code_as_well()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestBrowser owner = new(broker);
        await owner.SignUpAsync("ann");
        byte[] secret = await EnrolAsync(owner);
        clock.Advance(TimeSpan.FromMinutes(6));

        Assert.Equal("code_invalid", (await FreshAsync(owner, code: null)).Code);
        Assert.Equal("fresh_authentication_required", (await owner.SendAsync(HttpMethod.Delete, "/api/my/totp")).Code);
        Assert.Equal(200, (await FreshAsync(owner, Code(secret))).Status);
        Assert.Equal(204, (await owner.SendAsync(HttpMethod.Delete, "/api/my/totp")).Status);
        using TestBrowser browser = new(broker);
        Assert.NotNull((await browser.SignInAsync("ann")).Body!["account"]);
    }

    [Fact]
    public async Task An_authenticator_that_was_not_confirmed_asks_nobody_for_a_code()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestBrowser owner = new(broker);
        await owner.SignUpAsync("ann");
        Assert.Equal("totp_not_begun", (await ConfirmAsync(owner, "123456")).Code);
        RestAnswer begun = await owner.PostAsync("/api/my/totp");
        Assert.StartsWith("otpauth://totp/claudemesh%20localhost:ann?secret=" + (string)begun.Body!["secret"]!, (string?)begun.Body!["uri"], StringComparison.Ordinal);
        Assert.Equal("code_invalid", (await ConfirmAsync(owner, "123456")).Code);

        using TestBrowser browser = new(broker);
        Assert.NotNull((await browser.SignInAsync("ann")).Body!["account"]);
        Assert.False((bool)(await owner.GetAsync("/api/my/account")).Body!["hasTotp"]!);
    }

    private string Code(byte[] secret, int steps = 0) => Totp.Code(secret, Totp.StepAt(clock.GetUtcNow()) + steps);

    private async Task<byte[]> EnrolAsync(TestBrowser owner)
    {
        RestAnswer begun = await owner.PostAsync("/api/my/totp");
        byte[] secret = TestAuthenticator.FromBase32((string)begun.Body!["secret"]!);
        Assert.Equal(204, (await ConfirmAsync(owner, Code(secret))).Status);
        Assert.Equal("totp_exists", (await owner.PostAsync("/api/my/totp")).Code);
        return secret;
    }

    private static async Task<string> HalfAsync(TestBrowser browser) => (string)(await browser.SignInAsync("ann")).Body!["secondFactor"]!;

    private static async Task<string[]> CodesAsync(TestBrowser owner) =>
        [.. (await owner.PostAsync("/api/my/recovery-codes")).Body!["codes"]!.AsArray().Select(code => (string)code!)];

    private static Task<RestAnswer> CodeAsync(TestBrowser browser, string ceremony, string code) =>
        browser.PostAsync("/api/auth/second-factor", new JsonObject { ["ceremony"] = ceremony, ["code"] = code });

    private static Task<RestAnswer> ConfirmAsync(TestBrowser browser, string code) =>
        browser.SendAsync(HttpMethod.Put, "/api/my/totp", new JsonObject { ["code"] = code });

    private static Task<RestAnswer> FreshAsync(TestBrowser browser, string? code) =>
        browser.PostAsync("/api/auth/fresh/password", new JsonObject { ["password"] = TestBrowser.GoodPassword, ["code"] = code });
}
