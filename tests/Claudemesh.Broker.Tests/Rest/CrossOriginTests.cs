using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Rest;

/// <summary>Scripts of which pages may read what the routes answer.</summary>
public sealed class CrossOriginTests
{
    private const string Elsewhere = "https://chat.example.test";

    [Fact]
    public async Task The_brokers_own_page_and_one_that_was_named_may_ask_and_a_stranger_is_told_nothing()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(change: settings => settings with { AllowedOrigins = [Elsewhere] });
        using TestKey key = await mesh.OwnerKeyAsync();

        foreach (string origin in (string[])[Elsewhere, mesh.Broker.Url.ToString().TrimEnd('/')])
        {
            using HttpResponseMessage answer = await SendAsync(key, HttpMethod.Get, "/topics", origin);
            Assert.Equal([origin], answer.Headers.GetValues("Access-Control-Allow-Origin"));
            Assert.Contains("ETag", Assert.Single(answer.Headers.GetValues("Access-Control-Expose-Headers")), StringComparison.Ordinal);
            Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
        }

        using HttpResponseMessage stranger = await SendAsync(key, HttpMethod.Get, "/topics", "https://evil.example.test");
        Assert.Equal(200, (int)stranger.StatusCode);
        Assert.False(stranger.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Equal(["Origin"], stranger.Headers.Vary);
    }

    [Fact]
    public async Task A_refusal_can_be_read_by_the_page_too()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(change: settings => settings with { AllowedOrigins = [Elsewhere] });
        using TestKey key = await mesh.OwnerKeyAsync();

        foreach (string path in (string[])["/topics/nowhere", "/nothing"])
        {
            using HttpResponseMessage refused = await SendAsync(key, HttpMethod.Get, path, Elsewhere);
            Assert.Equal(404, (int)refused.StatusCode);
            Assert.Equal([Elsewhere], refused.Headers.GetValues("Access-Control-Allow-Origin"));
        }
    }

    [Fact]
    public async Task A_browser_that_asks_first_is_told_methods_and_headers_and_a_stranger_neither()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(change: settings => settings with { AllowedOrigins = [Elsewhere] });
        using TestKey key = await mesh.OwnerKeyAsync();

        using HttpResponseMessage told = await SendAsync(key, HttpMethod.Options, "/topics/general", Elsewhere);
        using HttpResponseMessage stranger = await SendAsync(key, HttpMethod.Options, "/topics/general", "https://evil.example.test");

        Assert.Equal(204, (int)told.StatusCode);
        Assert.Equal("GET, HEAD, PATCH, OPTIONS", Assert.Single(told.Headers.GetValues("Access-Control-Allow-Methods")));
        Assert.Contains("Authorization", Assert.Single(told.Headers.GetValues("Access-Control-Allow-Headers")), StringComparison.Ordinal);
        Assert.Equal(204, (int)stranger.StatusCode);
        Assert.False(stranger.Headers.Contains("Access-Control-Allow-Methods"));
    }

    private static async Task<HttpResponseMessage> SendAsync(TestKey key, HttpMethod method, string path, string origin)
    {
        using HttpRequestMessage request = new(method, "/api/v1" + path);
        request.Headers.Add("Origin", origin);
        if (method == HttpMethod.Options)
            request.Headers.Add("Access-Control-Request-Method", "PATCH");
        return await key.Http.SendAsync(request);
    }
}
