using Claudemesh.Crypto;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Account;

/// <summary>
/// A new secret for an account after a device was lost (keys.md 7): made here and sealed to the devices that stay, or made by another device and taken over once
/// this one's person has said yes. Either way the workspaces follow, each with a new member key.
/// </summary>
internal sealed partial class Renewal(
    AccountHome home, AccountCalls calls, Recovery recovery, AccountVault vault, WorkspaceRenewals members, TimeProvider clock, ILogger<Renewal> logger)
{
    /// <summary>Makes the next secret without <paramref name="lost"/>, and without every device that no key of the account has signed in.</summary>
    public async Task<LocalReply<RemovedDevice>> RenewAsync(Login login, WireDevice lost, AllDevices known, CancellationToken cancellationToken)
    {
        string userId = login.Stored.UserId;
        LoginKeys keys = login.Keys!;
        WireDevice[] gone = [.. known.All.Where(device => device.DevicePub == lost.DevicePub || !known.History.Proves(device, userId))];
        WireDevice[] staying = [.. known.All.Except(gone)];
        if (staying.All(device => device.DevicePub != login.Stored.Device))
            return AccountProblems.NotApproved("the broker does not list this machine as a device of the account");

        using AccountSecret next = AccountSecret.Generate();
        using SigningKey oldKey = keys.Account!.DeriveAccountKey(userId);
        using SigningKey newKey = next.DeriveAccountKey(userId);
        PublicKey[] removed = [.. gone.Select(device => PublicKey.Parse(device.DevicePub))];
        byte[] text = SignedBytes.Of(new AccountRenewalText(
            userId, login.Stored.Generation + 1, oldKey.Public, newKey.Public, removed, clock.GetUtcNow().ToUnixTimeMilliseconds()));
        var copies = new List<SealedSecret>();
        foreach (WireDevice device in staying)
        {
            if (!SealedBox.TrySeal(PublicKey.Parse(device.DevicePub), next.Expose(), out byte[]? box))
                return AccountProblems.NotApproved($"the key of the device {device.Name} is none that anything can be sealed to");
            copies.Add(new SealedSecret(device.DevicePub, box!));
        }

        LocalReply<Nothing> renewed = await calls.SendAsync(
            login,
            HttpMethod.Post,
            "api/my/renewal",
            new NewRenewal(text, oldKey.Sign(text), newKey.Sign(text), keys.Device!.Sign(text), [.. removed.Select(key => key.ToString())], copies),
            WireJson.Default.NewRenewal,
            WireJson.Default.Nothing,
            cancellationToken);
        if (!renewed.Succeeded)
            return renewed.Problem;

        // The broker has it. Should this end here, this device finds its own copy there and goes on from it.
        await TakeAsync(login, next, [], login.Stored.Generation + 1);
        LogRenewed(login.Stored.Broker, login.Stored.Generation, gone.Length);
        using RecoveryKey printed = RecoveryKey.Generate();
        LocalProblem? notKept = await recovery.PutAsync(login, printed, CancellationToken.None);
        await vault.SyncAsync(login, [], CancellationToken.None);
        Followed followed = await members.FollowAsync(login, CancellationToken.None);
        return new RemovedDevice(
            login.Stored.Broker, lost.Name, lost.DevicePub, login.Stored.Generation, notKept is null ? printed.ToPrintedText() : null, followed.Renewed, followed.Waiting);
    }

    /// <summary>What another device has made and this one's person is to be asked about.</summary>
    public async Task<LocalReply<RenewalOffer>> FindAsync(string? broker, CancellationToken cancellationToken)
    {
        LocalReply<Login> one = home.RequireDevice(broker);
        if (one.Value is not { } login)
            return one.Problem!;

        LocalReply<Chain> read = await ReadAsync(login, cancellationToken);
        if (read.Value is not { } chain)
            return read.Problem!;

        using (chain)
        {
            return new RenewalOffer(
                login.Stored.Broker,
                chain.Generation,
                chain.By,
                [.. chain.Removed.Select(key => key.ToString())],
                DateTimeOffset.FromUnixTimeMilliseconds(chain.At));
        }
    }

    /// <summary>Takes it over: its person has said yes.</summary>
    public async Task<LocalReply<AcceptedRenewal>> AcceptAsync(AcceptRenewal request, CancellationToken cancellationToken)
    {
        LocalReply<Login> one = home.RequireDevice(request.Broker);
        if (one.Value is not { } login)
            return one.Problem!;

        LocalReply<Chain> read = await ReadAsync(login, cancellationToken);
        if (read.Value is not { } chain)
            return read.Problem!;

        using (chain)
        {
            await TakeAsync(login, chain.Secrets[^1], chain.Secrets.Take(chain.Secrets.Count - 1), chain.Generation);
            LogAccepted(login.Stored.Broker, chain.Generation);
            await vault.SyncAsync(login, [], CancellationToken.None);
            Followed followed = await members.FollowAsync(login, CancellationToken.None);
            return new AcceptedRenewal(login.Stored.Broker, chain.Generation, followed.Waiting);
        }
    }

    /// <summary>Takes note that there is one, or finishes the one that this device has begun itself.</summary>
    public async Task NoticeAsync(Login login, CancellationToken cancellationToken)
    {
        LocalReply<Chain> read = await ReadAsync(login, cancellationToken);
        using Chain? chain = read.Value;
        if (chain is not null && chain.By == login.Stored.Device)
            await AcceptAsync(new AcceptRenewal(login.Stored.Broker), cancellationToken);
        else if (chain is not null || read.Problem!.Error is LocalErrors.NoRenewal)
            await home.ChangeAsync(login, stored => stored with { Renewal = chain?.Generation }, cancellationToken);
    }

    /// <summary>The new secret counts from here on, and what the old ones opened stays open.</summary>
    private async Task TakeAsync(Login login, AccountSecret next, IEnumerable<AccountSecret> between, long generation)
    {
        StoredSecrets before = login.Keys!.Secrets;
        using SigningKey key = next.DeriveAccountKey(login.Stored.UserId);
        var secrets = new StoredSecrets
        {
            Account = next.Expose().ToArray(),
            Device = before.Device,
            Token = before.Token,
            Earlier = [.. between.Reverse().Select(one => one.Expose().ToArray()), before.Account!, .. before.Earlier],
        };
        await home.KeepAsync(
            login.Stored with { Key = key.Public.ToString(), Generation = generation, Renewal = null, HasRecovery = null }, secrets, CancellationToken.None);
    }

    /// <summary>Every renewal after this device's secret: each signed by the key before it, its own, and a device of the account that was not shut out before.</summary>
    private async Task<LocalReply<Chain>> ReadAsync(Login login, CancellationToken cancellationToken)
    {
        LocalReply<WireKey> asked = await calls.GetAsync(login, "api/my/key", WireJson.Default.WireKey, cancellationToken);
        if (asked.Value is not { } shown)
            return asked.Problem!;
        if (shown.Generation <= login.Stored.Generation || !PublicKey.TryParse(login.Stored.Key, out PublicKey key))
            return AccountProblems.NoRenewal();

        var chain = new Chain();
        WireKeyRecord[] records = [.. (shown.History ?? []).Append(shown.Record).OfType<WireKeyRecord>()];
        for (long generation = login.Stored.Generation + 1; generation <= shown.Generation; generation++)
        {
            LocalReply<WireRenewal> one = await calls.GetAsync(login, $"api/my/renewal/{generation}", WireJson.Default.WireRenewal, cancellationToken);
            LocalProblem? problem = one.Problem ?? Check(login, one.Value!, records.FirstOrDefault(record => record.Generation == generation), generation, ref key, chain);
            if (problem is not null)
            {
                chain.Dispose();
                return problem;
            }
        }

        return chain;
    }

    private static LocalProblem? Check(Login login, WireRenewal renewal, WireKeyRecord? record, long generation, ref PublicKey key, Chain chain)
    {
        if (!RenewalChain.TryRead(renewal, login.Stored.UserId, generation, key, out AccountRenewalText text))
            return AccountProblems.AnotherAccount(login.Stored, "a renewal that the account's key has not signed");
        if (record is null
            || !PublicKey.TryParse(record.DevicePub, out PublicKey by)
            || text.RemovedDevices.Contains(by)
            || chain.Removed.Contains(by)
            || !Ed25519.Verify(by, renewal.Text, renewal.DeviceSig))
            return AccountProblems.NotApproved("the renewal is signed by no device of the account that stays");
        if (renewal.Copy is null || !SealedBox.TryOpen(login.Keys!.Device!, renewal.Copy, out SecretBytes? opened))
            return AccountProblems.NotApproved("the new secret was not sealed to this machine: log in again, and have another device approve it");

        using (opened)
        {
            var secret = new AccountSecret(opened!.Expose());
            chain.Secrets.Add(secret);
            using SigningKey derived = secret.DeriveAccountKey(login.Stored.UserId);
            if (derived.Public != text.NewAccount)
                return AccountProblems.NotApproved("the secret that is sealed to this machine is not the one that was signed");
        }

        key = text.NewAccount;
        (chain.Generation, chain.By, chain.At) = (generation, record.DevicePub, text.At);
        chain.Removed.UnionWith(text.RemovedDevices);
        return null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The secret of the account on {Broker} was renewed, generation {Generation}, without {Removed} devices")]
    private partial void LogRenewed(string broker, long generation, int removed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The renewed secret of the account on {Broker} was taken over, generation {Generation}")]
    private partial void LogAccepted(string broker, long generation);

    /// <summary>The secrets that follow this device's, the oldest first.</summary>
    private sealed class Chain : IDisposable
    {
        public List<AccountSecret> Secrets { get; } = [];

        public HashSet<PublicKey> Removed { get; } = [];

        public long Generation { get; set; }

        public string By { get; set; } = "";

        public long At { get; set; }

        public void Dispose() => Secrets.ForEach(static secret => secret.Dispose());
    }
}

/// <param name="Renewed">Workspaces that have the new key.</param>
/// <param name="Waiting">Those that get it when their broker can be asked.</param>
internal sealed record Followed(IReadOnlyList<string> Renewed, IReadOnlyList<string> Waiting);
