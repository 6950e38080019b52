using System.Text.Json.Nodes;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Tests.Health;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.ApiKeys;

/// <summary>When a key was last used is shown at once and written later, for many at a time.</summary>
public sealed class ApiKeyUseTests
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_use_is_listed_at_once_and_costs_no_write_of_its_own()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using TestPeer owner = await mesh.OwnerMember().ConnectAsync("lister");
        using TestKey key = await mesh.MakeKeyAsync();
        Assert.Null(await ListedUseAsync(owner));
        double before = (await Scrape.OfAsync(mesh.Broker))["claudemesh_storage_writes_total"];

        for (int i = 0; i < 50; i++)
            Assert.Equal(200, (await key.GetAsync("/peers")).Status);

        Assert.Equal(clock.GetUtcNow(), await ListedUseAsync(owner));
        Assert.Equal(before, (await Scrape.OfAsync(mesh.Broker))["claudemesh_storage_writes_total"]);
        Assert.Null(await StoredUseAsync(mesh, key));
    }

    [Fact]
    public async Task Uses_are_written_some_seconds_after_the_first_with_the_time_of_the_last()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        using TestKey key = await mesh.MakeKeyAsync();
        using TestKey other = await mesh.MakeKeyAsync();
        using TestKey unused = await mesh.MakeKeyAsync();
        KeyUse use = mesh.Broker.Services.GetRequiredService<KeyUse>();
        await key.GetAsync("/peers");
        clock.Advance(TimeSpan.FromSeconds(1));
        DateTimeOffset last = clock.GetUtcNow();
        await key.GetAsync("/peers");
        await other.GetAsync("/peers");

        await Eventually.IsAsync("the uses are written", () =>
        {
            clock.Advance(KeyUseService.Delay);
            return use.Count == 0;
        });

        Assert.Equal((last, last), (await StoredUseAsync(mesh, key), await StoredUseAsync(mesh, other)));
        Assert.Null(await StoredUseAsync(mesh, unused));
        await key.GetAsync("/peers");
        Assert.Equal(1, use.Count);
    }

    [Fact]
    public async Task What_was_used_last_is_known_after_a_restart()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        using TestKey key = await mesh.MakeKeyAsync();
        await key.GetAsync("/peers");

        await mesh.CloseOwnerAsync();
        await mesh.Broker.RestartAsync();

        Assert.Equal(clock.GetUtcNow(), await StoredUseAsync(mesh, key));
    }

    private static async Task<DateTimeOffset?> ListedUseAsync(TestPeer owner)
    {
        JsonObject key = Assert.Single(await ApiKeyMessageTests.ListAsync(owner));
        return (DateTimeOffset?)key["lastUsedAt"];
    }

    private static async Task<DateTimeOffset?> StoredUseAsync(TestMesh mesh, TestKey key)
    {
        Assert.True(ApiKeySecret.TryParse(key.Secret, out ApiKeySecret secret));
        ApiKeyStore store = mesh.Broker.Services.GetRequiredService<ApiKeyStore>();
        return (await store.FindAsync(secret.Hash(), CancellationToken.None))!.LastUsedAt;
    }
}
