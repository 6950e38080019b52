using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Accounts.Devices;

/// <summary>A person with an account, in front of a device that holds its secret.</summary>
internal sealed class Person : IDisposable
{
    private readonly TimeProvider clock;

    private Person(HttpClient http, UserId id, TimeProvider clock, AccountSecret secret, SigningKey device)
    {
        (Http, Id, this.clock, Secret, Device) = (http, id, clock, secret, device);
        using SigningKey key = secret.DeriveAccountKey(id.Value);
        AccountKey = key.Public;
    }

    public HttpClient Http { get; }

    public TestAccount? Account { get; private init; }

    public UserId Id { get; }

    public AccountSecret Secret { get; private set; }

    public PublicKey AccountKey { get; private set; }

    public long Generation { get; set; } = 1;

    public SigningKey Device { get; }

    public long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Signed in with a browser that has made the account's first secret.</summary>
    public static async Task<Person> StartAsync(TestBroker broker, string name = "ann", TimeProvider? clock = null)
    {
        TestAccount account = await TestAccount.CreateAsync(broker, name);
        Person person = Of(account, clock);
        Assert.Equal(201, (await person.MakeKeyAsync()).Status);
        return person;
    }

    /// <summary>Signed in, without a secret so far.</summary>
    public static Person Of(TestAccount account, TimeProvider? clock = null) =>
        new(account.Http, account.Id, clock ?? TimeProvider.System, AccountSecret.Generate(), SigningKey.Generate()) { Account = account };

    /// <summary>The same person in front of another device that has the secret.</summary>
    public Person At(HttpClient http, SigningKey device) =>
        new(http, Id, clock, new AccountSecret(Secret.Expose()), SigningKey.FromSeed(device.ExposeSeed())) { Generation = Generation };

    /// <summary>The same, with a session that is fresh, of no device so far.</summary>
    public async Task<Person> SignInAgainAsync(TestBroker broker)
    {
        TestAccount again = await Account!.SignInAgainAsync(broker);
        return new Person(again.Http, Id, clock, new AccountSecret(Secret.Expose()), SigningKey.FromSeed(Device.ExposeSeed())) { Account = again, Generation = Generation };
    }

    /// <summary>In front of another device, with another session; it has the secret, by whatever way.</summary>
    public Person With(TestAccount session) =>
        new(session.Http, Id, clock, new AccountSecret(Secret.Expose()), SigningKey.Generate()) { Account = session, Generation = Generation };

    public Task<RestAnswer> MakeKeyAsync(AccountText? text = null, string deviceName = "a browser") =>
        SendAsync(HttpMethod.Post, "/api/my/key", FirstKey(text ?? new AccountText(Id.Value, 1, AccountKey, Device.Public, Now), deviceName));

    public AccountKeyCreate FirstKey(AccountText text, string deviceName = "a browser")
    {
        using SigningKey key = Secret.DeriveAccountKey(Id.Value);
        byte[] bytes = SignedBytes.Of(text);
        return new AccountKeyCreate(bytes, key.Sign(bytes), Device.Sign(bytes), DisplayName.Parse(deviceName));
    }

    public DeviceApprovalText TextFor(NewMachine machine) => new(
        Id.Value, machine.UserCode, machine.Key.Public, machine.Name, AccountKey, Generation, Device.Public, Now);

    public DeviceApprove Approval(NewMachine machine, string? typedName, DeviceApprovalText? text = null)
    {
        DeviceApprovalText truth = TextFor(machine);
        DeviceApprovalText said = text ?? truth;
        using SigningKey key = Secret.DeriveAccountKey(Id.Value);
        byte[] bytes = SignedBytes.Of(said);

        // Only what it says truly can be sealed; a text that says something else is signed all the same.
        Assert.True(DeviceApproval.TryApprove(Secret, Device, machine.Pairing, truth, out DeviceApproval? approval));
        return new DeviceApprove(bytes, approval!.Box, key.Sign(bytes), Device.Sign(bytes), typedName);
    }

    public Task<RestAnswer> ApproveAsync(NewMachine machine, string? typedName = null, DeviceApprovalText? text = null) =>
        ApproveAsync(machine.UserCode, Approval(machine, typedName, text));

    public Task<RestAnswer> ApproveAsync(string userCode, DeviceApprove body) =>
        SendAsync(HttpMethod.Post, $"/api/my/device-requests/{userCode}/approve", body);

    public Task<RestAnswer> DenyAsync(string userCode) => SendAsync<DeviceApprove>(HttpMethod.Post, $"/api/my/device-requests/{userCode}/deny", null);

    public Task<RestAnswer> GetAsync(string path) => SendAsync<DeviceApprove>(HttpMethod.Get, path, null);

    public Task<RestAnswer> DeleteAsync(string path) => SendAsync<DeviceApprove>(HttpMethod.Delete, path, null);

    public Task<RestAnswer> AddSelfAsync(DeviceApprovalText? text = null) => SendAsync(HttpMethod.Post, "/api/my/devices", Self(text));

    public DeviceAdd Self(DeviceApprovalText? text = null)
    {
        using SigningKey key = Secret.DeriveAccountKey(Id.Value);
        byte[] bytes = SignedBytes.Of(text ?? SelfText());
        return new DeviceAdd(bytes, key.Sign(bytes), Device.Sign(bytes));
    }

    public DeviceApprovalText SelfText() => new(Id.Value, "", Device.Public, "recovered", AccountKey, Generation, Device.Public, Now);

    /// <summary>A renewal by this device; the secret here changes when <see cref="RenewAsync"/> succeeds.</summary>
    public RenewalRequest Renewal(AccountSecret next, PublicKey[] staying, PublicKey[] removed, long? generation = null)
    {
        Assert.True(AccountRenewal.TryMake(
            new RenewalParts(Id.Value, Secret, next, Device), generation ?? Generation + 1, staying, removed, Now,
            out AccountRenewal? made, out IReadOnlyList<RenewalCopy> copies));
        return new RenewalRequest(made.Text, made.OldSignature, made.NewSignature, made.DeviceSignature, removed, [.. copies]);
    }

    public async Task<RestAnswer> RenewAsync(PublicKey[] staying, PublicKey[] removed)
    {
        AccountSecret next = AccountSecret.Generate();
        RestAnswer answer = await SendAsync(HttpMethod.Post, "/api/my/renewal", Renewal(next, staying, removed));
        if (answer.Status != 200)
            return answer;

        (Secret, Generation) = (next, Generation + 1);
        using SigningKey key = next.DeriveAccountKey(Id.Value);
        AccountKey = key.Public;
        return answer;
    }

    public Task<RestAnswer> PutRecoveryAsync(string kind, RecoveryPut body) => SendAsync(HttpMethod.Put, $"/api/my/recovery/{kind}", body);

    public Task<RestAnswer> PutVaultAsync(long version, byte[] blob) => SendAsync(HttpMethod.Put, "/api/my/vault", new VaultPut(version, blob));

    public Task<RestAnswer> SendAsync<T>(HttpMethod method, string path, T? body)
        where T : class =>
        SendTextAsync(method, path, body is null ? null : JsonSerializer.Serialize(body, (JsonTypeInfo<T>)ProtocolJson.Default.GetTypeInfo(typeof(T))!));

    public async Task<RestAnswer> SendTextAsync(HttpMethod method, string path, string? json)
    {
        using HttpRequestMessage request = new(method, new Uri(path, UriKind.Relative));
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        return await RestAnswer.ReadAsync(await Http.SendAsync(request));
    }

    public void Dispose()
    {
        Http.Dispose();
        Secret.Dispose();
        Device.Dispose();
    }
}
