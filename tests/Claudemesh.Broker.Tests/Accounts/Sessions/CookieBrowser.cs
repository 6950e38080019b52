using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Claudemesh.Broker.Accounts;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Tests.Accounts.Sessions;

/// <summary>A browser with cookies, signed in by a route that only tests have: signing in itself is tested elsewhere.</summary>
internal sealed class CookieBrowser : IDisposable
{
    private readonly HttpClientHandler handler = new() { UseCookies = true, AllowAutoRedirect = false };
    private readonly Uri url;

    private CookieBrowser(TestBroker broker)
    {
        url = broker.Url;
        Origin = broker.Services.GetRequiredService<PublicAddress>().Origin;
        Http = new HttpClient(handler) { BaseAddress = broker.Url, Timeout = TestSocket.Patience };
    }

    public HttpClient Http { get; }

    public string Origin { get; }

    public string Csrf { get; private set; } = "";

    /// <summary>The lines that set its cookies when it was signed in.</summary>
    public string[] SetCookies { get; private set; } = [];

    /// <summary>Adds the route; give it to <see cref="TestBroker.StartAsync"/>.</summary>
    public static void AddDoor(IServiceCollection services)
    {
        RestRoutes routes = (RestRoutes)services.Last(service => service.ServiceType == typeof(RestRoutes)).ImplementationInstance!;
        routes.Add(new RestRoute("POST", "/test-sign-in/{user}", Operation: null, KeyReach.Workspace, "", async call =>
        {
            Account account = (await call.Get<AccountStore>().FindAsync(UserId.Parse(call.Path("user")), call.Aborted))!;
            await call.AnswerAsync(await call.Get<BrowserSignIn>().SignInAsync(call.Http, account));
        })
        {
            Root = RestRoutes.Auth,
        });
    }

    public static async Task<CookieBrowser> SignInAsync(TestBroker broker, TestAccount account, string agent = "Test/1")
    {
        CookieBrowser browser = new(broker);
        browser.Http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", agent);
        using HttpResponseMessage response = await browser.Http.PostAsync(new Uri($"/api/auth/test-sign-in/{account.Id.Value}", UriKind.Relative), content: null);
        browser.SetCookies = [.. response.Headers.GetValues("Set-Cookie")];
        browser.Csrf = (string)(await RestAnswer.ReadAsync(response)).Body!["csrf"]!;
        return browser;
    }

    public string? Cookie(string name) => handler.CookieContainer.GetCookies(new Uri(url, "/api/auth/refresh"))[name]?.Value;

    public void SetCookie(string name, string value, string path) => handler.CookieContainer.Add(new Cookie(name, value, path, url.Host));

    public Task<RestAnswer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    /// <summary>As the broker's own page sends it.</summary>
    public Task<RestAnswer> AskAsync(HttpMethod method, string path, string? json = null) => SendAsync(method, path, json, Csrf, Origin);

    public async Task<RestAnswer> SendAsync(HttpMethod method, string path, string? json = null, string? csrf = null, string? origin = null, string? site = null)
    {
        using HttpRequestMessage request = new(method, new Uri(path, UriKind.Relative));
        if (csrf is not null)
            request.Headers.TryAddWithoutValidation("X-CSRF-Token", csrf);
        if (origin is not null)
            request.Headers.TryAddWithoutValidation("Origin", origin);
        if (site is not null)
            request.Headers.TryAddWithoutValidation("Sec-Fetch-Site", site);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        RestAnswer answer = await RestAnswer.ReadAsync(await Http.SendAsync(request));
        if (answer.Body?["csrf"] is { } told)
            Csrf = (string)told!;
        return answer;
    }

    public void Dispose()
    {
        Http.Dispose();
        handler.Dispose();
    }
}
