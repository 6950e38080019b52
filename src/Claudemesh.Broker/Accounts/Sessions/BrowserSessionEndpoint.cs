using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Accounts.Sessions;

/// <summary>
/// How a browser stays signed in, and how it is signed out: by its cookies alone. A page that was opened again has no token to send with them yet, so
/// what is asked is that no other page sent it.
/// </summary>
internal sealed class BrowserSessionEndpoint(BrowserCookies cookies, BrowserSignIn browser, SessionTokens tokens)
{
    public async Task RefreshAsync(RestCall call)
    {
        HttpContext context = call.Http;
        if (!cookies.IsOwnOrigin(context.Request))
        {
            await call.RefuseAsync(MeshError.CsrfRefused);
            return;
        }

        string? text = cookies.ReadRefresh(context.Request);
        if (!RefreshToken.TryParse(text, out RefreshToken token) || await tokens.RefreshAsync(token, LoginKind.Browser, call.Aborted) is not { } next)
        {
            cookies.Clear(context.Response);
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await call.RefuseAsync(text is null ? MeshError.SignInRequired : MeshError.TokenInvalid);
            return;
        }

        await call.AnswerAsync(await browser.TellAsync(context, next));
    }

    /// <summary>Whoever is signed out already is told the same.</summary>
    public async Task SignOutAsync(RestCall call)
    {
        HttpContext context = call.Http;
        if (!cookies.IsOwnOrigin(context.Request))
        {
            await call.RefuseAsync(MeshError.CsrfRefused);
            return;
        }

        if (RefreshToken.TryParse(cookies.ReadRefresh(context.Request), out RefreshToken token))
            await tokens.EndAsync(token, call.Aborted);
        if (cookies.ReadAccess(context.Request) is { } access)
            await tokens.EndAsync(access, call.Aborted);

        cookies.Clear(context.Response);
        context.Response.Headers["Clear-Site-Data"] = "\"cache\"";
        await call.AnswerAsync(refusal: null);
    }
}
