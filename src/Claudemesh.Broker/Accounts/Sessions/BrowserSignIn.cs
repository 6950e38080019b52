using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Accounts.Sessions;

/// <summary>Signs a browser in, whatever its person has proved himself by: opens the session and sets its cookies.</summary>
internal sealed class BrowserSignIn(AccessTokens tokens, BrowserCookies cookies, Database database)
{
    private const int NameCharsMax = 120;

    /// <summary>The session of an account that has just proved who it is. Part of the write that stores what the proof changed.</summary>
    public static LoginSession Open(WriteScope scope, HttpContext context, AccountNo account) =>
        LoginSessionStore.Open(scope, new NewLogin(account, LoginKind.Browser, Device: null, NameOf(context), ClientAddress.Of(context).ToString()));

    public async Task<SignedInBrowser> SignInAsync(HttpContext context, Account account)
    {
        LoginSession session = await database.WriteAsync(scope => Open(scope, context, account.No), context.RequestAborted);
        return await TellAsync(context, account, session);
    }

    /// <summary>The answer to a browser whose session has just been opened, with its cookies.</summary>
    public async Task<SignedInBrowser> TellAsync(HttpContext context, Account account, LoginSession session)
    {
        RefreshToken first = await database.WriteAsync(scope => RefreshTokens.Begin(scope, session.No), context.RequestAborted);
        return await TellAsync(context, new RefreshedSession(account, session, first));
    }

    /// <summary>The answer to a browser whose session goes on.</summary>
    public async Task<SignedInBrowser> TellAsync(HttpContext context, RefreshedSession refreshed)
    {
        (Account account, LoginSession session, RefreshToken next) = refreshed;
        cookies.SetAccess(context.Response, tokens.Mint(account, session), AccessTokens.Life);
        cookies.SetRefresh(context.Response, next.Reveal(), LoginSession.LifeOfBrowser);
        return new SignedInBrowser(account.Summary, await cookies.CsrfOfAsync(session, context.RequestAborted), session.FreshUntil);
    }

    /// <summary>What the list of sessions shows: the browser as it calls itself.</summary>
    private static string NameOf(HttpContext context)
    {
        string agent = context.Request.Headers.UserAgent.ToString();
        string plain = new([.. agent.Where(static letter => letter is >= ' ' and <= '~').Take(NameCharsMax)]);
        return plain.Length == 0 ? "a browser" : plain;
    }
}
