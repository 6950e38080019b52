using Claudemesh.Broker.Accounts;
using Claudemesh.Broker.Accounts.Devices;
using Claudemesh.Broker.Accounts.Keys;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Tests.Storage;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Tests.Accounts.Devices;

/// <summary>Requests, devices and keys in either database.</summary>
public abstract class DeviceStoreTests : IDisposable
{
    private static readonly AccountNo Ann = new(7);

    private readonly TestDatabase database;
    private readonly DeviceRequestStore requests;
    private readonly DeviceStore devices;

    protected DeviceStoreTests(Backend backend)
    {
        database = new TestDatabase(backend);
        requests = new DeviceRequestStore(database.Opened);
        devices = new DeviceStore(database.Opened);
    }

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task A_request_is_found_by_its_two_codes_with_all_that_was_said_of_it()
    {
        OneTimeCode code = OneTimeCode.Generate();
        NewDeviceRequest wish = Wish() with { LoopbackPort = 4711, Platform = null };
        DeviceRequest made = (await requests.AddAsync(wish, code, CancellationToken.None))!;

        DeviceRequest byDevice = (await requests.FindAsync(code, CancellationToken.None))!;
        DeviceRequest byUser = (await requests.FindAsync(made.UserCode, CancellationToken.None))!;

        Assert.Equal(byDevice, byUser);
        Assert.Equal((wish.Key, wish.Name, null, 4711), (byUser.Key, byUser.Name, byUser.Platform, byUser.LoopbackPort));
        Assert.Equal((RequestState.Waits, null, null, null), (byUser.State, byUser.Account, byUser.Device, byUser.Box));
        Assert.Null(await requests.FindAsync(OneTimeCode.Generate(), CancellationToken.None));
    }

    [Fact]
    public async Task What_is_over_is_forgotten_an_hour_later_and_makes_room_at_once()
    {
        for (int i = 0; i < DeviceRequestStore.WaitingPerAddressMax; i++)
            Assert.NotNull(await requests.AddAsync(Wish(), OneTimeCode.Generate(), CancellationToken.None));

        Assert.Null(await requests.AddAsync(Wish(), OneTimeCode.Generate(), CancellationToken.None));
        Assert.NotNull(await requests.AddAsync(Wish() with { Address = "198.51.100.9" }, OneTimeCode.Generate(), CancellationToken.None));
        database.Clock.Advance(DeviceRequest.Life);
        Assert.NotNull(await requests.AddAsync(Wish(), OneTimeCode.Generate(), CancellationToken.None));
        Assert.Equal(DeviceRequestStore.WaitingPerAddressMax + 2, await database.NumberAsync("SELECT count(*) FROM device_request"));

        database.Clock.Advance(TimeSpan.FromMinutes(61));
        await requests.AddAsync(Wish(), OneTimeCode.Generate(), CancellationToken.None);
        Assert.Equal(2, await database.NumberAsync("SELECT count(*) FROM device_request"));
    }

    [Fact]
    public async Task Of_removed_devices_the_newest_hundred_are_kept_and_one_that_comes_back_is_live()
    {
        PublicKey first = default;
        for (int i = 0; i < AccountRenewalText.DevicesMax + 20; i++)
        {
            PublicKey key = await AddAsync();
            first = i == 0 ? key : first;
            database.Clock.Advance(TimeSpan.FromSeconds(1));
            await database.Opened.WriteAsync(
                scope =>
                {
                    DeviceStore.Remove(scope, Ann, DeviceStore.Find(scope.Sql, Ann, key, scope.Now)!);
                    return true;
                },
                CancellationToken.None);
        }

        PublicKey last = await AddAsync();
        Assert.Equal(AccountRenewalText.DevicesMax + 1, await database.NumberAsync("SELECT count(*) FROM account_device"));
        Assert.Equal([last], (await devices.ListAsync(Ann, CancellationToken.None)).Select(device => device.Key));

        await AddAsync(first);
        Assert.Equal([last, first], (await devices.ListAsync(Ann, CancellationToken.None)).Select(device => device.Key).OrderBy(key => key != last));
    }

