using Claudemesh.Client;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Account;

/// <summary>Logs in with a personal access token, as CI does. It carries no keys: nothing is opened with it, and nothing that is encrypted is written.</summary>
internal sealed class TokenSignIn(AccountHome home, AccountHttp http, AccountStart start)
{
    private const string Prefix = "cmp_";

    public async Task<LocalReply<LoggedIn>> LogInAsync(TokenLogin request, CancellationToken cancellationToken)
    {
        string token = request.Token.Trim();
        if (!token.StartsWith(Prefix, StringComparison.Ordinal) || token.Any(char.IsWhiteSpace))
            return AccountProblems.Invalid($"A personal access token begins with {Prefix}; the account's page makes one.");

        LocalReply<AccountServer> found = await start.FindServerAsync(request.Broker, cancellationToken);
        if (found.Value is not { } server)
            return found.Problem!;
        if (home.Find(server.Address) is { Stored.IsLoggedOut: false } there)
            return AccountProblems.LoggedInAlready(there.Stored);

        LocalReply<AccountPage> asked = await http.SendAsync(
            BrokerAddress.Parse(server.Address),
            HttpMethod.Get,
            "api/my/account",
            null,
            (sent, response) =>
            {
                if (response is null)
                    sent.Headers.Authorization = new("Bearer", token);
            },
            WireJson.Default.AccountPage,
            cancellationToken);
        if (asked.Value is not { Account: { } account })
            return asked.Problem ?? BrokerProblems.Refused("", "it did not say whose token that is.");
        if (home.Find(server.Address)?.Stored is { } pinned && pinned.UserId != account.UserId)
            return AccountProblems.AnotherAccount(pinned, $"{account.Username} ({account.UserId})");

        // A machine that was a device of the account stays pinned to its key.
        StoredLogin stored = (home.Find(server.Address)?.Stored ?? new StoredLogin(server.Address, server.Issuer, AccountKinds.Token, account.UserId, account.Username, account.DisplayName)) with
        {
            Kind = AccountKinds.Token,
            IsLoggedOut = false,
        };
        Login login = await home.KeepAsync(stored, new StoredSecrets { Token = token }, CancellationToken.None);
        return await start.FinishAsync(login, cancellationToken);
    }
}
