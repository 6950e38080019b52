using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.OpenApi;

/// <summary><c>/openapi.json</c> and <c>/docs</c>.</summary>
public sealed partial class DocumentEndpointTests
{
    [Theory]
    [InlineData("/openapi.json", "application/json")]
    [InlineData("/docs", "text/html")]
    [InlineData("/docs/docs.css", "text/css")]
    public async Task It_is_given_to_everybody_packed_to_who_takes_that_and_not_again_to_who_has_it(string path, string type)
    {
        await using TestBroker broker = await TestBroker.StartAsync();

        using HttpResponseMessage plain = await SendAsync(broker, path);
        using HttpResponseMessage packed = await SendAsync(broker, path, encoding: "gzip, br");
        using HttpResponseMessage again = await SendAsync(broker, path, tag: plain.Headers.ETag!.ToString());
        using HttpResponseMessage other = await SendAsync(broker, path, encoding: "gzip", tag: plain.Headers.ETag!.ToString());

        Assert.Equal(type, plain.Content.Headers.ContentType?.MediaType);
        Assert.Equal(["gzip"], packed.Content.Headers.ContentEncoding);
        Assert.True(packed.Content.Headers.ContentLength < plain.Content.Headers.ContentLength);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.NotEqual(plain.Headers.ETag, packed.Headers.ETag);
    }

    [Fact]
    public async Task The_page_runs_no_script_and_asks_nobody_else_for_anything()
    {
        await using TestBroker broker = await TestBroker.StartAsync();

        using HttpResponseMessage page = await SendAsync(broker, "/docs");
        string html = await page.Content.ReadAsStringAsync();

        Assert.Equal("default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", Assert.Single(page.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", Assert.Single(page.Headers.GetValues("X-Content-Type-Options")));
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("style=", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http", string.Concat(Targets().Matches(html).Select(match => match.Value)), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_page_tells_of_every_route_and_every_link_in_it_leads_somewhere()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        string html = await broker.Http.GetStringAsync(new Uri("/docs", UriKind.Relative));
        JsonObject document = (JsonObject)JsonNode.Parse(await broker.Http.GetStringAsync(new Uri("/openapi.json", UriKind.Relative)))!;

        Assert.All(OpenApiDocumentTests.Operations(document), one => Assert.Contains($"<article id=\"{one.Operation["operationId"]}\">", html, StringComparison.Ordinal));
        Assert.All(Anchors().Matches(html).Select(match => match.Groups["name"].Value).Distinct(StringComparer.Ordinal), name => Assert.Contains($"id=\"{name}\"", html, StringComparison.Ordinal));
    }

    private static async Task<HttpResponseMessage> SendAsync(TestBroker broker, string path, string? encoding = null, string? tag = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        if (encoding is not null)
            request.Headers.AcceptEncoding.ParseAdd(encoding);
        if (tag is not null)
            request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse(tag));
        return await broker.Http.SendAsync(request);
    }

    [GeneratedRegex("(src|href)=\"[^\"]*\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Targets();

    [GeneratedRegex("href=\"#(?<name>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Anchors();
}
