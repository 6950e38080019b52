using System.Text.Json.Nodes;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Accounts.SignIn;

/// <summary>The first account is made by who can read what the broker prints, and by nobody else.</summary>
public sealed class SetupTests
{
    [Fact]
    [Trait("wire", "7.3 #2")]
    [Trait("rest", "7.1 A1")]
    public async Task Nobody_makes_an_account_or_a_token_without_having_shown_that_he_may()
    {
        await using TestBroker broker = await SignInBench.StartAsync(signUp: SignUpRule.Open);
        using TestBrowser browser = new(broker);

        // The first by the link alone, even where anybody may sign up.
        Assert.Equal("setup_link_invalid", (await SignUpAsync(browser, "eve", setup: null)).Code);
        Assert.Equal("setup_link_invalid", (await SignUpAsync(browser, "eve", setup: new string('a', 43))).Code);

        // The doors of 1.x that made tokens of whatever user id they were sent.
        foreach (string door in (string[])["/cli/token", "/cli/device-code/abcd/approve", "/cli-sync", "/api/auth/cli/token"])
            Assert.Equal(404, (await browser.PostAsync(door, new JsonObject { ["user_id"] = "owner", ["email"] = "x@example.org" })).Status);
        Assert.True((bool)(await browser.GetAsync("/api/auth/state")).Body!["needsSetup"]!);
    }

    [Fact]
    public async Task The_setup_link_makes_one_account_which_runs_the_broker()
    {
        await using TestBroker broker = await SignInBench.StartAsync(signUp: SignUpRule.Invite);
        using TestBrowser browser = new(broker);
        string setup = (await broker.MakeSetupTokenAsync())!;

        RestAnswer made = await SignUpAsync(browser, "ann", setup);

        Assert.Equal(201, made.Status);
        Assert.True((bool)made.Body!["account"]!["isOperator"]!);
        using TestBrowser other = new(broker);
        Assert.Equal("setup_link_invalid", (await SignUpAsync(other, "bob", setup)).Code);
        Assert.Equal("invite_required", (await SignUpAsync(other, "bob", setup: null)).Code);
        Assert.Null(await broker.MakeSetupTokenAsync());
        JsonObject state = (await browser.GetAsync("/api/auth/state")).Body!;
        Assert.False((bool)state["needsSetup"]!);
        Assert.Equal("ann", (string?)state["account"]!["username"]);
        Assert.Equal(browser.Csrf, (string?)state["csrf"]);
        Assert.Null((await other.GetAsync("/api/auth/state")).Body!["account"]);
    }

    [Fact]
    public async Task A_link_that_was_printed_before_the_last_start_is_over()
    {
        await using TestBroker broker = await SignInBench.StartAsync();
        using TestBrowser browser = new(broker);
        string first = (await broker.MakeSetupTokenAsync())!;
        string second = (await broker.MakeSetupTokenAsync())!;

        Assert.Equal("setup_link_invalid", (await SignUpAsync(browser, "ann", first)).Code);
        Assert.Equal(201, (await SignUpAsync(browser, "ann", second)).Status);
    }

    [Fact]
    public async Task Of_two_who_set_up_at_once_one_is_let_in()
    {
        await using TestBroker broker = await SignInBench.StartAsync();
        string setup = (await broker.MakeSetupTokenAsync())!;
        TestBrowser[] browsers = [.. Enumerable.Range(0, 6).Select(_ => new TestBrowser(broker))];

        RestAnswer[] answers = await Task.WhenAll(browsers.Select((browser, i) => SignUpAsync(browser, "ann" + (char)('b' + i), setup)));

        Assert.Single(answers, answer => answer.Status == 201);
        Assert.All(answers.Where(answer => answer.Status != 201), answer => Assert.Equal("setup_link_invalid", answer.Code));
        foreach (TestBrowser browser in browsers)
            browser.Dispose();
    }

    [Fact]
    public async Task Where_sign_ups_are_closed_an_invite_does_not_help()
    {
        await using TestBroker broker = await SignInBench.StartAsync(signUp: SignUpRule.Closed);
        await using TestMesh mesh = await TestMesh.StartAsync(broker: broker, log: LogKind.Required);
        using TestBrowser first = new(broker);
        await first.SignUpAsync("ann");
        using TestBrowser browser = new(broker);

        Assert.Equal("sign_up_closed", (await SignUpAsync(browser, "bob", setup: null, invite: (await mesh.Log.InviteAsync(uses: 1)).Id)).Code);
    }

    [Fact]
    public async Task An_open_invite_to_a_workspace_lets_somebody_make_an_account_until_it_is_over()
    {
        await using TestBroker broker = await SignInBench.StartAsync(signUp: SignUpRule.Invite);
        await using TestMesh mesh = await TestMesh.StartAsync(broker: broker, log: LogKind.Required);
        using TestBrowser first = new(broker);
        await first.SignUpAsync("ann");
        TestInvite invite = await mesh.Log.InviteAsync(uses: 1);
        using TestBrowser browser = new(broker);

        Assert.Equal("invite_required", (await SignUpAsync(browser, "bob", setup: null, invite: "nosuchinviteatall0000")).Code);
        RestAnswer made = await SignUpAsync(browser, "bob", setup: null, invite: invite.Id);
        Assert.Equal(201, made.Status);
        Assert.False((bool)made.Body!["account"]!["isOperator"]!);

        await mesh.Log.AppendAsync(new LogBody.Uninvite(invite.Id));
        using TestBrowser late = new(broker);
        Assert.Equal("invite_required", (await SignUpAsync(late, "carol", setup: null, invite: invite.Id)).Code);
    }

    private static Task<RestAnswer> SignUpAsync(TestBrowser browser, string username, string? setup, string? invite = null) => browser.PostAsync(
        "/api/auth/sign-up",
        new JsonObject { ["username"] = username, ["displayName"] = username, ["password"] = TestBrowser.GoodPassword, ["setup"] = setup, ["invite"] = invite });
}
