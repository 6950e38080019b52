using Claudemesh.Local;

namespace Claudemesh.Daemon.Account;

/// <summary>
/// Takes a device off the account. One that is only signed out keeps the secret that it has; one that was lost or stolen is shut out by a new secret.
/// What would leave nothing that opens the account is not done unless its person has read that it is final.
/// </summary>
internal sealed class Removal(AccountHome home, AccountCalls calls, Devices devices, Freshness freshness, Renewal renewal)
{
    public async Task<LocalReply<RemovedDevice>> RemoveAsync(RemoveDevice request, CancellationToken cancellationToken)
    {
        LocalReply<Login> one = home.RequireDevice(request.Broker);
        if (one.Value is not { } login)
            return one.Problem!;

        LocalReply<AllDevices> all = await devices.ReadAsync(login, cancellationToken);
        if (all.Value is not { } known)
            return all.Problem!;
        LocalReply<WireDevice> chosen = Devices.Choose(known, request.Device);
        if (chosen.Value is not { } device)
            return chosen.Problem!;
        if (device.DevicePub == login.Stored.Device)
            return AccountProblems.Invalid($"That is this machine: `claudemesh logout {login.Stored.Broker}` signs it out, and another of your devices shuts it out with --compromised.");

        if (await freshness.ProveAsync(login, request.Password, request.Code, cancellationToken) is { } stale)
            return stale;
        if (request.Compromised)
            return await renewal.RenewAsync(login, device, known, cancellationToken);

        LocalReply<Nothing> removed = await calls.AskAsync(login, HttpMethod.Delete, $"api/my/devices/{device.DevicePub}", WireJson.Default.Nothing, cancellationToken);
        return removed.Succeeded
            ? new RemovedDevice(login.Stored.Broker, device.Name, device.DevicePub, Generation: null, RecoveryKey: null, [], [])
            : removed.Problem;
    }

    /// <summary>Whether signing this machine out would leave nothing that opens the account.</summary>
    /// <returns>The refusal that says so in words; null when something is left, or it cannot be known now.</returns>
    public async Task<LocalProblem?> FindFinalLossAsync(Login login, CancellationToken cancellationToken)
    {
        LocalReply<WireDevices> asked = await calls.GetAsync(login, "api/my/devices", WireJson.Default.WireDevices, cancellationToken);
        LocalReply<WireRecovery> ways = await calls.GetAsync(login, "api/my/recovery", WireJson.Default.WireRecovery, cancellationToken);
        bool isLast = asked.Value is { } all && ways.Value is { Blobs.Count: 0 } && all.Devices.All(device => device.DevicePub == login.Stored.Device);
        return isLast ? AccountProblems.LastWayIn("This machine") : null;
    }
}
