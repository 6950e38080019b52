using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Daemon.Tests.Account;

/// <summary>
/// The account routes of a broker in memory, with one person's account and his other device. It does what it should until a test makes it lie; what it hands out
/// goes through <see cref="Tamper"/>.
/// </summary>
internal sealed class ScriptedAccounts : IAsyncDisposable
{
    private const string HonestCode = "honest-loopback-code";

    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, Request> requests = new(StringComparer.Ordinal);
    private int codes;
    private int tokens;

    private ScriptedAccounts(WebApplication app) => this.app = app;

    public string Address { get; private set; } = "";

    public string UserId { get; set; } = "user1";

    public AccountSecret Secret { get; set; } = AccountSecret.Generate();

    public long Generation { get; set; } = 1;

    /// <summary>The device that approves.</summary>
    public SigningKey Laptop { get; } = SigningKey.Generate();

    /// <summary>Changes the answer with the tokens, as a dishonest broker would.</summary>
    public Func<JsonObject, Request, JsonObject> Tamper { get; set; } = (answer, _) => answer;

    /// <summary>Refresh tokens that were given out, the newest last.</summary>
    public ConcurrentQueue<string> RefreshTokens { get; } = new();

    /// <summary>Called with each request that carries an access token.</summary>
    public Action WhenAsked { get; set; } = () => { };

    /// <summary>What a refresh is answered with, once it is set.</summary>
    public string? RefreshError { get; set; }

    /// <summary>Whether access tokens are believed.</summary>
    public bool BelievesTokens { get; set; } = true;

    public ConcurrentQueue<string> Revoked { get; } = new();

    /// <summary>Whether there are account routes at all.</summary>
    public bool HasAccounts { get; set; } = true;

    /// <summary>Where it says that tokens are given out; null: at its own address.</summary>
    public string? TokenServer { get; set; }

