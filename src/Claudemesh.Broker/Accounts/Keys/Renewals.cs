using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Accounts.Devices;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Storage;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Accounts.Keys;

/// <summary>
/// Gives an account its next secret (keys.md 7). All of it is one write: the new key, its copies, the removed devices with their sessions and refresh
/// tokens, and the end of every way of recovery so far. The first wins; whoever has signed on the old key meanwhile is told.
/// </summary>
internal sealed partial class Renewals(Database database, LoginSessions sessions, AccountNews news, TimeProvider clock, ILogger<Renewals> logger)
{
    public async Task<MeshError?> RenewAsync(Account account, RenewalRequest given, CancellationToken cancellationToken)
    {
        if (Read(account, given, out AccountRenewalText text) is { } refusal)
            return refusal;

        (List<long> ended, MeshError? late) = await database.WriteAsync(scope => Renew(scope, account.No, given, text), cancellationToken);
        if (late is not null)
            return late;

        sessions.Ended(ended);
        LogRenewed(account.Id, text.Generation, text.RemovedDevices.Count, ended.Count);
        await news.TellAsync(account.No, AccountChange.Renewed, cancellationToken);
        return null;
    }

    private MeshError? Read(Account account, RenewalRequest given, out AccountRenewalText text)
    {
        if (!AccountRenewalText.TryParse(given.Text, out text))
            return AccountKeys.Refused("it is not of the documented form");
        if (!text.UserId.Equals(account.Id.Value, StringComparison.Ordinal))
            return AccountKeys.Refused("it names another account");
        if (!SignedTimes.IsNear(text.At, clock.GetUtcNow()))
            return MeshError.ClockSkew;
        if (!text.RemovedDevices.SequenceEqual(given.RemovedDevices.Order()))
            return AccountKeys.Refused("it removes other devices than removedDevices says");
        if (text.OldAccount == text.NewAccount)
            return AccountKeys.Refused("the new account key is the old one");
        if (!Ed25519.Verify(text.OldAccount, given.Text, given.OldSig))
            return AccountKeys.Refused("the old account key has not signed it");

        return Ed25519.Verify(text.NewAccount, given.Text, given.NewSig) ? null : AccountKeys.Refused("the new account key has not signed it");
    }

    private static (List<long> Ended, MeshError? Refusal) Renew(WriteScope scope, AccountNo account, RenewalRequest given, AccountRenewalText text)
    {
        AccountKeyRecord? present = AccountKeyStore.FindNewest(scope.Sql, account);
        if (present is null)
            return ([], MeshError.NoAccountKey);
        if (text.Generation != present.Generation + 1 || text.OldAccount != present.AccountPub)
            return ([], MeshError.AccountKeyMoved);
        if (text.Generation > AccountKeyStore.GenerationsMax)
            return ([], MeshError.TooManyRenewals);

        ILookup<bool, DeviceRow> devices = DeviceStore.List(scope.Sql, account, scope.Now).ToLookup(device => text.RemovedDevices.Contains(device.Key));
        DeviceRow[] staying = [.. devices[false]];
        if (devices[true].Count() != text.RemovedDevices.Count || !SealsTo(given, staying))
            return ([], MeshError.DevicesChanged);
        if (Array.Find(staying, device => Ed25519.Verify(device.Key, given.Text, given.DeviceSig)) is not { } signer)
            return ([], AccountKeys.Refused("no device that stays has signed it"));

        AccountKeyStore.Add(
            scope, account,
            new AccountKeyRecord(text.Generation, text.NewAccount, given.Text, given.NewSig, given.DeviceSig, signer.Key, scope.Now.ToTime(), given.OldSig));
        foreach (DeviceRow device in staying)
            RenewalStore.Add(scope, account, text.Generation, device, given.Copies.Single(copy => copy.DevicePub == device.Key).Sealed);

        RecoveryStore.Clear(scope, account);
        List<long> ended = [];
        foreach (DeviceRow device in devices[true])
        {
            DeviceStore.Remove(scope, account, device);
            ended.AddRange(DeviceSessions.End(scope, account, device.Key));
        }

        return (ended, null);
    }

    /// <summary>Exactly one copy for each device that stays.</summary>
    private static bool SealsTo(RenewalRequest given, DeviceRow[] staying) =>
        staying.Length > 0 && given.Copies.Select(copy => copy.DevicePub).Order().SequenceEqual(staying.Select(device => device.Key).Order());

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Account {Account} was renewed to generation {Generation}: {Devices} devices removed, {Sessions} sessions ended")]
    private partial void LogRenewed(UserId account, long generation, int devices, int sessions);
}
