using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Accounts.Sessions;

/// <summary>A browser's tokens lie where no script and no other site gets at them, and what changes something was sent by the broker's own page.</summary>
public sealed class BrowserSessionTests
{
    private const string Mine = "/api/my/sessions";
    private const string Refresh = "/api/auth/refresh";

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 28, 9, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_cookies_are_for_no_script_and_no_other_site(bool isSecure)
    {
        await using TestBroker broker = await TestBroker.StartAsync(
            clock, settings => isSecure ? settings with { PublicUrl = new Uri("https://mesh.example.org") } : settings, CookieBrowser.AddDoor);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        using CookieBrowser browser = await CookieBrowser.SignInAsync(broker, ann);

        string access = Assert.Single(browser.SetCookies, cookie => cookie.Contains("cm_access=", StringComparison.Ordinal));
        string refresh = Assert.Single(browser.SetCookies, cookie => cookie.Contains("cm_refresh=", StringComparison.Ordinal));
        Assert.Equal(2, browser.SetCookies.Length);
        foreach (string cookie in browser.SetCookies)
        {
            Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("; samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(isSecure, cookie.Contains("; secure", StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain("domain=", cookie, StringComparison.OrdinalIgnoreCase);
        }

        Assert.StartsWith(isSecure ? "__Host-cm_access=" : "cm_access=", access, StringComparison.Ordinal);
        Assert.StartsWith(isSecure ? "__Secure-cm_refresh=" : "cm_refresh=", refresh, StringComparison.Ordinal);
        Assert.Contains("; path=/;", access, StringComparison.Ordinal);
        Assert.Contains("; path=/api/auth;", refresh, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_changes_something_takes_the_pages_token_and_its_origin()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock, services: CookieBrowser.AddDoor);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        using TestAccount bob = await TestAccount.CreateAsync(broker, "bob");
        using CookieBrowser browser = await CookieBrowser.SignInAsync(broker, ann);
        using CookieBrowser other = await CookieBrowser.SignInAsync(broker, bob);

        foreach ((string? csrf, string? origin) in ((string?, string?)[])
            [(null, null), (null, browser.Origin), ("", browser.Origin), ("nonsense", browser.Origin), (other.Csrf, browser.Origin), (browser.Csrf + "x", browser.Origin),
            (browser.Csrf, "https://evil.example"), (browser.Csrf, "null")])
            Assert.Equal((csrf, origin, "csrf_refused"), (csrf, origin, (await browser.SendAsync(HttpMethod.Delete, Mine, csrf: csrf, origin: origin)).Code));

        Assert.Equal(2, (await browser.GetAsync(Mine)).Body!["sessions"]!.AsArray().Count);
        Assert.Equal(204, (await browser.SendAsync(HttpMethod.Delete, Mine, csrf: browser.Csrf)).Status);
        Assert.Single((await browser.GetAsync(Mine)).Body!["sessions"]!.AsArray());
        Assert.Equal(204, (await browser.AskAsync(HttpMethod.Delete, Mine)).Status);
    }

    /// <summary>A page of another site that names a member's id or a role in a header gets nowhere either: it has no cookie to send.</summary>
    [Fact]
    public async Task A_workspace_is_asked_by_the_cookie_under_the_same_rule()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock, services: CookieBrowser.AddDoor);
        await using TestMesh mesh = await TestMesh.StartAsync(clock, broker);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        await ann.OwnMemberAsync(broker, mesh.OwnerId);
        using CookieBrowser browser = await CookieBrowser.SignInAsync(broker, ann);