    public static async Task<ScriptedAccounts> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        WebApplication built = builder.Build();
        var broker = new ScriptedAccounts(built);
        built.UseRouting();
        built.MapGet("/.well-known/oauth-authorization-server", broker.DescribeAsync);
        built.MapPost("/oauth/device_authorization", broker.BeginAsync);
        built.MapPost("/oauth/token", broker.GiveTokensAsync);
        built.MapPost("/oauth/revoke", broker.RevokeAsync);
        built.MapGet("/api/my/account", context => broker.AskAsync(context, new JsonObject
        {
            ["account"] = new JsonObject { ["userId"] = broker.UserId, ["username"] = "alice", ["displayName"] = "Alice", ["isOperator"] = false },
        }));
        built.MapGet("/api/my/meshes", context => broker.AskAsync(context, new JsonObject { ["meshes"] = new JsonArray() }));
        built.MapGet("/api/my/vault", context => broker.AskAsync(context, new JsonObject { ["version"] = 0 }));
        built.MapPut("/api/my/vault", context => broker.AskAsync(context, []));
        built.MapGet("/api/my/recovery", context => broker.AskAsync(context, new JsonObject { ["blobs"] = new JsonArray() }));
        built.MapGet("/api/my/devices", context => broker.AskAsync(context, new JsonObject { ["devices"] = new JsonArray() }));
        built.MapGet("/api/my/key", context => broker.AskAsync(context, new JsonObject { ["generation"] = broker.Generation, ["accountPub"] = broker.AccountKey.ToString() }));
        built.MapDelete("/api/my/devices/{key}", context => broker.AskAsync(context, []));
        await built.StartAsync();
        broker.Address = built.Urls.First();
        return broker;
    }

    public PublicKey AccountKey
    {
        get
        {
            using SigningKey key = Secret.DeriveAccountKey(UserId);
            return key.Public;
        }
    }

    /// <summary>The other device says yes, with what the link says, and brings the code to this computer as its browser would.</summary>
    public async Task ApproveAsync(LoginPrompt prompt)
    {
        var link = new Uri(prompt.Link);
        Assert.True(PairingSecret.TryParseFragment(link.Fragment.TrimStart('#'), out PairingSecret? pairing, out PublicKey device));
        Request request = requests.Values.Single(one => one.UserCode == prompt.UserCode);
        Assert.Equal(device, request.Device);
        using (pairing)
            request.Approval = Approve(request, pairing!, Secret, Laptop, UserId, Generation);
        await ReleaseAsync(prompt);
    }

    /// <summary>Makes the tokens of a request be given out; without an approval of its own it is a broker that lies.</summary>
    public async Task ReleaseAsync(LoginPrompt prompt)
    {
        Request request = requests.Values.Single(one => one.UserCode == prompt.UserCode);
        request.IsReleased = true;
        if (request.LoopbackPort is { } port)
        {
            using var browser = new HttpClient();
            using HttpResponseMessage page = await browser.GetAsync(new Uri($"http://127.0.0.1:{port}/claudemesh/login?code={HonestCode}"));
            Assert.True(page.IsSuccessStatusCode);
        }
    }

    public Request FindRequest(string userCode) => requests.Values.Single(one => one.UserCode == userCode);

    public static JsonObject Approve(Request request, PairingSecret pairing, AccountSecret secret, SigningKey approver, string userId, long generation, string? userCode = null)
    {
        using SigningKey accountKey = secret.DeriveAccountKey(userId);
        var text = new DeviceApprovalText(userId, userCode ?? request.UserCode, request.Device, request.Name, accountKey.Public, generation, approver.Public, 1_700_000_000_000);
        Assert.True(DeviceApproval.TryApprove(secret, approver, pairing, text, out DeviceApproval? approval));
        return new JsonObject
        {
            ["text"] = Convert.ToBase64String(SignedBytes.Of(text)),
            ["box"] = Convert.ToBase64String(approval!.Box),
            ["accountSig"] = Convert.ToBase64String(approval.AccountSignature),
            ["deviceSig"] = Convert.ToBase64String(approval.DeviceSignature),
        };
    }

    public static string Jwt(string subject) =>
        $"{Base64Url.EncodeToString("{}"u8)}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{{\"sub\":\"{subject}\"}}"))}.{Base64Url.EncodeToString("signature"u8)}";

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        Secret.Dispose();
        Laptop.Dispose();
    }

    private static Task WriteAsync(HttpContext context, JsonObject answer, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(answer.ToJsonString());
    }

    private static Task RefuseAsync(HttpContext context, string error) =>
        WriteAsync(context, new JsonObject { ["error"] = error, ["error_description"] = $"It is {error}." }, 400);

    private Task DescribeAsync(HttpContext context)
    {
        string self = Address;
        return HasAccounts
            ? WriteAsync(context, new JsonObject
            {
                ["issuer"] = self,
                ["token_endpoint"] = $"{TokenServer ?? self}/oauth/token",
                ["device_authorization_endpoint"] = $"{self}/oauth/device_authorization",
                ["revocation_endpoint"] = $"{self}/oauth/revoke",
            })
            : WriteAsync(context, new JsonObject { ["error"] = "not_found" }, 404);
    }

    private async Task BeginAsync(HttpContext context)
    {
        IFormCollection form = await context.Request.ReadFormAsync();
        int number = Interlocked.Increment(ref codes);
        var request = new Request(
            $"AAAA-{number:D4}",
            PublicKey.Parse(form["device_pub"].ToString()),
            form["device_name"].ToString(),
            int.TryParse(form["loopback_port"], NumberStyles.None, CultureInfo.InvariantCulture, out int port) ? port : null);
        requests[$"device-{number}"] = request;
        await WriteAsync(context, new JsonObject
        {
            ["device_code"] = $"device-{number}",
            ["user_code"] = request.UserCode,
            ["verification_uri"] = $"{Address}/device",
            ["verification_uri_complete"] = $"{Address}/device?code={request.UserCode}",
            ["expires_in"] = 600,
            ["interval"] = 1,
        });
    }

    private async Task GiveTokensAsync(HttpContext context)
    {
        IFormCollection form = await context.Request.ReadFormAsync();
        if (form["grant_type"] == "refresh_token")
        {
            string? error = RefreshError ?? (RefreshTokens.LastOrDefault() == form["refresh_token"] ? null : "invalid_grant");
            await (error is null ? WriteAsync(context, NewTokens()) : RefuseAsync(context, error));
            return;
        }

        Request request = requests[form["device_code"].ToString()];
        var proof = new DeviceTokenText(form["device_code"].ToString(), long.Parse(form["at"].ToString(), CultureInfo.InvariantCulture));
        Assert.True(Ed25519.Verify(request.Device, proof, Convert.FromBase64String(form["proof"].ToString())));
        if (request.Denial is { } denial)
        {
            await RefuseAsync(context, denial);
            return;
        }

        if (!request.IsReleased || (request.LoopbackPort is not null && form["loopback_code"] != HonestCode))
        {
            await RefuseAsync(context, form["loopback_code"].Count > 0 ? "invalid_grant" : "authorization_pending");
            return;
        }

        JsonObject answer = NewTokens();
        if (request.Approval is { } approval)
            answer["approval"] = approval.DeepClone();
        await WriteAsync(context, Tamper(answer, request));
    }

    private JsonObject NewTokens()
    {
        string refresh = $"cmr_{Interlocked.Increment(ref tokens)}";
        RefreshTokens.Enqueue(refresh);
        return new JsonObject
        {
            ["access_token"] = Jwt(UserId),
            ["token_type"] = "Bearer",
            ["expires_in"] = 600,
            ["refresh_token"] = refresh,
            ["scope"] = "account",
            ["sub"] = UserId,
        };
    }

    private async Task RevokeAsync(HttpContext context)
    {
        Revoked.Enqueue((await context.Request.ReadFormAsync())["token"].ToString());
        await WriteAsync(context, []);
    }

    private Task AskAsync(HttpContext context, JsonObject answer)
    {
        WhenAsked();
        return BelievesTokens && context.Request.Headers.Authorization.ToString() == $"Bearer {Jwt(UserId)}"
            ? WriteAsync(context, answer)
            : WriteAsync(context, new JsonObject { ["code"] = "unauthorized", ["detail"] = "The token is not believed." }, 401);
    }

    internal sealed class Request(string userCode, PublicKey device, string name, int? loopbackPort)
    {
        public string UserCode => userCode;

        public PublicKey Device => device;

        public string Name => name;

        public int? LoopbackPort => loopbackPort;

        public JsonObject? Approval { get; set; }

        public bool IsReleased { get; set; }

        public string? Denial { get; set; }
    }
}
