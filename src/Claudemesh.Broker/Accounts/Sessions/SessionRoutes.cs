using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Sessions;

/// <summary>Where an account is signed in.</summary>
internal static class SessionRoutes
{
    private const string Id = "id";

    public static RestRoutes MapLoginSessions(this RestRoutes routes) => routes
        .Add(new RestRoute(
            "POST", "/refresh", Operation: null, KeyReach.Workspace, "Keeps a browser signed in, by its cookie.",
            call => call.Get<BrowserSessionEndpoint>().RefreshAsync(call))
        {
            Root = RestRoutes.Auth,
            Reply = typeof(SignedInBrowser),
            Refusals = [MeshError.SignInRequired, MeshError.TokenInvalid, MeshError.CsrfRefused],
        })
        .Add(new RestRoute(
            "POST", "/sign-out", Operation: null, KeyReach.Workspace, "Signs a browser out, and ends what it has open.",
            call => call.Get<BrowserSessionEndpoint>().SignOutAsync(call))
        {
            Root = RestRoutes.Auth,
            Status = 204,
            Refusals = [MeshError.CsrfRefused],
        })
        .Add(new RestRoute("GET", "/sessions", Operation.ReadAccount, KeyReach.Workspace, "Lists the browsers and devices that are signed in.", ListAsync)
        {
            Root = RestRoutes.My,
            Reply = typeof(LoginSessionList),
        })
        .Add(new RestRoute("DELETE", $"/sessions/{{{Id}}}", Operation.ChangeAccount, KeyReach.Workspace, "Signs a browser or a device out, at once.", EndAsync)
        {
            Root = RestRoutes.My,
            Status = 204,
            Refusals = [MeshError.LoginSessionNotFound],
        })
        .Add(new RestRoute("DELETE", "/sessions", Operation.ChangeAccount, KeyReach.Workspace, "Signs out everywhere but here.", EndOthersAsync)
        {
            Root = RestRoutes.My,
            Status = 204,
        });

    private static async Task ListAsync(RestCall call)
    {
        List<LoginSession> sessions = await call.Get<LoginSessionStore>().ListAsync(call.Account.No, call.Aborted);
        await call.AnswerAsync(new LoginSessionList([.. sessions.Select(session => ToWire(session, call.SignedIn!.Session))]));
    }

    private static async Task EndAsync(RestCall call)
    {
        LoginSession? session = await call.Get<LoginSessionStore>().FindAsync(call.Account.No, call.Path(Id), call.Aborted);
        if (session is null)
        {
            await call.RefuseAsync(MeshError.LoginSessionNotFound);
            return;
        }

        await call.Get<LoginSessions>().EndAsync(session, call.Aborted);
        await TellAsync(call);
        await call.AnswerAsync(refusal: null);
    }

    private static async Task EndOthersAsync(RestCall call)
    {
        await call.Get<LoginSessions>().EndAllAsync(call.Account.No, kept: call.Session, call.Aborted);
        await TellAsync(call);
        await call.AnswerAsync(refusal: null);
    }

    private static Task TellAsync(RestCall call) => call.Get<AccountNews>().TellAsync(call.Account.No, AccountChange.SignedOut, call.Aborted);

    private static LoginSessionInfo ToWire(LoginSession session, LoginSession? current) => new(
        session.Id,
        session.Kind is LoginKind.Browser ? LoginSessionKind.Browser : LoginSessionKind.Device,
        session.Name,
        session.Address,
        session.CreatedAt,
        session.LastSeenAt,
        session.No == current?.No,
        session.ExpiresAt);
}
