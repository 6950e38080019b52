using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Devices;

/// <summary>The machines that ask to be let in. One that was decided stays until an hour after its end, so that a replay is told so.</summary>
internal sealed class DeviceRequestStore(Database database)
{
    /// <summary>From one address, waiting at once: a room full of machines that are set up together.</summary>
    public const int WaitingPerAddressMax = 20;

    /// <summary>In all.</summary>
    public const int WaitingMax = 10_000;

    private const int SweepRows = 500;
    private const int CodeTries = 5;

    private static readonly TimeSpan KeptAfterEnd = TimeSpan.FromHours(1);

    private const string Columns =
        """
        SELECT no, user_code, client_id, scope, pubkey, name, platform, address, loopback_port, created_at, expires_at, state, account_no, device_no,
          loopback_hash, box
        FROM device_request
        """;

    /// <returns>The request; null where as many wait as may.</returns>
    public Task<DeviceRequest?> AddAsync(NewDeviceRequest request, OneTimeCode deviceCode, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            Sweep(scope);
            return HasRoom(scope, request.Address) ? Add(scope, request, deviceCode) : null;
        },
        cancellationToken);

    public ValueTask<DeviceRequest?> FindAsync(OneTimeCode deviceCode, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => Find(sql, deviceCode), cancellationToken);

    public ValueTask<DeviceRequest?> FindAsync(UserCode code, CancellationToken cancellationToken) =>
        database.ReadAsync((Sql sql) => Find(sql, code), cancellationToken);

    public static DeviceRequest? Find(Sql sql, UserCode code) => sql.Find($"{Columns} WHERE user_code = @code", Read, ("@code", code.Value));

    public static DeviceRequest? Find(Sql sql, OneTimeCode deviceCode) =>
        sql.Find($"{Columns} WHERE code_hash = @hash", Read, ("@hash", deviceCode.Hash()));

    /// <summary>Part of the write that makes it a device. The one that has decided is the first.</summary>
    public static void Approve(WriteScope scope, DeviceRequest request, AccountNo account, long device, OneTimeCode? loopback, byte[] box) => scope.Sql.Execute(
        "UPDATE device_request SET state = @state, account_no = @account, device_no = @device, loopback_hash = @hash, box = @box WHERE no = @no",
        ("@state", (long)RequestState.Approved), ("@account", account.Value), ("@device", device), ("@hash", loopback?.Hash()), ("@box", box), ("@no", request.No));

    public Task<MeshError?> DenyAsync(UserCode code, AccountNo account, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            if (WhyNotDecided(Find(scope.Sql, code), scope.Now) is { } refusal)
                return refusal;

            scope.Sql.Execute(
                "UPDATE device_request SET state = @state, account_no = @account WHERE user_code = @code",
                ("@state", (long)RequestState.Denied), ("@account", account.Value), ("@code", code.Value));
            return null;
        },
        cancellationToken);

    /// <summary>Part of the write that gives out its tokens: there is one such.</summary>
    public static void Fetch(WriteScope scope, DeviceRequest request) => scope.Sql.Execute(
        "UPDATE device_request SET state = @state, loopback_hash = NULL, box = NULL WHERE no = @no",
        ("@state", (long)RequestState.Fetched), ("@no", request.No));

    /// <summary>Part of the write that removes a device: what it has not fetched it does not get.</summary>
    public static void Withdraw(WriteScope scope, long device) => scope.Sql.Execute(
        "UPDATE device_request SET state = @denied, loopback_hash = NULL, box = NULL WHERE device_no = @device AND state = @approved AND expires_at > @now",
        ("@denied", (long)RequestState.Denied), ("@device", device), ("@approved", (long)RequestState.Approved), ("@now", scope.Now.Micros));

    /// <summary>Why a request can be decided no longer, or null.</summary>
    public static MeshError? WhyNotDecided(DeviceRequest? request, Instant now) => request switch
    {
        null => MeshError.DeviceRequestNotFound,
        { State: not RequestState.Waits } => MeshError.DeviceRequestDecided,
        _ when request.ExpiresAt <= now => MeshError.DeviceRequestExpired,
        _ => null,
    };

    private static bool HasRoom(WriteScope scope, string address)
    {
        long mine = scope.Sql.FindNumber(
            "SELECT count(*) FROM device_request WHERE address = @address AND expires_at > @now AND state = 0",
            ("@address", address), ("@now", scope.Now.Micros))!.Value;
        return mine < WaitingPerAddressMax
            && scope.Sql.FindNumber("SELECT count(*) FROM device_request WHERE expires_at > @now AND state = 0", ("@now", scope.Now.Micros)) < WaitingMax;
    }

    private static DeviceRequest? Add(WriteScope scope, NewDeviceRequest request, OneTimeCode deviceCode)
    {
        for (int tries = 0; tries < CodeTries; tries++)
        {
            UserCode code = UserCode.Generate();
            int added = scope.Sql.Execute(
                """
                INSERT INTO device_request (code_hash, user_code, client_id, scope, pubkey, name, platform, address, loopback_port, created_at, expires_at, state)
                VALUES (@hash, @code, @client, @scope, @key, @name, @platform, @address, @port, @now, @end, 0) ON CONFLICT (user_code) DO NOTHING
                """,
                ("@hash", deviceCode.Hash()), ("@code", code.Value), ("@client", request.ClientId), ("@scope", request.Scope), ("@key", request.Key.ToString()),
                ("@name", request.Name), ("@platform", request.Platform), ("@address", request.Address), ("@port", (long?)request.LoopbackPort),
                ("@now", scope.Now.Micros), ("@end", (scope.Now + DeviceRequest.Life).Micros));
            if (added > 0)
                return Find(scope.Sql, code);
        }

        return null;
    }

    private static void Sweep(WriteScope scope) => scope.Sql.Execute(
        "DELETE FROM device_request WHERE no IN (SELECT no FROM device_request WHERE expires_at <= @before ORDER BY expires_at LIMIT @rows)",
        ("@before", (scope.Now + -KeptAfterEnd).Micros), ("@rows", (long)SweepRows));

    private static DeviceRequest Read(SqlRow row) => new(
        row.GetInt64(0),
        UserCode.TryParse(row.GetString(1), out UserCode code) ? code : throw new InvalidDataException("A stored user code has another form."),
        row.GetString(2),
        row.GetString(3),
        PublicKey.Parse(row.GetString(4)),
        row.GetString(5),
        row.TextOrNull(6),
        row.GetString(7),
        (int?)row.Int64OrNull(8),
        new Instant(row.GetInt64(9)),
        new Instant(row.GetInt64(10)),
        (RequestState)row.GetInt64(11),
        row.Int64OrNull(12) is { } account ? new AccountNo(account) : null,
        row.Int64OrNull(13),
        row.IsDBNull(14) ? null : row.GetFieldValue<byte[]>(14),
        row.IsDBNull(15) ? null : row.GetFieldValue<byte[]>(15));
}
