using System.Collections.Concurrent;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Tests.Accounts.Sessions;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Authorization;

/// <summary>
/// Every row of the REST table with every kind of credential and every role: what the door says is what the table says, by the code that tells why, and no
/// handler runs for whom it refuses. The handlers are exchanged for one that notes that it ran. API keys have a walk of their own.
/// </summary>
public sealed class CredentialWalkTests
{
    private static readonly KeyCapabilities[] Scopes = [KeyCapabilities.Read, KeyCapabilities.Send, KeyCapabilities.StateWrite, KeyCapabilities.Admin];

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 28, 9, 0, 0, TimeSpan.Zero));
    private readonly ConcurrentQueue<RestRoute> ran = new();
    private RestRoutes routes = new();
    private TestMember? ann;

    [Theory]
    [InlineData(MemberRole.Member)]
    [InlineData(MemberRole.Admin)]
    [InlineData(MemberRole.Owner)]
    [Trait("rest", "7.2 C20")]
    public async Task A_session_is_let_in_where_its_members_role_is_and_where_it_must_be_fresh_only_then(MemberRole role)
    {
        await using TestBroker broker = await StartAsync();
        await using TestMesh mesh = await TestMesh.StartAsync(clock, broker, log: LogKind.Mixed);
        using TestAccount account = await MemberAsync(mesh, role);
        await WalkAsync(account.Http, rule => role < rule.LeastRole ? "forbidden" : null);

        clock.Advance(LoginSession.FreshFor);
        await WalkAsync(account.Http, rule => role < rule.LeastRole ? "forbidden" : rule.Fresh ? "fresh_authentication_required" : null);
    }

    [Theory]
    [InlineData(MemberRole.Member)]
    [InlineData(MemberRole.Admin)]
    [InlineData(MemberRole.Owner)]
    public async Task A_personal_token_is_let_in_where_its_scope_is_and_nowhere_else(MemberRole role)
    {
        await using TestBroker broker = await StartAsync();
        await using TestMesh mesh = await TestMesh.StartAsync(clock, broker, log: LogKind.Mixed);
        using TestAccount account = await MemberAsync(mesh, role);
        foreach (KeyCapabilities has in Scopes)
        {
            using HttpClient all = broker.Bearer((await broker.StoreTokenAsync(account, has)).Token);
            using HttpClient only = broker.Bearer((await broker.StoreTokenAsync(account, has, mesh)).Token);
            await WalkAsync(all, rule => Expected(rule, role, has));
            await WalkAsync(only, rule => rule is { LeastRole: null, Needs: not null } ? "token_other_workspace" : Expected(rule, role, has));
        }
    }

    [Fact]
    public async Task An_account_that_is_not_in_the_workspace_gets_no_further_than_itself()
    {
        await using TestBroker broker = await StartAsync();
        await using TestMesh mesh = await TestMesh.StartAsync(clock, broker, log: LogKind.Mixed);
        using TestAccount outside = await TestAccount.CreateAsync(broker, "eve");
        using TestAccount removed = await MemberAsync(mesh, MemberRole.Member);
        await mesh.Log.RemoveAsync(ann!.Key.Public);

        foreach (TestAccount account in (TestAccount[])[outside, removed])
            await WalkAsync(account.Http, rule => rule.LeastRole is null ? null : "not_your_workspace", mesh.Slug);
    }

    [Fact]
    public async Task Who_comes_with_nothing_or_with_what_is_none_is_told_to_come_with_something()
    {
        await using TestBroker broker = await StartAsync();
        using TestAccount ended = await TestAccount.CreateAsync(broker, "ann");
        (PersonalToken kept, string revoked) = await broker.StoreTokenAsync(ended, KeyCapabilities.Admin);
        await broker.Services.GetRequiredService<PersonalTokens>().RevokeAsync(kept.Account, kept.Id, CancellationToken.None);
        await broker.Services.GetRequiredService<LoginSessions>().EndAllAsync(kept.Account, kept: null, CancellationToken.None);

        await WalkAsync(broker.Http, rule => rule.LeastRole is null ? "sign_in_required" : "api_key_missing");
        await WalkAsync(ended.Http, _ => "token_invalid");
        foreach (string token in (string[])[revoked, "cmp_nonsense", "a.b.c"])
        {
            using HttpClient http = broker.Bearer(token);
            await WalkAsync(http, _ => "token_invalid");
        }
    }

    [Fact]
    public async Task A_browsers_cookie_opens_what_changes_something_to_the_brokers_own_page_alone()
    {
        await using TestBroker broker = await StartAsync();
        await using TestMesh mesh = await TestMesh.StartAsync(clock, broker, log: LogKind.Mixed);
        using TestAccount account = await MemberAsync(mesh, MemberRole.Owner);
        using CookieBrowser browser = await CookieBrowser.SignInAsync(broker, account);

        await WalkAsync(browser.Http, (route, _) => route.Method == HttpMethods.Get ? null : "csrf_refused");
        browser.Http.DefaultRequestHeaders.TryAddWithoutValidation("X-CSRF-Token", browser.Csrf);
        await WalkAsync(browser.Http, (_, _) => null);
        browser.Http.DefaultRequestHeaders.TryAddWithoutValidation("Origin", "https://evil.example");
        await WalkAsync(browser.Http, (route, _) => route.Method == HttpMethods.Get ? null : "csrf_refused");
    }

    /// <summary>API keys are of a workspace: of the account they open nothing, whatever they may.</summary>
    [Fact]
    public async Task An_api_key_opens_nothing_of_an_account()
    {
        await using TestBroker broker = await StartAsync();
        await using TestMesh mesh = await TestMesh.StartAsync(clock, broker, log: LogKind.Mixed);
        await MakeTopicAsync(mesh);
        using TestKey key = await mesh.MakeKeyAsync([KeyCapability.Admin]);

        await WalkAsync(key.Http, (route, rule) => rule.LeastRole is null || rule.Needs is null ? "credential_not_enough" : null);
    }

    private static string? Expected(Rule rule, MemberRole role, KeyCapabilities has) =>
        rule.Needs is not { } needed || !rule.Tokens ? "credential_not_enough"
        : role < rule.LeastRole ? "forbidden"
        : has is KeyCapabilities.Admin || has == needed ? null
        : "token_missing_scope";

    private Task WalkAsync(HttpClient http, Func<Rule, string?> expected, string? workspace = null) => WalkAsync(http, (_, rule) => expected(rule), workspace);

    private async Task WalkAsync(HttpClient http, Func<RestRoute, Rule, string?> expected, string? workspace = null)
    {
        List<string> faults = [];
        foreach (RestRoute route in routes.All.Where(route => route.Operation is not null))
        {
            string? code = expected(route, Permissions.Table[route.Operation!.Value]);
            ran.Clear();
            RestAnswer answer = await http.SendAsync(new HttpMethod(route.Method), PathOf(route), workspace: workspace);
            if (answer.Code != code || (answer.Status < 400) != code is null || ran.Count != (code is null ? 1 : 0))
                faults.Add($"{route.Method} {route.FullPath} ({route.Operation}): {answer.Status} {answer.Code}, not {code ?? "let in"}");
            if (answer.Status == StatusCodes.Status401Unauthorized && !answer.Headers.WwwAuthenticate.ToString().StartsWith("Bearer", StringComparison.Ordinal))
                faults.Add($"{route.Method} {route.FullPath}: 401 without WWW-Authenticate");

            // So that no bound for guesses is what refuses.
            if (code is "token_invalid")
                clock.Advance(TimeSpan.FromMilliseconds(200));
        }

        Assert.Empty(faults);
    }

    private async Task<TestAccount> MemberAsync(TestMesh mesh, MemberRole role)
    {
        ann = role is MemberRole.Owner ? mesh.OwnerMember() : await mesh.AddMemberAsync("ann", role: role is MemberRole.Admin ? "admin" : "member");
        await MakeTopicAsync(mesh);
        TestAccount account = await TestAccount.CreateAsync(mesh.Broker, "ann");
        await account.OwnMemberAsync(mesh.Broker, ann.Id);
        return account;
    }

    private static async Task MakeTopicAsync(TestMesh mesh)
    {
        await using TestPeer owner = await mesh.OwnerAsync();
        await owner.AskAsync(new TopicCreate(TopicName.Parse("deploys")));
    }

    private Task<TestBroker> StartAsync() => TestBroker.StartAsync(clock, services: services =>
    {
        CookieBrowser.AddDoor(services);
        RestRoutes real = (RestRoutes)services.Last(service => service.ServiceType == typeof(RestRoutes)).ImplementationInstance!;
        routes = new RestRoutes();
        foreach (RestRoute route in real.All)
            routes.Add(route.Operation is null ? route : route with { Handle = call => Note(route, call) });
        services.AddSingleton(routes);
    });

    private Task Note(RestRoute route, RestCall call)
    {
        ran.Enqueue(route);
        call.Http.Response.StatusCode = StatusCodes.Status200OK;
        return Task.CompletedTask;
    }

    private static string PathOf(RestRoute route) => string.Join('/', route.FullPath.Split('/').Select(part =>
        part is "{topic}" ? "deploys" : part.StartsWith('{') ? "some" : part));
}
