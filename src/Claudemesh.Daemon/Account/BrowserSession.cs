using System.Text.Json.Serialization.Metadata;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Account;

/// <summary>
/// Signed in with a password as a browser would be, for the few requests that make this machine a device. Its cookies are in memory only and end with it.
/// </summary>
internal sealed class BrowserSession(AccountHttp http, AccountServer server)
{
    private const int CookiesMax = 16;

    private readonly Dictionary<string, string> cookies = new(StringComparer.Ordinal);
    private string csrf = "";

    /// <summary>Whose session it is; null before it is signed in.</summary>
    public AccountSummary? Account { get; private set; }

    public async Task<LocalReply<AccountSummary>> SignInAsync(string username, string password, string? code, CancellationToken cancellationToken)
    {
        LocalReply<SignedIn> answer = await PostAsync(
            "api/auth/sign-in", new Credentials(username, password), WireJson.Default.Credentials, WireJson.Default.SignedIn, cancellationToken);
        if (answer.Value?.SecondFactor is { } ceremony)
        {
            if (string.IsNullOrWhiteSpace(code))
                return AccountProblems.SecondFactorNeeded();

            answer = await PostAsync(
                "api/auth/second-factor", new SecondFactor(ceremony, code.Trim()), WireJson.Default.SecondFactor, WireJson.Default.SignedIn, cancellationToken);
        }

        return Begin(answer);
    }

    public async Task<LocalReply<AccountSummary>> SignUpAsync(NewAccount account, CancellationToken cancellationToken) => Begin(await PostAsync(
        "api/auth/sign-up", account, WireJson.Default.NewAccount, WireJson.Default.SignedIn, cancellationToken));

    public Task<LocalReply<T>> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class => http.SendAsync(server.Broker, HttpMethod.Get, path, null, Identify, type, cancellationToken);

    public Task<LocalReply<T>> PostAsync<TBody, T>(
        string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class => http.SendAsync(server.Broker, HttpMethod.Post, path, AccountHttp.Json(body, bodyType), Identify, type, cancellationToken);

    /// <summary>Ends it at the broker; what that answers does not matter, it ends by itself too.</summary>
    public async Task EndAsync()
    {
        if (Account is not null)
            await http.SendAsync(server.Broker, HttpMethod.Post, "api/auth/sign-out", null, Identify, WireJson.Default.Nothing, CancellationToken.None);
    }

    private LocalReply<AccountSummary> Begin(LocalReply<SignedIn> answer)
    {
        if (answer.Value is not { Account: { } account } signedIn)
            return answer.Problem ?? AccountProblems.Refused("", "the broker did not say who signed in.", 502);

        csrf = signedIn.Csrf ?? "";
        Account = account;
        return account;
    }

    private void Identify(HttpRequestMessage request, HttpResponseMessage? response)
    {
        if (response is not null)
        {
            Keep(response);
            return;
        }

        if (cookies.Count > 0)
            request.Headers.Add("Cookie", string.Join("; ", cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        if (csrf.Length > 0 && request.Method != HttpMethod.Get)
            request.Headers.Add("X-CSRF-Token", csrf);
    }

    private void Keep(HttpResponseMessage response)
    {
        foreach (string cookie in response.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? set) ? set : [])
        {
            string[] pair = cookie.Split(';')[0].Split('=', 2);
            if (pair is [{ Length: > 0 } name, var value] && (cookies.Count < CookiesMax || cookies.ContainsKey(name)))
                cookies[name.Trim()] = value.Trim();
        }
    }
}
