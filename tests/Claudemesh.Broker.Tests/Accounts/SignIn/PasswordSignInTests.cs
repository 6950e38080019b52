using System.Text.Json.Nodes;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Accounts.SignIn;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Accounts.SignIn;

/// <summary>Signing in by name and password: who may, who is told what, and who waits.</summary>
public sealed class PasswordSignInTests
{
    private const string Wrong = "not the one at all";

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 24, 8, 30, 0, TimeSpan.Zero));

    [Fact]
    public async Task Who_signed_up_is_signed_in_and_signs_in_again_elsewhere()
    {
        await using TestBroker broker = await SignInBench.StartAsync();
        using TestBrowser first = new(broker);
        RestAnswer made = await first.SignUpAsync("Ann");
        Assert.Equal(201, made.Status);
        Assert.Equal(200, (await first.GetAsync("/api/my/account")).Status);

        using TestBrowser second = new(broker);
        Assert.Equal(401, (await second.GetAsync("/api/my/account")).Status);
        RestAnswer signedIn = await second.SignInAsync("ann");

        Assert.Equal(200, signedIn.Status);
        Assert.Equal((string?)made.Body!["account"]!["userId"], (string?)signedIn.Body!["account"]!["userId"]);
        Assert.Equal("Ann", (string?)(await second.GetAsync("/api/my/account")).Body!["account"]!["username"]);
        Assert.DoesNotContain(TestBrowser.GoodPassword, made.Text + signedIn.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("alice", "ALICE")]
    [InlineData("bill", "b1ll")]
    [InlineData("bill", "bi11")]
    [InlineData("bob", "b0b")]
    [InlineData("morgan", "rnorgan")]
    [InlineData("wanda", "vvanda")]
    public async Task A_name_that_differs_by_case_or_look_is_taken_and_finds_the_same_account(string name, string likeIt)
    {
        await using TestBroker broker = await SignInBench.StartAsync();
        using TestBrowser first = new(broker);
        await first.SignUpAsync(name);
        using TestBrowser second = new(broker);

        Assert.Equal("username_taken", (await second.SignUpAsync(likeIt)).Code);
        Assert.Equal(name, (string?)(await second.SignInAsync(likeIt)).Body!["account"]!["username"]);
    }

    [Theory]
    [InlineData("аlice")]
    [InlineData("al\u0069\u0307ce")]
    [InlineData("ali\u200bce")]
    [InlineData("a")]
    [InlineData("-alice")]
    [InlineData("alice.")]
    [InlineData("al..ice")]
    [InlineData("al ice")]
    [InlineData("abcdefghijklmnopqrstuvwxyzabcdefg")]
    public async Task A_name_of_other_letters_or_form_is_refused(string name)
    {
        await using TestBroker broker = await SignInBench.StartAsync();
        using TestBrowser browser = new(broker);

        RestAnswer answer = await browser.SignUpAsync(name);

        Assert.Equal("invalid_args", answer.Code);
        Assert.Contains("username", (string?)answer.Body!["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_nobody_has_are_answered_like_wrong_passwords()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestBrowser first = new(broker);
        await first.SignUpAsync("ann");
        foreach (string name in (string[])["ann", "nobody", "no name at all"])
        {
            using TestBrowser stranger = new(broker, from: "203.0.113.7");
            List<(int Status, string? Code, string Detail, string? Wait)> answers = [];
            for (int i = 0; i < 8; i++)
            {
                RestAnswer answer = await stranger.SignInAsync(name, Wrong);
                answers.Add((answer.Status, answer.Code, (string)answer.Body!["detail"]!, answer.Headers.RetryAfter?.ToString()));
            }

            Assert.Equal(Enumerable.Repeat("sign_in_failed", 5).Concat(Enumerable.Repeat("sign_in_wait", 3)), answers.Select(answer => answer.Code));
            Assert.All(answers.Take(5), answer => Assert.Equal(answers[0], answer));
            Assert.Equal("1", answers[5].Wait);
        }
    }

    [Fact]
    public async Task Each_wrong_password_beyond_some_makes_the_next_wait_longer_and_the_right_one_waits_too()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestBrowser owner = new(broker);
        await owner.SignUpAsync("ann");
        using TestBrowser guesser = new(broker, from: "203.0.113.7");
        for (int i = 0; i < 5; i++)
            await guesser.SignInAsync("ann", Wrong);

        foreach (int wait in (int[])[1, 2, 4, 8, 16])
        {
            RestAnswer refused = await guesser.SignInAsync("ann");
            Assert.Equal(("sign_in_wait", wait.ToString(System.Globalization.CultureInfo.InvariantCulture)), (refused.Code, refused.Headers.RetryAfter?.ToString()));
            clock.Advance(TimeSpan.FromSeconds(wait));
            Assert.Equal("sign_in_failed", (await guesser.SignInAsync("ann", Wrong)).Code);
        }

        clock.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal(200, (await guesser.SignInAsync("ann")).Status);
    }

    [Fact]
    public async Task Who_guesses_at_a_name_keeps_its_owner_out_neither_where_he_was_nor_elsewhere()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestBrowser owner = new(broker);
        await owner.SignUpAsync("ann");
        using TestBrowser guesser = new(broker, from: "203.0.113.7");
        for (int i = 0; i < 10; i++)
            await guesser.SignInAsync("ann", Wrong);

        // From another address: what one stranger did counts for him.
        using TestBrowser travelling = new(broker, from: "198.51.100.4");
        Assert.Equal(200, (await travelling.SignInAsync("ann")).Status);

        // From so many that the name itself waits: where he has been signed in before he still gets in.
        for (int i = 0; i < 60; i++)
        {
            using TestBrowser one = new(broker, from: $"192.0.2.{i}");
            await one.SignInAsync("ann", Wrong);
        }

        using TestBrowser elsewhere = new(broker, from: "198.51.100.9");
        Assert.Equal("sign_in_wait", (await elsewhere.SignInAsync("ann")).Code);
        Assert.Equal(200, (await owner.SignInAsync("ann")).Status);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(200, (await elsewhere.SignInAsync("ann")).Status);
    }

    [Fact]
    public async Task Guesses_made_at_once_are_no_more_than_guesses_one_after_another()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestBrowser owner = new(broker);
        await owner.SignUpAsync("ann");
        using TestBrowser guesser = new(broker, from: "203.0.113.7");

        RestAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => guesser.SignInAsync("ann", Wrong)));

        Assert.Equal(5, answers.Count(answer => answer.Code == "sign_in_failed"));
        Assert.Equal(15, answers.Count(answer => answer.Code == "sign_in_wait"));
    }

    [Fact]
    public async Task Who_tries_one_password_at_many_names_waits_as_well()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestBrowser guesser = new(broker, from: "203.0.113.7");
        for (int i = 0; i < 60; i++)
            Assert.Equal("sign_in_failed", (await guesser.SignInAsync($"name{i}", Wrong)).Code);

        Assert.Equal("sign_in_wait", (await guesser.SignInAsync("another", Wrong)).Code);
        using TestBrowser elsewhere = new(broker, from: "198.51.100.4");
        Assert.Equal("sign_in_failed", (await elsewhere.SignInAsync("another", Wrong)).Code);
    }

    [Fact]
    public async Task No_other_sites_page_signs_a_browser_in()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestBrowser owner = new(broker);
        await owner.SignUpAsync("eve");
        using HttpClient victim = new() { BaseAddress = broker.Url };
        victim.DefaultRequestHeaders.Add("Origin", "https://evil.example");
        using StringContent form = new($$"""{"username":"eve","password":"{{TestBrowser.GoodPassword}}","x":"="}""", System.Text.Encoding.UTF8, "text/plain");

        RestAnswer answer = await RestAnswer.ReadAsync(await victim.PostAsync(new Uri("/api/auth/sign-in", UriKind.Relative), form));

        Assert.Equal((403, "csrf_refused"), (answer.Status, answer.Code));
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task One_address_cannot_knock_without_end()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestBrowser browser = new(broker);
        for (int i = 0; i < new RestOptions().AccountRequestsBurst; i++)
            Assert.Equal(200, (await browser.PostAsync("/api/auth/passkeys/options", new JsonObject())).Status);

        RestAnswer refused = await browser.PostAsync("/api/auth/passkeys/options", new JsonObject());

        Assert.Equal((429, MeshError.AddressRate.Code), (refused.Status, refused.Code));
        Assert.NotNull(refused.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_session_that_is_not_fresh_becomes_so_by_the_password()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestBrowser browser = new(broker);
        await browser.SignUpAsync("ann");
        Assert.Equal(200, (await browser.PostAsync("/api/my/passkeys/options")).Status);
        clock.Advance(LoginSession.FreshFor);
        Assert.Equal("fresh_authentication_required", (await browser.PostAsync("/api/my/passkeys/options")).Code);

        Assert.Equal("sign_in_failed", (await FreshAsync(browser, Wrong)).Code);
        Assert.Equal("fresh_authentication_required", (await browser.PostAsync("/api/my/passkeys/options")).Code);
        RestAnswer fresh = await FreshAsync(browser, TestBrowser.GoodPassword);

        Assert.Equal(clock.GetUtcNow() + LoginSession.FreshFor, (DateTimeOffset)fresh.Body!["freshUntil"]!);
        Assert.Equal(200, (await browser.PostAsync("/api/my/passkeys/options")).Status);
    }

    [Fact]
    public async Task A_password_that_is_set_anew_ends_the_one_before()
    {
        await using TestBroker broker = await SignInBench.StartAsync();
        using TestBrowser browser = new(broker);
        await browser.SignUpAsync("ann");

        Assert.Equal(204, (await browser.SendAsync(HttpMethod.Put, "/api/my/password", new JsonObject { ["password"] = "nine grey herons wait" })).Status);

        using TestBrowser other = new(broker);
        Assert.Equal("sign_in_failed", (await other.SignInAsync("ann")).Code);
        Assert.Equal(200, (await other.SignInAsync("ann", "nine grey herons wait")).Status);
        Assert.Equal("last_way_in", (await browser.SendAsync(HttpMethod.Delete, "/api/my/password")).Code);
    }

    [Fact]
    public async Task What_changes_something_is_refused_to_a_page_that_is_not_the_brokers_own()
    {
        await using TestBroker broker = await SignInBench.StartAsync();
        using TestBrowser browser = new(broker);
        await browser.SignUpAsync("ann");
        string csrf = browser.Csrf!;

        browser.Csrf = null;
        Assert.Equal("csrf_refused", (await browser.SendAsync(HttpMethod.Delete, "/api/my/account", new JsonObject { ["confirm"] = "ann" })).Code);
        browser.Csrf = csrf + "x";
        Assert.Equal("csrf_refused", (await browser.SendAsync(HttpMethod.Delete, "/api/my/account", new JsonObject { ["confirm"] = "ann" })).Code);
    }

    private static Task<RestAnswer> FreshAsync(TestBrowser browser, string password) =>
        browser.PostAsync("/api/auth/fresh/password", new JsonObject { ["password"] = password });
}
