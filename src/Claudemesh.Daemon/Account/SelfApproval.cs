using Claudemesh.Crypto;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Account;

/// <summary>
/// Makes this machine a device of an account without another device: it makes the account's first secret, has the secret already, or opens it with the recovery
/// key. Then it approves itself, in the same way and through the same checks as any other.
/// </summary>
internal sealed class SelfApproval(AccountHome home, AccountHttp http, AccountStart start, TimeProvider clock)
{
    public async Task<LocalReply<LoggedIn>> BeginAsync(
        AccountServer server, BrowserSession browser, AccountSummary account, string deviceName, string? recoveryKey, CancellationToken cancellationToken)
    {
        if (!WireId.IsValid(account.UserId))
            return AccountProblems.NotApproved("the broker's name for the account has another form than any of ours");

        LocalReply<WireKey> asked = await browser.GetAsync("api/my/key", WireJson.Default.WireKey, cancellationToken);
        if (asked.Problem is { Error: not "no_account_key" } problem)
            return problem;

        LocalReply<OwnDevice> ready = asked.Value is { } key
            ? await OpenAsync(server, browser, account, key, deviceName, recoveryKey, cancellationToken)
            : await MakeAsync(server, browser, account, deviceName, cancellationToken);
        if (ready.Value is not { } own)
            return ready.Problem!;

        using (own)
            return await ApproveAsync(server, browser, account, own, deviceName, cancellationToken);
    }

    /// <summary>
    /// The account's first secret: on this disk before the broker hears of its key, and counted only if the broker had none. Who comes second forgets his.
    /// </summary>
    private async Task<LocalReply<OwnDevice>> MakeAsync(
        AccountServer server, BrowserSession browser, AccountSummary account, string deviceName, CancellationToken cancellationToken)
    {
        // What an earlier attempt made and could not tell is told now: the broker may have it although it does not say so yet.
        OwnDevice own = FindKept(server) ?? new OwnDevice(AccountSecret.Generate(), SigningKey.Generate(), Generation: 1);
        using SigningKey accountKey = own.Secret.DeriveAccountKey(account.UserId);
        await KeepAsync(server, account, own, accountKey.Public, deviceName);
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        byte[] text = SignedBytes.Of(new AccountText(account.UserId, own.Generation, accountKey.Public, own.Device.Public, now));
        LocalReply<Nothing> made = await browser.PostAsync(
            "api/my/key",
            new FirstKey(text, accountKey.Sign(text), own.Device.Sign(text), deviceName),
            WireJson.Default.FirstKey,
            WireJson.Default.Nothing,
            cancellationToken);
        if (made.Succeeded)
            return own;

        if (made.Problem.Error is "account_key_exists" && home.Find(server.Address) is { } kept)
        {
            await home.ForgetAsync(kept, entirely: true, CancellationToken.None);
            own.Dispose();
            return AccountProblems.ApprovalNeeded(server.Address);
        }

        own.Dispose();
        return made.Problem;
    }

    private async Task<LocalReply<OwnDevice>> OpenAsync(
        AccountServer server, BrowserSession browser, AccountSummary account, WireKey key, string deviceName, string? recoveryKey, CancellationToken cancellationToken)
    {
        if (!PublicKey.TryParse(key.AccountPub, out PublicKey accountPub) || key.Generation < 1)
            return AccountProblems.NotApproved("the broker shows a key of the account that is none");

        if (FindKept(server) is { } kept)
        {
            using SigningKey known = kept.Secret.DeriveAccountKey(account.UserId);
            if (known.Public == accountPub)
                return await EnterAsync(browser, account, kept with { Generation = key.Generation }, deviceName, cancellationToken);

            kept.Dispose();
        }

        if (recoveryKey is null)
            return AccountProblems.ApprovalNeeded(server.Address);
        if (home.Find(server.Address)?.Stored is { Key: { } pinned } before && pinned != key.AccountPub && key.Generation <= before.Generation)
            return AccountProblems.AnotherAccount(before, $"another key of that account ({accountPub})");

        LocalReply<AccountSecret> opened = await RecoverAsync(browser, account, key, accountPub, recoveryKey, cancellationToken);
        if (opened.Value is not { } secret)
            return opened.Problem!;

        var own = new OwnDevice(secret, SigningKey.Generate(), key.Generation);
        await KeepAsync(server, account, own, accountPub, deviceName);
        return await EnterAsync(browser, account, own, deviceName, cancellationToken);
    }

    private static async Task<LocalReply<AccountSecret>> RecoverAsync(
        BrowserSession browser, AccountSummary account, WireKey key, PublicKey accountPub, string typed, CancellationToken cancellationToken)
    {
        if (!RecoveryKey.TryParse(typed, out RecoveryKey? recovery))
            return AccountProblems.Invalid("A recovery key has nine groups of four characters; a part of this one is mistyped.");

        using (recovery)
        {
            LocalReply<WireRecovery> asked = await browser.GetAsync("api/my/recovery", WireJson.Default.WireRecovery, cancellationToken);
            if (asked.Value is not { } ways)
                return asked.Problem!;

            foreach (WireBlob way in ways.Blobs.Where(one => one is { Kind: "key", Blob: not null }))
            {
                if (RecoveryBlob.TryOpenWithKey(recovery!, way.Blob, account.UserId, key.Generation, accountPub, out AccountSecret? secret))
                    return secret!;
            }

            return AccountProblems.WrongRecoveryKey();
        }
    }

