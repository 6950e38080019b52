using Claudemesh.Broker.Tests.Accounts.Sessions;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.OpenApi;

/// <content>Sessions and tokens.</content>
internal sealed partial class OpenApiWalk
{
    private const string Refresh = "/api/auth/refresh";

    private readonly List<IDisposable> signedIn = [];
    private HttpClient? browser;

    private static IEnumerable<WalkStep> Tokens =>
    [
        new("GET", "/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server", HasKey: false),
        new("GET", "/.well-known/jwks.json", "/.well-known/jwks.json", HasKey: false),
        new("POST", "/oauth/token", "/oauth/token", () => "grant_type=refresh_token&refresh_token=<refresh>&client_id=claudemesh-cli", HasKey: false),
        new("POST", "/oauth/revoke", "/oauth/revoke", () => "token=<refresh>", HasKey: false),
        new("POST", Refresh, Refresh, HasKey: false),
        new("POST", "/api/auth/sign-out", "/api/auth/sign-out", HasKey: false),
        new("GET", "/api/my/sessions", "/api/my/sessions"),
        new("DELETE", "/api/my/sessions/{id}", "/api/my/sessions/<session>"),
        new("DELETE", "/api/my/sessions", "/api/my/sessions"),
        new("POST", "/api/my/tokens", "/api/my/tokens", () => """{"name":"nightly build","scopes":["read","post"],"expiresInDays":90}""", (walk, answer) => walk.kept["token"] = (string)answer["id"]!),
        new("GET", "/api/my/tokens", "/api/my/tokens"),
        new("DELETE", "/api/my/tokens/{id}", "/api/my/tokens/<token>"),
    ];

    /// <summary>The account signed in on a device, in a browser, and once more.</summary>
    private async Task SignInElsewhereAsync()
    {
        TestAccount device = await Account.SignInAgainAsync(Mesh.Broker, Mesh.OwnerKey.Public);
        TestAccount page = await Account.SignInAgainAsync(Mesh.Broker);
        TestAccount other = await Account.SignInAgainAsync(Mesh.Broker);
        kept["refresh"] = await Mesh.Broker.BeginRefreshAsync(device);
        kept["session"] = (string)(await other.GetAsync("/api/my/sessions")).Body!["sessions"]![0]!["id"]!;
        browser = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = Mesh.Broker.Url };
        browser.DefaultRequestHeaders.TryAddWithoutValidation("Cookie", $"cm_refresh={await Mesh.Broker.BeginRefreshAsync(page)}");
        signedIn.AddRange([device, page, other, browser]);
    }
}
