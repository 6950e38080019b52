using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Claudemesh.Broker.Accounts;
using Claudemesh.Broker.Accounts.OAuth;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Tests.Accounts.Sessions;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Accounts.OAuth;

/// <summary>The routes that every client of OAuth knows, with the answers that it reads.</summary>
public sealed partial class TokenRouteTests
{
    private static readonly PublicKey Device = NewKey();

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 28, 9, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_refresh_token_is_exchanged_for_the_next_and_for_an_access_token()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann", Device);
        string first = await broker.BeginRefreshAsync(ann);
        clock.Advance(TimeSpan.FromHours(20));

        RestAnswer answer = await broker.RefreshAsync(first);

        Assert.Equal((200, "Bearer", 600, "account", ann.Id.Value), (
            answer.Status, (string?)answer.Body!["token_type"], (int)answer.Body["expires_in"]!, (string?)answer.Body["scope"], (string?)answer.Body["sub"]));
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.NotEqual(first, (string?)answer.Body["refresh_token"]);
        using HttpClient http = broker.Bearer((string)answer.Body["access_token"]!);
        JsonNode session = Assert.Single((await http.SendAsync(HttpMethod.Get, "/api/my/sessions")).Body!["sessions"]!.AsArray())!;
        Assert.Equal((true, "device"), ((bool)session["current"]!, (string?)session["kind"]));
        Assert.Equal(clock.GetUtcNow(), (DateTimeOffset)session["lastSeenAt"]!);
        Assert.Equal(clock.GetUtcNow() + LoginSession.LifeOfDevice, (DateTimeOffset)session["expiresAt"]!);
    }

    /// <summary>Also what is open: who stole the token must not read on.</summary>
    [Fact]
    [Trait("wire", "7.3 #21")]
    public async Task A_refresh_token_that_comes_a_second_time_ends_the_session_for_both()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        TestBroker broker = mesh.Broker;
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann", Device);
        using TestAccount other = await ann.SignInAgainAsync(broker, Device);
        await ann.OwnMemberAsync(broker, mesh.OwnerId);
        string stolen = await broker.BeginRefreshAsync(ann);
        string second = (string)(await broker.RefreshAsync(stolen)).Body!["refresh_token"]!;
        string third = (string)(await broker.RefreshAsync(second)).Body!["refresh_token"]!;
        using TestStream open = await TestStream.OpenAsync(ann.Http, "/stream");
        using TestStream others = await TestStream.OpenAsync(other.Http, "/stream");

        await RefusedAsync(broker.RefreshAsync(stolen), "invalid_grant");

        await RefusedAsync(broker.RefreshAsync(third), "invalid_grant");
        Assert.Equal("token_invalid", (await ann.GetAsync("/api/my/sessions")).Code);
        StreamEvent ended = (await open.NextAsync())!;
        Assert.Equal(("ended", "token_invalid"), (ended.Name, (string?)ended.Json["code"]));
        Assert.Null(await open.NextAsync());
        Assert.Single((await other.GetAsync("/api/my/sessions")).Body!["sessions"]!.AsArray());
    }

    [Fact]
    public async Task Of_one_token_that_comes_many_times_at_once_one_answer_is_good()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann", Device);
        string first = await broker.BeginRefreshAsync(ann);

        RestAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => broker.RefreshAsync(first)));

        // Each is an answer that may have been lost; which of them was the last only the broker knows.
        string[] tokens = [.. answers.Select(answer => (string)answer.Body!["refresh_token"]!)];
        Assert.Equal(8, tokens.Distinct(StringComparer.Ordinal).Count());
        int good = 0;
        foreach (string token in tokens)
            good += (await broker.RefreshAsync(token)).Status == 200 ? 1 : 0;
        Assert.InRange(good, 0, 1);
    }

    [Fact]
    public async Task A_session_that_was_not_used_for_so_long_is_over()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann", Device);
        string token = await broker.BeginRefreshAsync(ann);
        clock.Advance(LoginSession.LifeOfDevice - TimeSpan.FromSeconds(1));
        token = (string)(await broker.RefreshAsync(token)).Body!["refresh_token"]!;
        clock.Advance(LoginSession.LifeOfDevice);

        await RefusedAsync(broker.RefreshAsync(token), "invalid_grant");
    }

    /// <summary>A browser's lies in a cookie that no script reads: one that comes in a form was carried out of it.</summary>
    [Fact]
    public async Task A_token_of_a_browser_is_not_exchanged_at_the_door_of_devices()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");

        await RefusedAsync(broker.RefreshAsync(await broker.BeginRefreshAsync(ann)), "invalid_grant");
    }

    [Fact]
    public async Task What_is_no_request_for_a_token_is_told_so_as_the_standard_has_it()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        HttpClient http = broker.Http;

        await RefusedAsync(http.PostFormAsync("/oauth/token"), "invalid_request");
        await RefusedAsync(http.PostFormAsync("/oauth/token", ("grant_type", "")), "invalid_request");
        await RefusedAsync(http.PostFormAsync("/oauth/token", ("grant_type", "refresh_token")), "invalid_request");
        await RefusedAsync(http.PostFormAsync("/oauth/token", ("grant_type", "password"), ("username", "ann"), ("password", "x")), "unsupported_grant_type");
        await RefusedAsync(http.PostFormAsync("/oauth/token", ("grant_type", "client_credentials")), "unsupported_grant_type");
        await RefusedAsync(http.PostFormAsync("/oauth/token", ("grant_type", "refresh_token"), ("grant_type", "refresh_token")), "invalid_request");
        await RefusedAsync(http.PostFormAsync("/oauth/token?grant_type=refresh_token"), "invalid_request");
        await RefusedAsync(http.PostFormAsync("/oauth/token", ("grant_type", "refresh_token"), ("refresh_token", new string('x', 20_000))), "invalid_request", 413);
        await RefusedAsync(broker.RefreshAsync("cmr_" + new string('x', 43)), "invalid_grant");
        await RefusedAsync(broker.RefreshAsync("nonsense"), "invalid_grant");
        using StringContent json = new("""{"grant_type":"refresh_token"}""", Encoding.UTF8, "application/json");
        await RefusedAsync(AskAsync(http.PostAsync(new Uri("/oauth/token", UriKind.Relative), json)), "invalid_request");
    }

    [Fact]
    public async Task The_grant_of_a_device_goes_to_who_answers_it_and_is_unknown_where_nobody_does()
    {
        await using TestBroker without = await TestBroker.StartAsync(clock, services: services =>
        {
            foreach (ServiceDescriptor grant in services.Where(service => service.ServiceType == typeof(IDeviceGrant)).ToList())
                services.Remove(grant);
        });
        await using TestBroker with = await TestBroker.StartAsync(clock, services: services => services.AddSingleton<IDeviceGrant, Denies>());
        (string, string)[] form = [("grant_type", IDeviceGrant.Type), ("device_code", "abc"), ("unknown", "field")];

        await RefusedAsync(without.Http.PostFormAsync("/oauth/token", form), "unsupported_grant_type");
        RestAnswer answer = await RefusedAsync(with.Http.PostFormAsync("/oauth/token", form), "access_denied");
        Assert.Equal("device_code grant_type", (string?)answer.Body!["error_description"]);
    }

    [Fact]
    public async Task A_client_finds_everything_from_the_address_alone()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock, settings => settings with { PublicUrl = new Uri("https://mesh.example.org") });
        JsonObject server = JsonNode.Parse(await broker.Http.GetStringAsync(new Uri("/.well-known/oauth-authorization-server", UriKind.Relative)))!.AsObject();

        Assert.Equal("https://mesh.example.org", (string?)server["issuer"]);
        Assert.Equal("https://mesh.example.org/oauth/token", (string?)server["token_endpoint"]);
        Assert.Equal("https://mesh.example.org/oauth/device_authorization", (string?)server["device_authorization_endpoint"]);
        Assert.Equal("https://mesh.example.org/oauth/revoke", (string?)server["revocation_endpoint"]);
        Assert.Equal("https://mesh.example.org/.well-known/jwks.json", (string?)server["jwks_uri"]);
        Assert.Contains(IDeviceGrant.Type, server["grant_types_supported"]!.AsArray().Select(grant => (string?)grant));
        Assert.Equal("none", (string?)Assert.Single(server["token_endpoint_auth_methods_supported"]!.AsArray()));
    }

    [Theory]
    [InlineData("live")]
    [InlineData("old")]
    [InlineData("access")]
    public async Task Whoever_holds_a_token_of_a_session_may_end_it(string which)
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann", Device);
        using TestAccount other = await ann.SignInAgainAsync(broker, Device);
        string old = await broker.BeginRefreshAsync(ann);
        string live = (string)(await broker.RefreshAsync(old)).Body!["refresh_token"]!;

        RestAnswer answer = await broker.Http.PostFormAsync("/oauth/revoke", ("token", which is "live" ? live : which is "old" ? old : ann.Token));

        Assert.Equal((200, ""), (answer.Status, answer.Text));
        Assert.Equal("token_invalid", (await ann.GetAsync("/api/my/sessions")).Code);
        await RefusedAsync(broker.RefreshAsync(live), "invalid_grant");
        Assert.Equal(200, (await other.GetAsync("/api/my/sessions")).Status);
    }

    [Fact]
    public async Task Ending_what_is_no_token_is_answered_like_ending_one()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann", Device);
        foreach (string text in (string[])["nonsense", "cmr_" + new string('x', 43), "cmp_" + new string('x', 43), "a.b.c"])
            Assert.Equal(200, (await broker.Http.PostFormAsync("/oauth/revoke", ("token", text), ("token_type_hint", "refresh_token"))).Status);

        await RefusedAsync(broker.Http.PostFormAsync("/oauth/revoke"), "invalid_request");
        await RefusedAsync(broker.Http.PostFormAsync("/oauth/revoke", ("token", ApiKeySecret.Generate().Reveal())), "unsupported_token_type");
        Assert.Equal(200, (await ann.GetAsync("/api/my/sessions")).Status);
    }

    /// <summary>What anybody can ask without a credential is no guess at tokens: it is counted for the address that asks.</summary>
    [Fact]
    [Trait("rest", "7.1 A22")]
    public async Task Every_route_of_accounts_that_takes_no_credential_bounds_how_fast_an_address_asks()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        RestRoute[] open = [.. broker.Services.GetRequiredService<RestRoutes>().All.Where(route => route is { Operation: null, IsOfAccounts: true })];
        Assert.Contains(open, route => route.FullPath is "/oauth/token");
        int atOnce = new RestOptions().AccountRequestsBurst;
        for (int i = 0; i < atOnce; i++)
            await broker.Http.PostFormAsync("/oauth/token");

        foreach (RestRoute route in open)
        {
            string path = route.FullPath.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);
            using HttpRequestMessage request = new(HttpMethod.Parse(route.Method), new Uri(path, UriKind.Relative));
            RestAnswer answer = await RestAnswer.ReadAsync(await broker.Http.SendAsync(request));
            Assert.Equal((route.FullPath, 429), (route.FullPath, answer.Status));
            Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter!.Delta);
        }

        using HttpRequestMessage elsewhere = new(HttpMethod.Post, new Uri("/oauth/token", UriKind.Relative));
        elsewhere.Headers.TryAddWithoutValidation("X-Forwarded-For", "203.0.113.7");
        Assert.Equal(400, (await RestAnswer.ReadAsync(await broker.Http.SendAsync(elsewhere))).Status);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(400, (await broker.Http.PostFormAsync("/oauth/token")).Status);
    }

    /// <summary>1.x made thirty-day tokens for whatever user a request named.</summary>
    [Fact]
    [Trait("rest", "7.1 A1")]
    [Trait("wire", "7.3 #2")]
    public async Task No_route_gives_a_token_to_who_only_names_an_account()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann", Device);
        string[] names = ["user_id", "userId", "sub", "username", "email", "account", "account_id", "name"];
        KeyValuePair<string, string>[] form =
        [
            .. names.Select(name => KeyValuePair.Create(name, ann.Id.Value)),
            KeyValuePair.Create("grant_type", IDeviceGrant.Type), KeyValuePair.Create("device_code", ann.Id.Value),
        ];
        string json = new JsonObject([.. names.Select(name => KeyValuePair.Create(name, (JsonNode?)ann.Id.Value))]).ToJsonString();
        foreach (RestRoute route in broker.Services.GetRequiredService<RestRoutes>().All.Where(route => route.Operation is null || route.IsOfAccounts))
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            string path = string.Join('/', route.FullPath.Split('/').Select(part => part.StartsWith('{') ? "ABCD-EFGH" : part));
            using HttpRequestMessage request = new(HttpMethod.Parse(route.Method), new Uri(path, UriKind.Relative));
            if (route.Form is not null)
                request.Content = new FormUrlEncodedContent([.. form]);
            else if (route.Body is not null)
                request.Content = new StringContent(json, Encoding.UTF8, "application/json");
            using HttpResponseMessage response = await broker.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            string text = response.Content.Headers.ContentType?.MediaType is "text/event-stream" ? "" : await response.Content.ReadAsStringAsync();

            Assert.DoesNotContain("access_token\":", text, StringComparison.Ordinal);
            IEnumerable<string> cookies = response.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? set) ? set : [];
            Assert.DoesNotContain(cookies, cookie => TokenCookie().IsMatch(cookie));
            Assert.DoesNotMatch("cm[rp]_[0-9A-Za-z_-]{43}", text);
        }

        Assert.Single((await ann.GetAsync("/api/my/sessions")).Body!["sessions"]!.AsArray());
    }

    private static PublicKey NewKey()
    {
        using MemberSecretKey key = MemberSecretKey.Generate();
        return key.Public;
    }

    private static async Task<RestAnswer> AskAsync(Task<HttpResponseMessage> asked) => await RestAnswer.ReadAsync(await asked);

    private static async Task<RestAnswer> RefusedAsync(Task<RestAnswer> asked, string error, int status = 400)
    {
        RestAnswer answer = await asked;
        Assert.Equal((status, error), (answer.Status, (string?)answer.Body?["error"]));
        Assert.Equal(["error", "error_description"], answer.Body!.Select(field => field.Key).Order());
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        return answer;
    }

    /// <summary>One that is set, and not one that is taken.</summary>
    [GeneratedRegex("cm_(access|refresh)=[^;]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex TokenCookie();

    private sealed class Denies : IDeviceGrant
    {
        public ValueTask<(OAuthTokens? Tokens, MeshError? Refusal)> ExchangeAsync(RestCall call, IReadOnlyDictionary<string, string> form) =>
            new((null, MeshError.OAuthAccessDenied.With(string.Join(' ', form.Keys.Order(StringComparer.Ordinal)))));
    }
}
