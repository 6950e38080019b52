using Claudemesh.Broker.Accounts.Devices;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Keys;

/// <summary>The copies of an account's later secrets, each sealed to one device.</summary>
internal sealed class RenewalStore(Database database)
{
    public async ValueTask<byte[]?> FindCopyAsync(AccountNo account, long generation, PublicKey device, CancellationToken cancellationToken) =>
        await database.ReadAsync(
            (Sql sql) => sql.Find(
                """
                SELECT c.sealed FROM renewal_copy c JOIN account_device d ON d.no = c.device_no
                WHERE c.account_no = @account AND c.generation = @generation AND d.pubkey = @device AND d.removed_at IS NULL
                """,
                static row => row.GetFieldValue<byte[]>(0),
                ("@account", account.Value), ("@generation", generation), ("@device", device.ToString())),
            cancellationToken);

    /// <summary>Part of a renewal.</summary>
    public static void Add(WriteScope scope, AccountNo account, long generation, DeviceRow device, byte[] sealedSecret) => scope.Sql.Execute(
        "INSERT INTO renewal_copy (account_no, generation, device_no, sealed) VALUES (@account, @generation, @device, @sealed)",
        ("@account", account.Value), ("@generation", generation), ("@device", device.No), ("@sealed", sealedSecret));
}
