using System.Net;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Tests.Health;
using Claudemesh.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Rest;

/// <summary>How fast one key, and one address, may ask.</summary>
public sealed class KeyRateTests
{
    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());

    [Fact]
    [Trait("rest", "7.1 A22")]
    public async Task A_key_has_its_burst_then_its_rate_and_is_told_when_there_is_room()
    {
        await using TestMesh mesh = await SlowAsync();
        using TestKey key = await mesh.MakeKeyAsync();
        using TestKey other = await mesh.MakeKeyAsync();

        RestAnswer[] first = [await key.GetAsync("/peers"), await key.GetAsync("/peers"), await key.GetAsync("/peers"), await key.GetAsync("/peers")];

        Assert.Equal([200, 200, 200, 200], first.Select(answer => answer.Status));
        Assert.Equal("\"key\";q=4;w=2", Header(first[0], "RateLimit-Policy"));
        Assert.Equal(["\"key\";r=3;t=1", "\"key\";r=2;t=1", "\"key\";r=1;t=2", "\"key\";r=0;t=2"], first.Select(answer => Header(answer, "RateLimit")));
        Assert.Null(Header(first[3], "Retry-After"));

        RestAnswer refused = await key.GetAsync("/peers");
        Assert.Equal((429, "api_key_rate", "1", "\"key\";r=0;t=1"), (refused.Status, refused.Code, Header(refused, "Retry-After"), Header(refused, "RateLimit")));
        Assert.Equal(200, (await other.GetAsync("/peers")).Status);

        clock.Advance(TimeSpan.FromSeconds(1));
        RestAnswer[] later = [await key.GetAsync("/peers"), await key.GetAsync("/peers"), await key.GetAsync("/peers")];
        Assert.Equal([200, 200, 429], later.Select(answer => answer.Status));
        Assert.Equal(2, (await Scrape.OfAsync(mesh.Broker))["claudemesh_refusals_total{code=\"api_key_rate\"}"]);
    }

    /// <summary>Else who is refused for another reason could ask without an end.</summary>
    [Fact]
    [Trait("rest", "7.1 A22")]
    public async Task What_a_key_may_not_do_counts_for_its_rate_too()
    {
        await using TestMesh mesh = await SlowAsync();
        using TestKey key = await mesh.MakeKeyAsync();
        for (int i = 0; i < 4; i++)
            Assert.Equal(403, (await key.GetAsync("/api-keys")).Status);

        Assert.Equal(429, (await key.GetAsync("/api-keys")).Status);
    }

    [Fact]
    [Trait("rest", "7.1 A22")]
    public async Task Keys_that_do_not_exist_are_looked_up_so_often_and_no_more_from_one_address()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        using TestKey known = await mesh.MakeKeyAsync();
        using TestKey never = await mesh.MakeKeyAsync();
        Assert.Equal(200, (await known.GetAsync("/peers")).Status);
        for (int i = 0; i < LookupRate.AtOnce; i++)
            Assert.Equal(401, (await GuessAsync(mesh)).Status);

        RestAnswer refused = await GuessAsync(mesh);
        RestAnswer unseen = await never.GetAsync("/peers");

        Assert.Equal((429, "wrong_key_rate", "1"), (refused.Status, refused.Code, Header(refused, "Retry-After")));
        Assert.Equal("wrong_key_rate", unseen.Code);
        Assert.Equal(200, (await known.GetAsync("/peers")).Status);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await never.GetAsync("/peers")).Status);
        Assert.Equal(401, (await GuessAsync(mesh)).Status);
        Assert.Equal(2, (await Scrape.OfAsync(mesh.Broker))["claudemesh_refusals_total{code=\"wrong_key_rate\"}"]);
        Assert.Equal(2, (await Scrape.OfAsync(mesh.Broker))["claudemesh_api_keys_known"]);
    }

    [Fact]
    public async Task What_has_not_the_form_of_a_key_is_looked_up_never()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        for (int i = 0; i < LookupRate.AtOnce + 10; i++)
        {
            using TestKey odd = new(mesh.Broker, "", "cm_" + new string('x', 30 + (i % 10)));
            Assert.Equal("api_key_invalid", (await odd.GetAsync("/peers")).Code);
        }
    }

    /// <summary>After a restart all scripts and streams of a key come at once.</summary>
    [Fact]
    public async Task Many_who_come_at_once_with_a_good_key_are_all_let_in()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        using TestKey key = await mesh.MakeKeyAsync();

        RestAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 3 * LookupRate.AtOnce).Select(_ => key.GetAsync("/peers")));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
    }

    [Theory]
    [InlineData("192.0.2.7", null, "192.0.2.7")]
    [InlineData("192.0.2.7", "198.51.100.1", "192.0.2.7")]
    [InlineData("127.0.0.1", "198.51.100.1", "198.51.100.1")]
    [InlineData("127.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1")]
    [InlineData("::1", "198.51.100.1", "198.51.100.1")]
    [InlineData("::ffff:127.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("127.0.0.1", "nonsense", "127.0.0.1")]
    [InlineData("127.0.0.1", "", "127.0.0.1")]
    [InlineData("::ffff:192.0.2.7", null, "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", null, "2001:db8:1:2::")]
    [InlineData("::1", null, "::1")]
    public void An_address_is_that_of_the_caller_also_behind_a_proxy_of_this_machine(string remote, string? forwarded, string expected)
    {
        DefaultHttpContext context = new();
        context.Connection.RemoteIpAddress = IPAddress.Parse(remote);
        if (forwarded is not null)
            context.Request.Headers["X-Forwarded-For"] = forwarded;

        Assert.Equal(IPAddress.Parse(expected), ClientAddress.Of(context));
    }

    private Task<TestMesh> SlowAsync() => TestMesh.StartAsync(
        clock, change: settings => settings with { Limits = settings.Limits with { KeyRequestsPerSecond = 2, KeyRequestsAtOnce = 4 } });

    private static async Task<RestAnswer> GuessAsync(TestMesh mesh)
    {
        using TestKey guess = new(mesh.Broker, "", ApiKeySecret.Generate().Reveal());
        return await guess.GetAsync("/peers");
    }

    private static string? Header(RestAnswer answer, string name) =>
        answer.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(", ", values) : null;
}
