using System.Text;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Tests.Accounts.SignIn;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Accounts.Profile;

/// <summary>What an account is told of itself, and its end.</summary>
public sealed class AccountTests
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 24, 8, 30, 0, TimeSpan.Zero));

    [Fact]
    public async Task Names_are_changed_and_an_address_is_taken_back()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        using TestBrowser browser = new(broker);
        await browser.SignUpAsync("ann", email: "ann@example.org");

        RestAnswer changed = await ChangeAsync(browser, new JsonObject { ["displayName"] = "Ann Lee" });
        Assert.Equal(("Ann Lee", "ann@example.org"), ((string?)changed.Body!["account"]!["displayName"], (string?)changed.Body["email"]));
        Assert.Null((await ChangeAsync(browser, new JsonObject { ["email"] = "" })).Body!["email"]);
        Assert.Equal("invalid_args", (await ChangeAsync(browser, new JsonObject { ["email"] = "nonsense" })).Code);
        Assert.Equal("invalid_args", (await ChangeAsync(browser, new JsonObject { ["displayName"] = " x" })).Code);
    }

    [Fact]
    public async Task A_deleted_account_is_gone_with_all_that_it_is_signed_in_by_and_its_name_is_free()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        await using TestMesh mesh = await TestMesh.StartAsync(clock, broker: broker);
        using TestBrowser browser = new(broker);
        using TestBrowser other = new(broker);
        RestAnswer made = await browser.SignUpAsync("ann", email: "ann@example.org");
        await other.SignInAsync("ann");
        TestMember member = await mesh.AddMemberAsync("ann");
        await ClaimAsync(broker, (string)made.Body!["account"]!["userId"]!, member.Id);

        Assert.Equal("confirmation_wrong", (await DeleteAsync(browser, "Ann")).Code);
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("fresh_authentication_required", (await DeleteAsync(browser, "ann")).Code);
        await browser.PostAsync("/api/auth/fresh/password", new JsonObject { ["password"] = TestBrowser.GoodPassword });
        Assert.Equal(204, (await DeleteAsync(browser, "ann")).Status);

        Assert.Equal(401, (await browser.GetAsync("/api/my/account")).Status);
        Assert.Equal(401, (await other.GetAsync("/api/my/account")).Status);
        Assert.Equal("sign_in_failed", (await browser.SignInAsync("ann")).Code);
        RestAnswer again = await other.SignUpAsync("ann");
        Assert.Equal(201, again.Status);
        Assert.NotEqual((string?)made.Body!["account"]!["userId"], (string?)again.Body!["account"]!["userId"]);
        Assert.False((bool)again.Body["account"]!["isOperator"]!);

        // The member is his key's: it connects as before.
        await using TestPeer peer = await member.ConnectAsync();
        Assert.DoesNotContain(mesh.Id, (await other.GetAsync("/api/my/export")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_owns_workspaces_gives_them_away_or_deletes_them_first()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        await using TestMesh mesh = await TestMesh.StartAsync(clock, broker: broker);
        using TestBrowser browser = new(broker);
        RestAnswer made = await browser.SignUpAsync("ann");
        await ClaimAsync(broker, (string)made.Body!["account"]!["userId"]!, mesh.OwnerId);

        RestAnswer refused = await DeleteAsync(browser, "ann");

        Assert.Equal((409, "owns_workspaces"), (refused.Status, refused.Code));
        Assert.Contains(mesh.Slug, (string?)refused.Body!["detail"], StringComparison.Ordinal);
        Assert.Equal(200, (await browser.GetAsync("/api/my/account")).Status);
    }

    [Fact]
    [Trait("rest", "7.2 C8")]
    public async Task An_export_has_all_that_is_kept_of_the_account_and_no_secret()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock);
        await using TestMesh mesh = await TestMesh.StartAsync(clock, broker: broker);
        using TestBrowser browser = new(broker, from: "203.0.113.7");
        RestAnswer made = await browser.SignUpAsync("ann", email: "ann@example.org");
        await ClaimAsync(broker, (string)made.Body!["account"]!["userId"]!, mesh.OwnerId);

        RestAnswer export = await browser.GetAsync("/api/my/export");

        Assert.Equal(200, export.Status);
        JsonNode data = export.Body!["data"]!;
        Assert.Equal(("ann", "ann@example.org"), ((string?)data["account"]![0]!["username"], (string?)data["account"]![0]!["email"]));
        Assert.True((bool)data["hasPassword"]!);
        Assert.Equal("203.0.113.7", (string?)data["sessions"]![0]!["address"]);
        Assert.Equal((mesh.Id, mesh.OwnerId), ((string?)data["memberships"]![0]!["meshId"], (string?)data["memberships"]![0]!["memberId"]));
        foreach (string list in (string[])["passkeys", "links", "tokens", "devices", "accountKeys", "recoveries", "invites", "deviceRequests"])
            Assert.Empty(data[list]!.AsArray());
        Assert.DoesNotContain("argon2", export.Text, StringComparison.Ordinal);
    }

    /// <summary>A database that was copied shows nobody's password, code or link.</summary>
    [Fact]
    public async Task What_the_broker_stores_and_says_has_no_password_code_or_token_in_it()
    {
        await using TestBroker broker = await SignInBench.StartAsync(clock, SignUpRule.Open);
        string setup = (await broker.MakeSetupTokenAsync())!;
        using TestBrowser browser = new(broker);
        await browser.PostAsync(
            "/api/auth/passkeys/sign-up-options", new JsonObject { ["username"] = "ann", ["displayName"] = "Ann", ["setup"] = setup });
        await browser.PostAsync(
            "/api/auth/sign-up", new JsonObject { ["username"] = "ann", ["displayName"] = "Ann", ["password"] = TestBrowser.GoodPassword, ["setup"] = setup });
        string secret = (string)(await browser.PostAsync("/api/my/totp")).Body!["secret"]!;
        RestAnswer begun = await browser.PostAsync("/api/auth/passkeys/options", new JsonObject());
        await broker.StopAsync();

        foreach (string file in Directory.GetFiles(broker.DataFolder, "broker.db*"))
        {
            string bytes = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file));
            foreach (string text in (string[])[TestBrowser.GoodPassword, setup, secret, (string)begun.Body!["ceremony"]!])
                Assert.DoesNotContain(text, bytes, StringComparison.Ordinal);
        }
    }

    private static Task<RestAnswer> ChangeAsync(TestBrowser browser, JsonObject body) => browser.SendAsync(HttpMethod.Patch, "/api/my/account", body);

    private static Task<RestAnswer> DeleteAsync(TestBrowser browser, string confirm) =>
        browser.SendAsync(HttpMethod.Delete, "/api/my/account", new JsonObject { ["confirm"] = confirm });

    /// <summary>As the member's own proof would.</summary>
    private static Task<int> ClaimAsync(TestBroker broker, string userId, string memberId) => broker.Services.GetRequiredService<Database>().WriteAsync(
        scope => scope.Sql.Execute(
            "UPDATE member SET account_no = (SELECT no FROM account WHERE user_id = @user) WHERE id = @member", ("@user", userId), ("@member", memberId)),
        CancellationToken.None);
}
