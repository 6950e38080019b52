using Claudemesh.Crypto;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Account;

/// <summary>
/// Makes this machine a device of an account by another device's approval (keys.md 7). Whoever stops the request stops the login; until every check has held
/// nothing of it is on the disk.
/// </summary>
internal sealed class DeviceLogin(AccountHome home, AccountHttp http, AccountStart start, RenewalChain chain, TimeProvider clock)
{
    /// <param name="tell">Called with what its person is to see, before anything is waited for.</param>
    public async Task<LocalReply<LoggedIn>> RunAsync(StartLogin request, Func<LoginStep, Task> tell, CancellationToken cancellationToken)
    {
        LocalReply<AccountServer> found = await start.FindServerAsync(request.Broker, cancellationToken);
        if (found.Value is not { } server)
            return found.Problem!;

        using IDisposable? turn = start.TryTakeTurn(server.Address);
        if (turn is null)
            return AccountProblems.LoginUnderWay(server.Address);
        if (home.Find(server.Address) is { State: AccountStates.SignedIn } there)
            return AccountProblems.LoggedInAlready(there.Stored);

        string name = AccountStart.NameOf(request.DeviceName);
        await using LoopbackDoor? door = request.Remote ? null : LoopbackDoor.TryOpen(clock);
        using SigningKey device = SigningKey.Generate();
        using PairingSecret pairing = PairingSecret.Generate();
        LocalReply<DeviceGrant> begun = await DeviceGrant.StartAsync(http, server, device, name, door?.Port, clock, cancellationToken);
        if (begun.Value is not { } grant)
            return begun.Problem!;

        string link = $"{grant.CompletePage.GetLeftPart(UriPartial.Query)}#{pairing.ToFragment(device.Public)}";
        await tell(new LoginStep(LoginSteps.Prompt, new LoginPrompt(
            link, grant.Page.ToString(), grant.UserCode, pairing.ToTypedText(), grant.ExpiresAt, door is not null)));

        LocalReply<TokenAnswer> granted = await grant.WaitAsync(door is null ? null : door.NextCodeAsync, cancellationToken);
        return granted.Value is { } tokens ? await AcceptAsync(server, grant, tokens, device, pairing, cancellationToken) : granted.Problem!;
    }

    private async Task<LocalReply<LoggedIn>> AcceptAsync(
        AccountServer server, DeviceGrant grant, TokenAnswer tokens, SigningKey device, PairingSecret pairing, CancellationToken cancellationToken)
    {
        LocalReply<Approved> opened = Approvals.Open(tokens, grant, device, pairing);
        if (opened.Value is not var (text, secret))
            return opened.Problem!;

        using (secret)
        {
            if (await CheckPinAsync(server, text, tokens, cancellationToken) is { } another)
                return another;

            var secrets = new StoredSecrets
            {
                Account = secret.Expose().ToArray(),
                Device = device.ExposeSeed().ToArray(),
                Token = tokens.RefreshToken!,
                Earlier = home.Find(server.Address)?.Keys?.Secrets.Earlier ?? [],
            };
            return await start.BeginAsync(server, text, secrets, tokens, cancellationToken);
        }
    }

    /// <summary>A machine that was of an account stays of it; a newer secret of that account must be signed by the older one, link by link.</summary>
    private async Task<LocalProblem?> CheckPinAsync(AccountServer server, DeviceApprovalText text, TokenAnswer tokens, CancellationToken cancellationToken)
    {
        if (home.Find(server.Address)?.Stored is not { Kind: AccountKinds.Device, Key: { } pinned } before)
            return null;
        if (before.UserId != text.UserId)
            return AccountProblems.AnotherAccount(before, text.UserId);
        if (pinned == text.Account.ToString())
            return null;

        return text.Generation > before.Generation
            ? await chain.CheckAsync(server.Broker, tokens.AccessToken!, before, text.Account, text.Generation, cancellationToken)
            : AccountProblems.AnotherAccount(before, $"another key of that account for the same generation ({text.Account})");
    }
}
