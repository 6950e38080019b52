using System.Text.Json.Nodes;
using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.Tests.Accounts.Sessions;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Accounts.Tokens;

/// <summary>The key that signs access tokens is followed by another in time, and what it has signed lives out its time.</summary>
public sealed class SigningKeyTests
{
    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task The_keys_are_published_without_what_signs()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);

        JsonObject key = Assert.Single(await ListAsync(broker))!.AsObject();

        Assert.Equal(["alg", "crv", "kid", "kty", "use", "x", "y"], key.Select(one => one.Key).Order());
        Assert.Equal(("ES256", "P-256", "EC", "sig"), ((string?)key["alg"], (string?)key["crv"], (string?)key["kty"], (string?)key["use"]));
        Assert.Equal((43, 43, 43), (((string)key["x"]!).Length, ((string)key["y"]!).Length, ((string)key["kid"]!).Length));
    }

    [Fact]
    public async Task A_key_is_followed_by_another_after_ninety_days_without_a_restart()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        SigningKeys keys = broker.Services.GetRequiredService<SigningKeys>();
        string first = keys.Current.KeyId;

        await Eventually.IsAsync("a day has gone by ninety times", () =>
        {
            clock.Advance(TimeSpan.FromDays(1));
            return keys.Current.KeyId != first;
        });

        Assert.InRange(clock.GetUtcNow() - keys.RotatesAt, -SigningKeys.Age, TimeSpan.Zero);
    }

    [Fact]
    public async Task What_the_old_key_has_signed_lives_out_its_time_and_the_key_goes_then()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        SigningKeys keys = broker.Services.GetRequiredService<SigningKeys>();
        using TestAccount before = await TestAccount.CreateAsync(broker, "ann");

        keys.Rotate();
        using TestAccount after = await before.SignInAgainAsync(broker);

        Assert.Equal(2, (await ListAsync(broker)).Count);
        Assert.Equal((200, 200), ((await before.GetAsync("/api/my/sessions")).Status, (await after.GetAsync("/api/my/sessions")).Status));
        clock.Advance(SigningKeys.GoodAfter);
        Assert.Single(await ListAsync(broker));
    }

    /// <summary>Whoever has a key twice replaced within minutes has sessions under all three.</summary>
    [Fact]
    public async Task Keys_that_follow_each_other_fast_are_all_good()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        SigningKeys keys = broker.Services.GetRequiredService<SigningKeys>();
        using TestAccount first = await TestAccount.CreateAsync(broker, "ann");

        keys.Rotate();
        clock.Advance(TimeSpan.FromMinutes(5));
        keys.Rotate();

        Assert.Equal(3, (await ListAsync(broker)).Count);
        Assert.Equal(200, (await first.GetAsync("/api/my/sessions")).Status);
        clock.Advance(SigningKeys.GoodAfter - TimeSpan.FromMinutes(5));
        Assert.Equal(2, (await ListAsync(broker)).Count);
    }

    [Fact]
    public async Task A_restart_goes_on_with_the_same_key_and_one_that_is_asked_to_with_another()
    {
        bool rotate = false;
        await using TestBroker broker = await TestBroker.StartAsync(clock, settings => settings, services => services.AddSingleton(
            ((BrokerSettings)services.Last(service => service.ServiceType == typeof(BrokerSettings)).ImplementationInstance!) with { RotateTokenKeys = rotate }));
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        string first = broker.Services.GetRequiredService<SigningKeys>().Current.KeyId;

        await broker.RestartAsync();
        Assert.Equal(first, broker.Services.GetRequiredService<SigningKeys>().Current.KeyId);
        Assert.Equal(200, (await ann.GetAsync("/api/my/sessions")).Status);

        rotate = true;
        await broker.RestartAsync();
        Assert.NotEqual(first, broker.Services.GetRequiredService<SigningKeys>().Current.KeyId);
        Assert.Equal(200, (await ann.GetAsync("/api/my/sessions")).Status);
    }

    [Fact]
    public async Task The_file_of_the_keys_is_for_its_owner_alone_and_a_lost_one_signs_nobody_out()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann", device: MemberKey());
        string refresh = await broker.BeginRefreshAsync(ann);
        string file = Path.Combine(broker.DataFolder, "token-keys.pem");
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

        await broker.StopAsync();
        File.Delete(file);
        await broker.StartAgainAsync();

        Assert.Equal(401, (await ann.GetAsync("/api/my/sessions")).Status);
        using HttpClient next = broker.Bearer((string)(await broker.RefreshAsync(refresh)).Body!["access_token"]!);
        Assert.Equal(200, (await next.SendAsync(HttpMethod.Get, "/api/my/sessions")).Status);
    }

    private static Protocol.PublicKey MemberKey()
    {
        using Crypto.MemberSecretKey key = Crypto.MemberSecretKey.Generate();
        return key.Public;
    }

    private static async Task<JsonArray> ListAsync(TestBroker broker) =>
        JsonNode.Parse(await broker.Http.GetStringAsync(new Uri("/.well-known/jwks.json", UriKind.Relative)))!["keys"]!.AsArray();
}