    [Fact]
    public async Task An_account_has_so_many_devices_and_no_more()
    {
        for (int i = 0; i < AccountRenewalText.DevicesMax; i++)
            await AddAsync();

        Assert.Null(await database.Opened.WriteAsync(scope => DeviceStore.Add(scope, New(SigningKey.Generate().Public)), CancellationToken.None));
        PublicKey one = (await devices.ListAsync(Ann, CancellationToken.None))[5].Key;
        Assert.NotNull(await database.Opened.WriteAsync(scope => DeviceStore.Add(scope, New(one)), CancellationToken.None));
    }

    [Fact]
    public async Task A_vault_and_ways_of_recovery_are_kept_for_each_account()
    {
        VaultStore vaults = new(database.Opened);
        RecoveryStore ways = new(database.Opened);
        Assert.True(await vaults.PutAsync(Ann, new VaultPut(1, [1]), CancellationToken.None));
        Assert.False(await vaults.PutAsync(Ann, new VaultPut(1, [2]), CancellationToken.None));
        Assert.True(await vaults.PutAsync(Ann, new VaultPut(2, [3]), CancellationToken.None));
        VaultInfo read = await vaults.GetAsync(Ann, CancellationToken.None);
        Assert.Equal((2L, (byte)3), (read.Version, Assert.Single(read.Blob!)));

        Assert.Equal(MeshError.NoAccountKey, (await ways.PutAsync(Ann, RecoveryKind.Key, new RecoveryPut([1], 1), CancellationToken.None)).Refusal);
        AccountKeyRecord key = new(1, SigningKey.Generate().Public, [1], [2], [3], SigningKey.Generate().Public, database.Clock.GetUtcNow());
        await database.Opened.WriteAsync(scope => { AccountKeyStore.Add(scope, Ann, key); return true; }, CancellationToken.None);
        await database.Opened.WriteAsync(scope => { AccountKeyStore.Add(scope, Ann, key with { Generation = 2, OldSig = [9] }); return true; }, CancellationToken.None);
        Assert.Equal(MeshError.AccountKeyMoved, (await ways.PutAsync(Ann, RecoveryKind.Key, new RecoveryPut([1], 1), CancellationToken.None)).Refusal);
        Assert.NotNull((await ways.PutAsync(Ann, RecoveryKind.Key, new RecoveryPut([1], 2), CancellationToken.None)).Id);
        Assert.NotNull((await ways.PutAsync(Ann, RecoveryKind.Prf, new RecoveryPut([2], 2, [7]), CancellationToken.None)).Id);
        Assert.NotNull((await ways.PutAsync(Ann, RecoveryKind.Key, new RecoveryPut([3], 2), CancellationToken.None)).Id);
        Assert.Equal([3, 2], (await ways.ListAsync(Ann, CancellationToken.None)).Select(way => (int)way.Blob![0]));
        Assert.Equal([null, 9], (await new AccountKeyStore(database.Opened).ListAsync(Ann, CancellationToken.None)).Select(one => (int?)one.OldSig?[0]));
    }

    private static NewDeviceRequest Wish() => new("claudemesh-cli", "account", SigningKey.Generate().Public, "laptop", "linux-x64", "127.0.0.1", LoopbackPort: null);

    private static NewDevice New(PublicKey key) => new(Ann, key, "laptop", DeviceKind.Device, ApprovedBy: null, new SignedText([1], [2], [3]));

    private async Task<PublicKey> AddAsync(PublicKey? key = null)
    {
        PublicKey added = key ?? SigningKey.Generate().Public;
        Assert.NotNull(await database.Opened.WriteAsync(scope => DeviceStore.Add(scope, New(added)), CancellationToken.None));
        return added;
    }
}

public sealed class DeviceStoreOnSqliteTests() : DeviceStoreTests(Backend.Sqlite);

public sealed class DeviceStoreOnPostgresTests() : DeviceStoreTests(Backend.Postgres);