    /// <summary>Has the broker list this machine as a device, by its own signature and that of the account's key.</summary>
    private async Task<LocalReply<OwnDevice>> EnterAsync(
        BrowserSession browser, AccountSummary account, OwnDevice own, string deviceName, CancellationToken cancellationToken)
    {
        byte[] text = SignedBytes.Of(own.Approve(account.UserId, userCode: "", deviceName, clock.GetUtcNow().ToUnixTimeMilliseconds()));
        using SigningKey accountKey = own.Secret.DeriveAccountKey(account.UserId);
        LocalReply<Nothing> added = await browser.PostAsync(
            "api/my/devices", new AddDevice(text, accountKey.Sign(text), own.Device.Sign(text)), WireJson.Default.AddDevice, WireJson.Default.Nothing, cancellationToken);
        if (added.Succeeded)
            return own;

        // One that was removed does not come back by itself: it is another device from here on.
        if (added.Problem.Error is not "device_removed" || own.IsNew)
        {
            own.Dispose();
            return added.Problem;
        }

        var another = new OwnDevice(new AccountSecret(own.Secret.Expose()), SigningKey.Generate(), own.Generation, IsNew: true);
        own.Dispose();
        return await EnterAsync(browser, account, another, deviceName, cancellationToken);
    }

    private async Task<LocalReply<LoggedIn>> ApproveAsync(
        AccountServer server, BrowserSession browser, AccountSummary account, OwnDevice own, string deviceName, CancellationToken cancellationToken)
    {
        using PairingSecret pairing = PairingSecret.Generate();
        LocalReply<DeviceGrant> begun = await DeviceGrant.StartAsync(http, server, own.Device, deviceName, loopbackPort: null, clock, cancellationToken);
        if (begun.Value is not { } grant)
            return begun.Problem!;

        DeviceApprovalText text = own.Approve(account.UserId, grant.UserCode, deviceName, clock.GetUtcNow().ToUnixTimeMilliseconds());
        if (!DeviceApproval.TryApprove(own.Secret, own.Device, pairing, text, out DeviceApproval? approval))
            throw new InvalidOperationException("A key that was made here takes no box.");

        LocalReply<ApprovedRequest> approved = await browser.PostAsync(
            $"api/my/device-requests/{grant.UserCode}/approve",
            new ApproveRequest(SignedBytes.Of(text), approval!.Box, approval.AccountSignature, approval.DeviceSignature, deviceName),
            WireJson.Default.ApproveRequest,
            WireJson.Default.ApprovedRequest,
            cancellationToken);
        if (!approved.Succeeded)
            return approved.Problem;

        LocalReply<TokenAnswer> granted = await grant.AskAsync(loopbackCode: null, cancellationToken);
        if (granted.Value is not { } tokens)
            return granted.Problem!;
        LocalReply<Approved> opened = Approvals.Open(tokens, grant, own.Device, pairing);
        if (opened.Value is not { } mine)
            return opened.Problem!;

        using (mine.Secret)
            return await start.BeginAsync(server, mine.Text, Secrets(server, own, tokens.RefreshToken!), tokens, cancellationToken);
    }

    /// <summary>What this machine has of an account on that broker without a session; null when it has nothing.</summary>
    private OwnDevice? FindKept(AccountServer server) =>
        home.Find(server.Address) is { IsToken: false, Keys: { Account: { } secret, Device: { } device }, Stored: var stored }
            ? new OwnDevice(new AccountSecret(secret.Expose()), SigningKey.FromSeed(device.ExposeSeed()), stored.Generation)
            : null;

    private async Task KeepAsync(AccountServer server, AccountSummary account, OwnDevice own, PublicKey accountKey, string deviceName) => await home.KeepAsync(
        new StoredLogin(server.Address, server.Issuer, AccountKinds.Device, account.UserId, account.Username, account.DisplayName)
        {
            DeviceName = deviceName,
            Device = own.Device.Public.ToString(),
            Key = accountKey.ToString(),
            Generation = own.Generation,
        },
        Secrets(server, own, token: ""),
        CancellationToken.None);

    private StoredSecrets Secrets(AccountServer server, OwnDevice own, string token) => new()
    {
        Account = own.Secret.Expose().ToArray(),
        Device = own.Device.ExposeSeed().ToArray(),
        Token = token,
        Earlier = home.Find(server.Address)?.Keys?.Secrets.Earlier ?? [],
    };

    private sealed record OwnDevice(AccountSecret Secret, SigningKey Device, long Generation, bool IsNew = false) : IDisposable
    {
        public DeviceApprovalText Approve(string userId, string userCode, string deviceName, long at)
        {
            using SigningKey account = Secret.DeriveAccountKey(userId);
            return new DeviceApprovalText(userId, userCode, Device.Public, deviceName, account.Public, Generation, Device.Public, at);
        }

        public void Dispose()
        {
            Secret.Dispose();
            Device.Dispose();
        }
    }
}
