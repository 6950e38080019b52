using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Accounts.Devices;

/// <summary>The devices of accounts. A removed one keeps its row for a while, so that it does not let itself in again.</summary>
internal sealed class DeviceStore(Database database)
{
    private const int RemovedKeptMax = 100;

    private const string IsLive = "d.removed_at IS NULL AND (d.waits_until IS NULL OR d.waits_until > @now)";

    private const string Columns =
        """
        SELECT d.no, d.pubkey, d.name, d.kind, d.added_at, d.approved_by, d.text, d.account_sig, d.device_sig, d.waits_until,
          (SELECT MAX(s.last_seen_at) FROM login_session s WHERE s.account_no = d.account_no AND s.device = d.pubkey AND s.ended_at IS NULL AND s.expires_at > @now)
        FROM account_device d
        """;

    public ValueTask<List<DeviceRow>> ListAsync(AccountNo account, CancellationToken cancellationToken)
    {
        Instant now = database.Clock.GetInstant();
        return database.ReadAsync((Sql sql) => List(sql, account, now), cancellationToken);
    }

    /// <summary>Those that are not removed, oldest first.</summary>
    public static List<DeviceRow> List(Sql sql, AccountNo account, Instant now) => sql.List(
        $"{Columns} WHERE d.account_no = @account AND {IsLive} ORDER BY d.no", Read, ("@now", now.Micros), ("@account", account.Value));

    public static DeviceRow? Find(Sql sql, AccountNo account, PublicKey key, Instant now) => sql.Find(
        $"{Columns} WHERE d.account_no = @account AND d.pubkey = @key AND {IsLive}",
        Read, ("@now", now.Micros), ("@account", account.Value), ("@key", key.ToString()));

    public static bool WasRemoved(Sql sql, AccountNo account, PublicKey key) => sql.FindNumber(
        "SELECT 1 FROM account_device WHERE account_no = @account AND pubkey = @key AND removed_at IS NOT NULL",
        ("@account", account.Value), ("@key", key.ToString())) is not null;

    /// <summary>Part of another write. One that was removed is let in again by this.</summary>
    /// <returns>Its number; null where the account has as many as it may.</returns>
    public static long? Add(WriteScope scope, NewDevice device)
    {
        Drop(scope, device.Account);
        long others = scope.Sql.FindNumber(
            $"SELECT count(*) FROM account_device d WHERE d.account_no = @account AND d.pubkey <> @key AND {IsLive}",
            ("@account", device.Account.Value), ("@key", device.Key.ToString()), ("@now", scope.Now.Micros))!.Value;
        if (others >= AccountRenewalText.DevicesMax)
            return null;

        return scope.Sql.FindNumber(
            """
            INSERT INTO account_device (account_no, pubkey, name, kind, added_at, approved_by, text, account_sig, device_sig, waits_until, removed_at)
            VALUES (@account, @key, @name, @kind, @now, @by, @text, @sig, @device_sig, @waits, NULL)
            ON CONFLICT (account_no, pubkey) DO UPDATE SET name = @name, kind = @kind, added_at = @now, approved_by = @by, text = @text, account_sig = @sig,
              device_sig = @device_sig, waits_until = @waits, removed_at = NULL
            RETURNING no
            """,
            ("@account", device.Account.Value), ("@key", device.Key.ToString()), ("@name", device.Name), ("@kind", (long)device.Kind), ("@now", scope.Now.Micros),
            ("@by", device.ApprovedBy?.ToString()), ("@text", device.Record.Text), ("@sig", device.Record.AccountSig),
            ("@device_sig", device.Record.DeviceSig), ("@waits", device.WaitsUntil?.Micros));
    }

    /// <summary>Part of the write that gives a device its tokens.</summary>
    public static void Keep(WriteScope scope, long no) =>
        scope.Sql.Execute("UPDATE account_device SET waits_until = NULL WHERE no = @no", ("@no", no));

    /// <summary>Part of another write: the device is none from here on, and what was kept for it is gone.</summary>
    public static void Remove(WriteScope scope, AccountNo account, DeviceRow device)
    {
        scope.Sql.Execute("UPDATE account_device SET removed_at = @now WHERE no = @no", ("@now", scope.Now.Micros), ("@no", device.No));
        scope.Sql.Execute("DELETE FROM renewal_copy WHERE account_no = @account AND device_no = @no", ("@account", account.Value), ("@no", device.No));
        DeviceRequestStore.Withdraw(scope, device.No);
    }

    /// <summary>Forgets what is not live beyond the newest hundred, and what was approved and never came.</summary>
    private static void Drop(WriteScope scope, AccountNo account)
    {
        scope.Sql.Execute(
            "DELETE FROM account_device WHERE account_no = @account AND removed_at IS NULL AND waits_until <= @now",
            ("@account", account.Value), ("@now", scope.Now.Micros));
        scope.Sql.Execute(
            """
            DELETE FROM account_device WHERE no IN (
              SELECT no FROM account_device WHERE account_no = @account AND removed_at IS NOT NULL ORDER BY removed_at DESC, no DESC LIMIT 100 OFFSET @kept)
            """,
            ("@account", account.Value), ("@kept", (long)RemovedKeptMax));
    }

    private static DeviceRow Read(SqlRow row) => new(
        row.GetInt64(0),
        PublicKey.Parse(row.GetString(1)),
        row.GetString(2),
        (DeviceKind)row.GetInt64(3),
        new Instant(row.GetInt64(4)),
        row.TextOrNull(5) is { } approver ? PublicKey.Parse(approver) : null,
        new SignedText(row.GetFieldValue<byte[]>(6), row.GetFieldValue<byte[]>(7), row.GetFieldValue<byte[]>(8)),
        row.Int64OrNull(9) is not null,
        row.Int64OrNull(10) is { } seen ? new Instant(seen) : null);
}
