using System.Text.Json.Nodes;
using Claudemesh.Broker.Accounts.Mail;
using Claudemesh.Broker.Accounts.SecondFactor;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.OpenApi;

/// <content>Signing in, and what an account is signed in with.</content>
internal sealed partial class OpenApiWalk
{
    private const string Password = $$"""{"password":"{{TestBrowser.GoodPassword}}"}""";

    private readonly TestAuthenticator passkey = new();
    private readonly TestAuthenticator newPasskey = new();

    /// <summary>Of the ceremony that the step before has begun.</summary>
    private JsonNode? begun;

    private string Origin => $"http://localhost:{Mesh.Broker.Url.Port}";

    private static BrokerSettings TakeSignUps(BrokerSettings settings) => settings with
    {
        SignUp = SignUpRule.Open, Mail = MailServer.Parse("smtp://127.0.0.1:1", "mesh@example.org"),
    };

    private IEnumerable<WalkStep> SignIns =>
    [
        new("GET", "/api/auth/state", "/api/auth/state", HasKey: false),
        new("GET", "/api/my/account", "/api/my/account"),
        new("PATCH", "/api/my/account", "/api/my/account", () => """{"displayName":"Ann Lee","email":"ann@example.org"}"""),
        new("POST", "/api/my/email/verification", "/api/my/email/verification"),
        new("GET", "/api/my/export", "/api/my/export"),
        new("PUT", "/api/my/password", "/api/my/password", () => Password),
        new("POST", "/api/auth/fresh/password", "/api/auth/fresh/password", () => Password),
        new("POST", "/api/my/totp", "/api/my/totp", Keep: (walk, answer) => walk.kept["totp"] = (string)answer["secret"]!),
        new("PUT", "/api/my/totp", "/api/my/totp", () => $$"""{"code":"{{Code()}}"}"""),
        new("POST", "/api/my/recovery-codes", "/api/my/recovery-codes", Keep: (walk, answer) => walk.kept["recovery"] = (string)answer["codes"]![0]!),
        new("POST", "/api/auth/sign-in", "/api/auth/sign-in", () => $$"""{"username":"ann","password":"{{TestBrowser.GoodPassword}}"}""", (walk, answer) => walk.kept["half"] = (string)answer["secondFactor"]!, HasKey: false),
        new("POST", "/api/auth/second-factor", "/api/auth/second-factor", () => """{"ceremony":"<half>","code":"<recovery>"}""", HasKey: false),
        new("DELETE", "/api/my/totp", "/api/my/totp"),
        new("POST", "/api/my/passkeys/options", "/api/my/passkeys/options", Keep: Begin),
        new("POST", "/api/my/passkeys", "/api/my/passkeys", () => Answer(passkey.Create(begun!["options"]!, Origin), "phone"), (walk, answer) => walk.kept["passkey"] = (string)answer["id"]!),
        new("PATCH", "/api/my/passkeys/{id}", "/api/my/passkeys/<passkey>", () => """{"name":"old phone"}"""),
        new("POST", "/api/auth/fresh/passkey-options", "/api/auth/fresh/passkey-options", Keep: Begin),
        new("POST", "/api/auth/fresh/passkey", "/api/auth/fresh/passkey", () => Answer(passkey.Get(begun!["options"]!, Origin))),
        new("POST", "/api/auth/passkeys/options", "/api/auth/passkeys/options", () => """{"username":"ann"}""", Begin, HasKey: false),
        new("POST", "/api/auth/passkeys/sign-in", "/api/auth/passkeys/sign-in", () => Answer(passkey.Get(begun!["options"]!, Origin)), HasKey: false),
        new("DELETE", "/api/my/password", "/api/my/password"),
        new("PUT", "/api/my/password", "/api/my/password", () => Password),
        new("DELETE", "/api/my/passkeys/{id}", "/api/my/passkeys/<passkey>"),
        new("POST", "/api/auth/sign-up", "/api/auth/sign-up", () => $$"""{"username":"dora","displayName":"Dora","password":"{{TestBrowser.GoodPassword}}"}""", HasKey: false),
        new("POST", "/api/auth/passkeys/sign-up-options", "/api/auth/passkeys/sign-up-options", () => """{"username":"emil","displayName":"Emil"}""", Begin, HasKey: false),
        new("POST", "/api/auth/passkeys/sign-up", "/api/auth/passkeys/sign-up", () => Answer(newPasskey.Create(begun!["options"]!, Origin)), HasKey: false),
    ];

    /// <summary>Last of all: the account is gone then.</summary>
    private static IEnumerable<WalkStep> AccountEnd => [new("DELETE", "/api/my/account", "/api/my/account", () => """{"confirm":"ann"}""")];

    private static void Begin(OpenApiWalk walk, JsonNode answer) => walk.begun = answer;

    private string Answer(JsonObject credential, string? name = null)
    {
        JsonObject body = new() { ["ceremony"] = (string?)begun!["ceremony"], ["credential"] = credential };
        if (name is not null)
            body["name"] = name;
        return body.ToJsonString();
    }

    private string Code() => Totp.Code(TestAuthenticator.FromBase32(kept["totp"]), Totp.StepAt(Mesh.Clock.GetUtcNow()));
}
