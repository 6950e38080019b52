using Claudemesh.Broker.Accounts.Mail;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Broker.Accounts.SignIn;

/// <summary>What every way in ends with: the session, its cookies, the browser's mark, and the word to the account's address when it is a new browser.</summary>
internal sealed class BrowserArrival(BrowserSignIn signIn, BrowserMarks marks, AccountMail mail, Database database)
{
    /// <param name="store">What the proof changed: a counter, a code that is used. False: it was no proof after all, and nobody is signed in.</param>
    /// <returns>Null where <paramref name="store"/> said so.</returns>
    public async Task<SignedInBrowser?> AdmitAsync(HttpContext context, Account account, Func<WriteScope, bool>? store = null)
    {
        LoginSession? session = await database.WriteAsync(
            scope => store?.Invoke(scope) == false ? null : BrowserSignIn.Open(scope, context, account.No), context.RequestAborted);
        return session is null ? null : await GreetAsync(context, account, session, isNew: false);
    }

    /// <param name="isNew">The account was made just now: its owner need not be told that he is here.</param>
    public async Task<SignedInBrowser> GreetAsync(HttpContext context, Account account, LoginSession session, bool isNew)
    {
        bool unknown = await marks.RememberAsync(context, account);
        if (unknown && !isNew)
            mail.TellOfSignIn(account, session);

        return await signIn.TellAsync(context, account, session);
    }
}
