using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Claudemesh.TestKit;

/// <summary>A browser with the broker's page in it: keeps cookies, sends the origin and the CSRF token, and follows no redirect by itself.</summary>
public sealed class TestBrowser : IDisposable
{
    public const string GoodPassword = "seven brown otters sing";

    private readonly TestBroker broker;
    private readonly HttpClient http;

    public TestBrowser(TestBroker broker, string? from = null)
    {
        this.broker = broker;
        HttpClientHandler handler = new() { AllowAutoRedirect = false, CookieContainer = Cookies };
        http = new HttpClient(handler) { BaseAddress = broker.Url, Timeout = TestSocket.Patience };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("TestBrowser/1");
        http.DefaultRequestHeaders.Add("Origin", Origin);
        if (from is not null)
            http.DefaultRequestHeaders.Add("X-Forwarded-For", from);
    }

    public CookieContainer Cookies { get; } = new();

    /// <summary>Of the page, as the broker sees its public address.</summary>
    public string Origin => $"http://localhost:{broker.Url.Port}";

    /// <summary>From the last answer that signed in.</summary>
    public string? Csrf { get; set; }

    public Task<RestAnswer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<RestAnswer> PostAsync(string path, object? body = null) => SendAsync(HttpMethod.Post, path, body);

    public async Task<RestAnswer> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using HttpRequestMessage request = new(method, new Uri(path, UriKind.RelativeOrAbsolute));
        if (Csrf is not null)
            request.Headers.Add("X-CSRF-Token", Csrf);
        if (body is not null)
        {
            string json = body as string ?? ((JsonNode)body).ToJsonString();
            request.Content = new StringContent(json, Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        }

        RestAnswer answer = await RestAnswer.ReadAsync(await http.SendAsync(request));
        Csrf = (string?)answer.Body?["csrf"] ?? Csrf;
        return answer;
    }

    /// <summary>Makes an account; the first on its broker by a set-up link, others where sign-ups are open.</summary>
    public async Task<RestAnswer> SignUpAsync(string username, string password = GoodPassword, string? email = null)
    {
        JsonObject body = new() { ["username"] = username, ["displayName"] = username, ["password"] = password };
        if (email is not null)
            body["email"] = email;
        if (await broker.MakeSetupTokenAsync() is { } setup)
            body["setup"] = setup;
        return await PostAsync("/api/auth/sign-up", body);
    }

    public Task<RestAnswer> SignInAsync(string username, string password = GoodPassword) =>
        PostAsync("/api/auth/sign-in", new JsonObject { ["username"] = username, ["password"] = password });

    public async Task<RestAnswer> PasskeySignUpAsync(string username, TestAuthenticator passkey, string? setup, PasskeyLie? lie = null)
    {
        RestAnswer begun = await PostAsync("/api/auth/passkeys/sign-up-options", new JsonObject { ["username"] = username, ["displayName"] = username, ["setup"] = setup });
        return begun.Status == 200 ? await EndAsync("/api/auth/passkeys/sign-up", begun, passkey.Create(begun.Body!["options"]!, Origin, lie)) : begun;
    }

    /// <param name="username">Null: the authenticator says who it is.</param>
    public async Task<RestAnswer> PasskeySignInAsync(TestAuthenticator passkey, string? username = null, PasskeyLie? lie = null)
    {
        RestAnswer begun = await PostAsync("/api/auth/passkeys/options", new JsonObject { ["username"] = username });
        return begun.Status == 200 ? await EndAsync("/api/auth/passkeys/sign-in", begun, passkey.Get(begun.Body!["options"]!, Origin, lie)) : begun;
    }

    public async Task<RestAnswer> PasskeyFreshAsync(TestAuthenticator passkey)
    {
        RestAnswer begun = await PostAsync("/api/auth/fresh/passkey-options");
        return begun.Status == 200 ? await EndAsync("/api/auth/fresh/passkey", begun, passkey.Get(begun.Body!["options"]!, Origin)) : begun;
    }

    public void Dispose() => http.Dispose();

    private Task<RestAnswer> EndAsync(string path, RestAnswer begun, JsonObject credential) =>
        PostAsync(path, new JsonObject { ["ceremony"] = (string?)begun.Body!["ceremony"], ["credential"] = credential });
}
