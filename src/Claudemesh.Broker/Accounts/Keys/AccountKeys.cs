using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Accounts.Devices;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Storage;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Accounts.Keys;

/// <summary>Stores an account's first key. Two devices may make a secret at once: the first to post wins, the other forgets its own.</summary>
internal sealed partial class AccountKeys(Database database, AccountNews news, TimeProvider clock, ILogger<AccountKeys> logger)
{
    public async Task<MeshError?> CreateAsync(Account account, LoginSession session, AccountKeyCreate given, CancellationToken cancellationToken)
    {
        if (Read(account, given, out AccountText text) is { } refusal)
            return refusal;

        MeshError? late = await database.WriteAsync(scope => Create(scope, account.No, session, given, text), cancellationToken);
        if (late is not null)
            return late;

        LogCreated(account.Id, text.Device);
        await news.TellAsync(account.No, AccountChange.DeviceAdded, cancellationToken);
        return null;
    }

    public static MeshError Refused(string why) => MeshError.AccountTextRefused.With(
        $"The signed text is invalid: {why}. Read the account's key and sign again.");

    private MeshError? Read(Account account, AccountKeyCreate given, out AccountText text)
    {
        if (!AccountText.TryParse(given.Text, out text))
            return Refused("it is not of the documented form");
        if (!text.UserId.Equals(account.Id.Value, StringComparison.Ordinal))
            return Refused("it names another account");
        if (text.Generation != 1)
            return Refused("the first key is of generation 1");
        if (!SignedTimes.IsNear(text.At, clock.GetUtcNow()))
            return MeshError.ClockSkew;
        if (!Ed25519.Verify(text.Account, given.Text, given.AccountSig))
            return Refused("the account key has not signed it");

        return Ed25519.Verify(text.Device, given.Text, given.DeviceSig) ? null : Refused("the device has not signed it");
    }

    private static MeshError? Create(WriteScope scope, AccountNo account, LoginSession session, AccountKeyCreate given, AccountText text)
    {
        if (AccountKeyStore.FindNewest(scope.Sql, account) is not null)
            return MeshError.AccountKeyExists;
        if (!DeviceSessions.TryBind(scope, session, text.Device))
            return Refused("this session is another device's");

        AccountKeyRecord key = new(text.Generation, text.Account, given.Text, given.AccountSig, given.DeviceSig, text.Device, scope.Now.ToTime());
        AccountKeyStore.Add(scope, account, key);
        DeviceKind kind = session.Kind is LoginKind.Browser ? DeviceKind.Browser : DeviceKind.Device;
        SignedText record = new(given.Text, given.AccountSig, given.DeviceSig);
        DeviceStore.Add(scope, new NewDevice(account, text.Device, given.DeviceName.Value, kind, ApprovedBy: null, record));
        return null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Account {Account} has its first key, from device {Device}")]
    private partial void LogCreated(UserId account, PublicKey device);
}
