using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Claudemesh.Broker.Tests.Accounts.Devices;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.OpenApi;

/// <summary>The account's part of the walk that takes keys: its first secret, a machine that is let in, another that is not, recovery, vault, renewal.</summary>
internal sealed class DeviceWalk(TestBroker broker, TestAccount account) : IDisposable
{
    private const string Requests = "/api/my/device-requests/{userCode}";

    private readonly Person person = Person.Of(account);
    private readonly AccountSecret next = AccountSecret.Generate();
    private readonly SigningKey machineKey = SigningKey.Generate();
    private NewMachine? machine;

    public IEnumerable<WalkStep> Steps =>
    [
        new("POST", "/api/my/key", "/api/my/key", () => Text(person.FirstKey(new AccountText(person.Id.Value, 1, person.AccountKey, person.Device.Public, person.Now)))),
        new("GET", "/api/my/key", "/api/my/key"),
        Ask,
        new("GET", Requests, "/api/my/device-requests/<code>"),
        new("POST", Requests + "/approve", "/api/my/device-requests/<code>/approve", () => Text(person.Approval(machine!, machine!.Name))),
        Ask,
        new("POST", Requests + "/deny", "/api/my/device-requests/<code>/deny"),
        new("POST", "/api/my/devices", "/api/my/devices", () => Text(person.Self())),
        new("GET", "/api/my/devices", "/api/my/devices"),
        new("PUT", "/api/my/recovery/{kind}", "/api/my/recovery/key", () => Text(Printed()), (walk, answer) => walk.Note("recovery", (string)answer["id"]!)),
        new("GET", "/api/my/recovery", "/api/my/recovery"),
        new("DELETE", "/api/my/recovery/{id}", "/api/my/recovery/<recovery>"),
        new("PUT", "/api/my/vault", "/api/my/vault", () => Text(new VaultPut(1, new byte[64]))),
        new("GET", "/api/my/vault", "/api/my/vault"),
        new("DELETE", "/api/my/devices/{pub}", "/api/my/devices/<device>"),
        new("POST", "/api/my/renewal", "/api/my/renewal", () => Text(person.Renewal(next, [person.Device.Public], []))),
        new("GET", "/api/my/renewal/{generation}", "/api/my/renewal/2"),
    ];

    public void Dispose()
    {
        person.Dispose();
        next.Dispose();
        machine?.Dispose();
    }

    private WalkStep Ask => new("POST", "/oauth/device_authorization", "/oauth/device_authorization", NewForm, Started, HasKey: false);

    private string NewForm() => $"client_id=claudemesh-cli&device_name=laptop&device_pub={machineKey.Public}";

    private void Started(OpenApiWalk walk, JsonNode answer)
    {
        machine ??= NewMachine.Of(broker, "laptop", machineKey, (JsonObject)answer);
        walk.Note("code", (string)answer["user_code"]!);
        walk.Note("device", machine.Key.Public.ToString());
    }

    private RecoveryPut Printed()
    {
        using RecoveryKey key = RecoveryKey.Generate();
        return new RecoveryPut(RecoveryBlob.SealWithKey(key, person.Secret, person.Id.Value, 1), 1);
    }

    private static string Text<T>(T body) => JsonSerializer.Serialize(body, (JsonTypeInfo<T>)ProtocolJson.Default.GetTypeInfo(typeof(T))!);
}
