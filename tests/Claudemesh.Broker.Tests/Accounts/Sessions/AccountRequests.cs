using System.Net.Http.Headers;
using System.Text;
using Claudemesh.Broker.Accounts;
using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Tests.Accounts.Sessions;

/// <summary>Short ways to ask as an account.</summary>
internal static class AccountRequests
{
    /// <param name="path">The whole, from the first slash on.</param>
    public static async Task<RestAnswer> SendAsync(this HttpClient http, HttpMethod method, string path, string? json = null, string? workspace = null)
    {
        using HttpRequestMessage request = new(method, new Uri(path, UriKind.Relative));
        if (workspace is not null)
            request.Headers.TryAddWithoutValidation("X-Workspace", workspace);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        return await RestAnswer.ReadAsync(await http.SendAsync(request));
    }

    public static Task<RestAnswer> AskAsync(this TestAccount account, HttpMethod method, string path, string? json = null, string? workspace = null) =>
        account.Http.SendAsync(method, path, json, workspace);

    public static Task<RestAnswer> GetAsync(this TestAccount account, string path, string? workspace = null) =>
        account.AskAsync(HttpMethod.Get, path, workspace: workspace);

    public static async Task<RestAnswer> PostFormAsync(this HttpClient http, string path, params (string Name, string Value)[] fields)
    {
        using FormUrlEncodedContent form = new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await RestAnswer.ReadAsync(await http.PostAsync(new Uri(path, UriKind.Relative), form));
    }

    public static Task<RestAnswer> RefreshAsync(this TestBroker broker, string token) =>
        broker.Http.PostFormAsync("/oauth/token", ("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", "claudemesh-cli"));

    /// <summary>The first refresh token of an account's session, as its device got it when it was approved.</summary>
    public static async Task<string> BeginRefreshAsync(this TestBroker broker, TestAccount account) => (await broker.Services.GetRequiredService<Database>()
        .WriteAsync(scope => RefreshTokens.Begin(scope, account.SessionNo), CancellationToken.None)).Reveal();

    /// <summary>A client that asks with this as its bearer.</summary>
    public static HttpClient Bearer(this TestBroker broker, string token)
    {
        HttpClient http = new() { BaseAddress = broker.Url, Timeout = TestSocket.Patience };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    /// <summary>A token that no route made, for tests that exchange the routes.</summary>
    public static async Task<(PersonalToken Kept, string Token)> StoreTokenAsync(this TestBroker broker, TestAccount account, KeyCapabilities scopes, TestMesh? only = null)
    {
        Account owner = (await broker.Services.GetRequiredService<AccountStore>().FindAsync(account.Id, CancellationToken.None))!;
        MeshNo? mesh = only is null ? null : (await broker.Services.GetRequiredService<OpenWorkspaces>().FindAsync(MeshId.Parse(only.Id), CancellationToken.None))!.Row.No;
        PersonalTokenSecret secret = PersonalTokenSecret.Generate();
        NewPersonalToken wish = new(RandomBytes.NextId(), owner.No, "walk", scopes, mesh, broker.Services.GetRequiredService<TimeProvider>().GetUtcNow().AddDays(1));
        return ((await broker.Services.GetRequiredService<PersonalTokenStore>().CreateAsync(wish, secret, CancellationToken.None))!, secret.Reveal());
    }

    public static async Task<(string Id, string Token)> MakeTokenAsync(this TestAccount account, string scopes, string? workspace = null, int days = 30)
    {
        string only = workspace is null ? "" : $",\"workspace\":\"{workspace}\"";
        string words = string.Join(',', scopes.Split(' ').Select(scope => $"\"{scope}\""));
        RestAnswer made = await account.AskAsync(HttpMethod.Post, "/api/my/tokens", $"{{\"name\":\"ci\",\"scopes\":[{words}],\"expiresInDays\":{days}{only}}}");
        Assert.Equal((201, null), (made.Status, made.Code));
        return ((string)made.Body!["id"]!, (string)made.Body["token"]!);
    }
}
