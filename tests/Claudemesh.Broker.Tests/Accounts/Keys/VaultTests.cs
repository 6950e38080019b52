using Claudemesh.Broker.Tests.Accounts.Devices;
using Claudemesh.Crypto;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Accounts.Keys;

/// <summary>The vault is written one version after another, and given back as it was written.</summary>
public sealed class VaultTests : IAsyncLifetime
{
    private TestBroker broker = null!;
    private Person ann = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync();
        ann = await Person.StartAsync(broker);
    }

    public async ValueTask DisposeAsync()
    {
        ann.Dispose();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task Each_version_follows_the_one_before()
    {
        RestAnswer empty = await ann.GetAsync("/api/my/vault");
        Assert.Equal(0, (int)empty.Body!["version"]!);
        Assert.Null(empty.Body["blob"]);

        Assert.Equal(204, (await ann.PutVaultAsync(1, Blob(1))).Status);
        Assert.Equal((409, "vault_moved"), Refusal(await ann.PutVaultAsync(1, Blob(2))));
        Assert.Equal((409, "vault_moved"), Refusal(await ann.PutVaultAsync(3, Blob(2))));
        Assert.Equal(204, (await ann.PutVaultAsync(2, Blob(2))).Status);

        RestAnswer read = await ann.GetAsync("/api/my/vault");
        Assert.Equal((2, Convert.ToBase64String(Blob(2))), ((int)read.Body!["version"]!, (string)read.Body["blob"]!));
        using Person eve = await Person.StartAsync(broker, "eve");
        Assert.Equal(0, (int)(await eve.GetAsync("/api/my/vault")).Body!["version"]!);
        Assert.Equal((409, "vault_moved"), Refusal(await eve.PutVaultAsync(2, Blob(2))));
    }

    [Fact]
    public async Task Of_many_who_write_one_version_one_wins()
    {
        RestAnswer[] first = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => ann.PutVaultAsync(1, Blob((byte)i))));
        RestAnswer[] second = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => ann.PutVaultAsync(2, Blob((byte)i))));

        Assert.Single(first, answer => answer.Status == 204);
        Assert.Single(second, answer => answer.Status == 204);
    }

    [Fact]
    public async Task A_vault_has_a_least_and_a_greatest_size()
    {
        Assert.Equal(204, (await ann.PutVaultAsync(1, new byte[AccountVault.BytesMax])).Status);
        Assert.Equal((400, "invalid_args"), Refusal(await ann.PutVaultAsync(2, new byte[AccountVault.BytesMax + 1])));
        Assert.Equal((413, "payload_too_large"), Refusal(await ann.PutVaultAsync(2, new byte[2 * AccountVault.BytesMax])));
        Assert.Equal((400, "invalid_args"), Refusal(await ann.PutVaultAsync(2, new byte[AccountVault.Overhead - 1])));
        Assert.Equal((400, "invalid_args"), Refusal(await ann.PutVaultAsync(0, Blob(1))));
        Assert.Equal((400, "invalid_args"), Refusal(await ann.SendTextAsync(HttpMethod.Put, "/api/my/vault", """{"version":"2","blob":"AA=="}""")));
        Assert.Equal((400, "invalid_args"), Refusal(await ann.SendTextAsync(HttpMethod.Put, "/api/my/vault", """{"version":2,"blob":"***"}""")));
        Assert.Equal(1, (int)(await ann.GetAsync("/api/my/vault")).Body!["version"]!);
    }

    private static byte[] Blob(byte filled) => [.. Enumerable.Repeat(filled, 200)];

    private static (int Status, string? Code) Refusal(RestAnswer answer) => (answer.Status, answer.Code);
}