        Assert.Equal(200, (await browser.GetAsync("/api/v1/topics")).Status);
        Assert.Equal("csrf_refused", (await browser.SendAsync(HttpMethod.Post, "/api/v1/topics", """{"name":"deploys"}""")).Code);
        Assert.Equal(200, (await browser.AskAsync(HttpMethod.Post, "/api/v1/topics", """{"name":"deploys"}""")).Status);
    }

    [Fact]
    public async Task A_browser_stays_signed_in_by_its_refresh_cookie_also_when_the_other_is_long_over()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock, services: CookieBrowser.AddDoor);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        using CookieBrowser browser = await CookieBrowser.SignInAsync(broker, ann);
        string csrf = browser.Csrf;
        for (int day = 0; day < 40; day++)
        {
            clock.Advance(TimeSpan.FromDays(1));
            Assert.Equal("token_invalid", (await browser.GetAsync(Mine)).Code ?? "token_invalid");
            RestAnswer answer = await browser.SendAsync(HttpMethod.Post, Refresh, origin: browser.Origin, site: "same-origin");
            Assert.Equal((200, ann.Id.Value, csrf), (answer.Status, (string?)answer.Body!["account"]!["userId"], (string?)answer.Body["csrf"]));
            Assert.Equal(200, (await browser.GetAsync(Mine)).Status);
        }

        clock.Advance(LoginSession.LifeOfBrowser);
        Assert.Equal("token_invalid", (await browser.SendAsync(HttpMethod.Post, Refresh)).Code);
    }

    [Fact]
    public async Task Refreshing_does_not_make_a_proof_fresh_again()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock, services: CookieBrowser.AddDoor);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        using CookieBrowser browser = await CookieBrowser.SignInAsync(broker, ann);
        const string Wish = """{"name":"ci","scopes":["read"],"expiresInDays":1}""";
        Assert.Equal(201, (await browser.AskAsync(HttpMethod.Post, "/api/my/tokens", Wish)).Status);

        clock.Advance(LoginSession.FreshFor);
        await browser.SendAsync(HttpMethod.Post, Refresh);

        Assert.Equal((403, "fresh_authentication_required"), await StatusAsync(browser.AskAsync(HttpMethod.Post, "/api/my/tokens", Wish)));
    }

    [Fact]
    public async Task A_cookie_that_was_copied_and_used_ends_the_session()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock, services: CookieBrowser.AddDoor);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        using CookieBrowser browser = await CookieBrowser.SignInAsync(broker, ann);
        using CookieBrowser thief = await CookieBrowser.SignInAsync(broker, ann);
        string stolen = browser.Cookie("cm_refresh")!;
        await browser.SendAsync(HttpMethod.Post, Refresh);
        await browser.SendAsync(HttpMethod.Post, Refresh);

        thief.SetCookie("cm_refresh", stolen, BrowserCookies.RefreshPath);
        RestAnswer refused = await thief.SendAsync(HttpMethod.Post, Refresh);

        Assert.Equal((401, "token_invalid"), (refused.Status, refused.Code));
        Assert.All(refused.Headers.GetValues("Set-Cookie"), cookie => Assert.Contains("expires=Thu, 01 Jan 1970", cookie, StringComparison.Ordinal));
        Assert.Equal("token_invalid", (await browser.GetAsync(Mine)).Code);
        Assert.Equal("token_invalid", (await browser.SendAsync(HttpMethod.Post, Refresh)).Code);
    }

    [Fact]
    public async Task Another_page_neither_refreshes_nor_signs_out()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock, services: CookieBrowser.AddDoor);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        using CookieBrowser browser = await CookieBrowser.SignInAsync(broker, ann);
        foreach (string path in (string[])[Refresh, "/api/auth/sign-out"])
        {
            Assert.Equal("csrf_refused", (await browser.SendAsync(HttpMethod.Post, path, origin: "https://evil.example")).Code);
            Assert.Equal("csrf_refused", (await browser.SendAsync(HttpMethod.Post, path, origin: browser.Origin, site: "cross-site")).Code);
            Assert.Equal("csrf_refused", (await browser.SendAsync(HttpMethod.Post, path, site: "same-site")).Code);
        }

        Assert.Equal(200, (await browser.GetAsync(Mine)).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Signing_out_ends_the_session_and_takes_the_cookies_also_when_the_access_token_is_over(bool isOver)
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock, services: CookieBrowser.AddDoor);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        using CookieBrowser browser = await CookieBrowser.SignInAsync(broker, ann);
        (string access, string refresh) = (browser.Cookie("cm_access")!, browser.Cookie("cm_refresh")!);
        if (isOver)
            clock.Advance(AccessTokens.Life + AccessTokens.SkewMax);

        Assert.Equal(204, (await browser.SendAsync(HttpMethod.Post, "/api/auth/sign-out", origin: browser.Origin)).Status);

        Assert.Equal((null, null), (browser.Cookie("cm_access"), browser.Cookie("cm_refresh")));
        browser.SetCookie("cm_access", access, "/");
        browser.SetCookie("cm_refresh", refresh, BrowserCookies.RefreshPath);
        Assert.Equal("token_invalid", (await browser.GetAsync(Mine)).Code);
        Assert.Equal("token_invalid", (await browser.SendAsync(HttpMethod.Post, Refresh)).Code);
        Assert.Equal(204, (await browser.SendAsync(HttpMethod.Post, "/api/auth/sign-out")).Status);
    }

    [Fact]
    public async Task Who_has_no_cookie_is_told_to_sign_in()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);

        Assert.Equal((401, "sign_in_required"), await StatusAsync(broker.Http.SendAsync(HttpMethod.Post, Refresh)));
        Assert.Equal((204, null), await StatusAsync(broker.Http.SendAsync(HttpMethod.Post, "/api/auth/sign-out")));
    }

    /// <summary>A device's token that was put into a cookie.</summary>
    [Fact]
    public async Task A_token_of_a_device_is_not_exchanged_at_the_door_of_browsers()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock, change: null, broker: await TestBroker.StartAsync(clock, services: CookieBrowser.AddDoor));
        await using TestBroker broker = mesh.Broker;
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann", mesh.OwnerKey.Public);
        using CookieBrowser browser = await CookieBrowser.SignInAsync(broker, ann);

        browser.SetCookie("cm_refresh", await broker.BeginRefreshAsync(ann), BrowserCookies.RefreshPath);

        Assert.Equal("token_invalid", (await browser.SendAsync(HttpMethod.Post, Refresh)).Code);
        Assert.Equal(200, (await ann.GetAsync(Mine)).Status);
    }

    private static async Task<(int Status, string? Code)> StatusAsync(Task<RestAnswer> asked)
    {
        RestAnswer answer = await asked;
        return (answer.Status, answer.Code);
    }
}
