using Claudemesh.Local;

namespace Claudemesh.Daemon.Account;

/// <summary>
/// Logs in by what a person types in the terminal. A password opens the login and never the keys: it suffices where the account has no key yet, where this
/// machine still has the secret, or together with the recovery key.
/// </summary>
internal sealed class PasswordSignIn(AccountHome home, AccountHttp http, AccountStart start, SelfApproval approval)
{
    public Task<LocalReply<LoggedIn>> LogInAsync(PasswordLogin request, CancellationToken cancellationToken) => RunAsync(
        request.Broker,
        request.DeviceName,
        request.RecoveryKey,
        (browser, token) => browser.SignInAsync(request.Username.Trim(), request.Password, request.Code, token),
        cancellationToken);

    public Task<LocalReply<LoggedIn>> SignUpAsync(SignUp request, CancellationToken cancellationToken) => RunAsync(
        request.Broker,
        request.DeviceName,
        recoveryKey: null,
        (browser, token) => browser.SignUpAsync(
            new NewAccount(request.Username.Trim(), request.DisplayName.Trim(), request.Password, request.Email, request.Setup, request.Invite), token),
        cancellationToken);

    private async Task<LocalReply<LoggedIn>> RunAsync(
        string? broker,
        string? deviceName,
        string? recoveryKey,
        Func<BrowserSession, CancellationToken, Task<LocalReply<AccountSummary>>> signIn,
        CancellationToken cancellationToken)
    {
        LocalReply<AccountServer> found = await start.FindServerAsync(broker, cancellationToken);
        if (found.Value is not { } server)
            return found.Problem!;

        using IDisposable? turn = start.TryTakeTurn(server.Address);
        if (turn is null)
            return AccountProblems.LoginUnderWay(server.Address);
        if (home.Find(server.Address) is { State: AccountStates.SignedIn } there)
            return AccountProblems.LoggedInAlready(there.Stored);

        var browser = new BrowserSession(http, server);
        try
        {
            LocalReply<AccountSummary> signedIn = await signIn(browser, cancellationToken);
            if (signedIn.Value is not { } account)
                return signedIn.Problem!;
            if (home.Find(server.Address)?.Stored is { } pinned && pinned.UserId != account.UserId)
                return AccountProblems.AnotherAccount(pinned, $"{account.Username} ({account.UserId})");

            return await approval.BeginAsync(server, browser, account, AccountStart.NameOf(deviceName), recoveryKey, cancellationToken);
        }
        finally
        {
            await browser.EndAsync();
        }
    }
}
