using Claudemesh.Crypto;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Account;

/// <summary>The printed key that opens the account when every device is gone. The broker keeps a blob that it cannot open.</summary>
internal sealed class Recovery(AccountHome home, AccountCalls calls, Freshness freshness)
{
    /// <summary>Makes a key that nothing depends on yet: it counts once its person has it.</summary>
    public LocalReply<MadeRecovery> Make(MakeRecovery request)
    {
        LocalReply<Login> one = home.RequireDevice(request.Broker);
        if (one.Value is not { } login)
            return one.Problem!;

        using RecoveryKey key = RecoveryKey.Generate();
        return new MadeRecovery(login.Stored.Broker, key.ToPrintedText());
    }

    public async Task<LocalReply<KeptRecovery>> KeepAsync(KeepRecovery request, CancellationToken cancellationToken)
    {
        LocalReply<Login> one = home.RequireDevice(request.Broker);
        if (one.Value is not { } login)
            return one.Problem!;
        if (!RecoveryKey.TryParse(request.Key, out RecoveryKey? key))
            return AccountProblems.Invalid("A recovery key has nine groups of four characters; a part of this one is mistyped.");

        using (key)
        {
            if (await freshness.ProveAsync(login, request.Password, request.Code, cancellationToken) is { } stale)
                return stale;

            LocalReply<WireRecovery> before = await calls.GetAsync(login, "api/my/recovery", WireJson.Default.WireRecovery, cancellationToken);
            LocalProblem? refused = before.Problem ?? await PutAsync(login, key!, cancellationToken);
            return refused is null ? new KeptRecovery(login.Stored.Broker, before.Value!.Blobs.Any(way => way.Kind is "key")) : refused;
        }
    }

    /// <returns>Why the broker does not keep it; null when it does.</returns>
    public async Task<LocalProblem?> PutAsync(Login login, RecoveryKey key, CancellationToken cancellationToken)
    {
        byte[] blob = RecoveryBlob.SealWithKey(key, login.Keys!.Account!, login.Stored.UserId, login.Stored.Generation);
        LocalReply<Nothing> kept = await calls.SendAsync(
            login, HttpMethod.Put, "api/my/recovery/key", new KeepBlob(blob, login.Stored.Generation), WireJson.Default.KeepBlob, WireJson.Default.Nothing, cancellationToken);
        if (kept.Succeeded)
            await home.ChangeAsync(login, stored => stored with { HasRecovery = true }, CancellationToken.None);
        return kept.Problem;
    }
}
