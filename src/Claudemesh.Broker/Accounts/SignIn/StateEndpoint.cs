using Claudemesh.Broker.Accounts.Mail;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;
using Microsoft.Net.Http.Headers;

namespace Claudemesh.Broker.Accounts.SignIn;

/// <summary>What a page needs before it shows anything: who is signed in, and what can be done where nobody is.</summary>
internal sealed class StateEndpoint(Credentials credentials, BrowserCookies cookies, AccountMail mail, BrokerSettings settings, Database database)
{
    public async Task HandleAsync(RestCall call)
    {
        bool isSetUp = await database.ReadAsync((Sql sql) => AccountStore.Any(sql), call.Aborted);
        Presented presented = await credentials.ReadAsync(call.Http, MeshError.SignInRequired);

        // Asking is no attempt to get in: nobody is challenged for it.
        call.Http.Response.Headers.Remove(HeaderNames.WWWAuthenticate);
        LoginSession? session = presented.Account?.Session;
        await call.AnswerAsync(new AuthState(
            NeedsSetup: !isSetUp,
            settings.SignUp,
            mail.IsOn,
            settings.Oidc is { } oidc ? new OidcName(oidc.Name) : null,
            session is null ? null : presented.Account!.Account.Summary,
            session is null ? null : await cookies.CsrfOfAsync(session, call.Aborted)));
    }
}
