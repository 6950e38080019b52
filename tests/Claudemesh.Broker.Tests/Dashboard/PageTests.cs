using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Claudemesh.Broker.Dashboard;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Dashboard;

/// <summary>The page and its files, as the broker answers with them. The test broker listens at a number, and its public address is <c>localhost</c>.</summary>
public sealed class PageTests
{
    private static readonly string[] Places = ["/", "/setup", "/sign-up", "/sign-in", "/device?code=ABCD-EFGH", "/account", "/i/abc"];

    [Fact]
    public async Task Every_place_in_the_page_is_the_same_document_and_is_asked_for_again_each_time()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using HttpClient http = Client();
        HashSet<string> documents = [];
        foreach (string place in Places)
        {
            using HttpResponseMessage answer = await http.SendAsync(Ask(broker, place));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
            Assert.Equal("no-cache", answer.Headers.CacheControl!.ToString());
            documents.Add(await answer.Content.ReadAsStringAsync());
        }

        string document = Assert.Single(documents);
        Assert.Contains("claudemesh join \"LINK\"", document, StringComparison.Ordinal);
        Assert.Contains("<noscript>", document, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_runs_and_fetches_nothing_but_the_brokers_own_and_is_framed_by_nobody()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using HttpClient http = Client();
        using HttpResponseMessage answer = await http.SendAsync(Ask(broker, "/"));

        string[] policy = One(answer, "Content-Security-Policy").Split("; ");
        Assert.Equal(
            [
                "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'", "worker-src 'self'", "form-action 'none'",
                "frame-ancestors 'none'", "base-uri 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
            ],
            policy);
        Assert.Equal("nosniff", One(answer, "X-Content-Type-Options"));
        Assert.Equal("no-referrer", One(answer, "Referrer-Policy"));
        Assert.Equal("same-origin", One(answer, "Cross-Origin-Opener-Policy"));
        Assert.Equal("DENY", One(answer, "X-Frame-Options"));
        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Where_people_come_over_https_their_browsers_are_told_to_come_over_nothing_else()
    {
        await using TestBroker broker = await TestBroker.StartAsync(change: usual => usual with { PublicUrl = new Uri("https://mesh.example.org") });
        using HttpClient http = Client();
        using HttpResponseMessage answer = await http.SendAsync(Ask(broker, "/", host: "mesh.example.org"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("max-age=31536000", One(answer, "Strict-Transport-Security"));
    }

    [Fact]
    public async Task A_file_that_is_named_after_its_content_is_kept_for_a_year_and_one_that_is_gone_for_no_time()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using HttpClient http = Client();
        string[] names = [.. new PageFiles().AssetNames];
        Assert.Contains(names, name => name.EndsWith(".js", StringComparison.Ordinal));
        Assert.Contains(names, name => name.EndsWith(".css", StringComparison.Ordinal));
        foreach (string name in names)
        {
            using HttpResponseMessage answer = await http.SendAsync(Ask(broker, "/assets/" + name));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("public, max-age=31536000, immutable", answer.Headers.GetValues("Cache-Control").Single());
            Assert.Equal("nosniff", One(answer, "X-Content-Type-Options"));
        }

        using HttpResponseMessage gone = await http.SendAsync(Ask(broker, "/assets/index-00000000.js"));
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Equal("no-store", gone.Headers.CacheControl!.ToString());
    }

    [Theory]
    [InlineData("br, gzip", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("gzip, br;q=0", "gzip")]
    [InlineData("*", "br")]
    [InlineData("*;q=0", null)]
    [InlineData("deflate", null)]
    [InlineData("", null)]
    public async Task A_file_is_sent_as_its_reader_can_unpack_it(string accepted, string? expected)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using HttpClient http = Client();
        string name = new PageFiles().AssetNames.First(one => one.EndsWith(".js", StringComparison.Ordinal));
        byte[] plain = await http.GetByteArrayAsync(new Uri(broker.Url, "/assets/" + name));

        HttpRequestMessage asked = Ask(broker, "/assets/" + name);
        asked.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        using HttpResponseMessage answer = await http.SendAsync(asked);
        Assert.Equal(expected, answer.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Contains("Accept-Encoding", answer.Headers.Vary);
        Assert.Equal(plain, await UnpackAsync(answer));
        Assert.Equal(expected is null, answer.Content.Headers.ContentLength == plain.Length);
    }

    [Fact]
    public async Task Who_has_a_file_already_is_not_sent_it_and_each_form_of_it_has_a_tag_of_its_own()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using HttpClient http = Client();
        List<string> tags = [];
        foreach (string encoding in (string[])["br", "gzip", "identity"])
        {
            HttpRequestMessage first = Ask(broker, "/");
            first.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(encoding));
            using HttpResponseMessage answer = await http.SendAsync(first);
            tags.Add(answer.Headers.ETag!.ToString());

            HttpRequestMessage again = Ask(broker, "/");
            again.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(encoding));
            again.Headers.TryAddWithoutValidation("If-None-Match", $"\"other\", W/{tags[^1]}");
            using HttpResponseMessage same = await http.SendAsync(again);
            Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
            Assert.Empty(await same.Content.ReadAsByteArrayAsync());
            Assert.Equal(tags[^1], same.Headers.ETag!.ToString());
            Assert.True(same.Headers.Contains("Content-Security-Policy"));
        }

        Assert.Equal(3, tags.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task HEAD_says_what_GET_would_and_sends_nothing()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using HttpClient http = Client();
        using HttpResponseMessage whole = await http.SendAsync(Ask(broker, "/sign-in"));
        using HttpResponseMessage head = await http.SendAsync(Ask(broker, "/sign-in", HttpMethod.Head));

        Assert.Equal(whole.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Equal(whole.Headers.ETag, head.Headers.ETag);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("/device?code=ABCD-EFGH")]
    [InlineData("/i/abc")]
    [InlineData("/")]
    public async Task A_page_that_is_asked_for_at_a_loopback_number_is_at_the_public_address(string place)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using HttpClient http = Client();
        HttpRequestMessage asked = Ask(broker, place, host: broker.Url.Authority);
        using HttpResponseMessage answer = await http.SendAsync(asked);

        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Equal($"http://localhost:{broker.Url.Port}{place}", answer.Headers.Location!.AbsoluteUri);
    }

    [Theory]
    [InlineData("mesh.example.org")]
    [InlineData("10.0.0.7:7900")]
    [InlineData("other.example")]
    public async Task Who_comes_by_any_other_name_is_sent_nowhere(string host)
    {
        await using TestBroker broker = await TestBroker.StartAsync(change: usual => usual with { PublicUrl = new Uri("https://mesh.example.org") });
        using HttpClient http = Client();
        using HttpResponseMessage answer = await http.SendAsync(Ask(broker, "/", host: host));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Who_asks_for_an_invite_without_a_browser_reads_the_command()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using HttpClient http = Client();
        HttpRequestMessage asked = Ask(broker, "/i/abc");
        asked.Headers.Accept.Clear();
        asked.Headers.Accept.ParseAdd("*/*");
        using HttpResponseMessage answer = await http.SendAsync(asked);

        Assert.Equal("text/plain; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Contains("Accept", answer.Headers.Vary);
        Assert.Contains($"claudemesh join \"http://localhost:{broker.Url.Port}/i/abc#...\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using HttpResponseMessage none = await http.SendAsync(Ask(broker, "/i/not%20an%20id"));
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    /// <summary>As a browser asks: at the public name, though the socket goes to the number that the broker listens on.</summary>
    private static HttpRequestMessage Ask(TestBroker broker, string place, HttpMethod? method = null, string? host = null)
    {
        HttpRequestMessage request = new(method ?? HttpMethod.Get, new Uri(broker.Url, place));
        request.Headers.Host = host ?? $"localhost:{broker.Url.Port}";
        request.Headers.Accept.ParseAdd("text/html");
        return request;
    }

    private static HttpClient Client() => new(new SocketsHttpHandler { AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None });

    private static string One(HttpResponseMessage answer, string header) => Assert.Single(answer.Headers.GetValues(header));

    private static async Task<byte[]> UnpackAsync(HttpResponseMessage answer)
    {
        Stream packed = await answer.Content.ReadAsStreamAsync();
        await using Stream plain = answer.Content.Headers.ContentEncoding.SingleOrDefault() switch
        {
            "br" => new BrotliStream(packed, CompressionMode.Decompress),
            "gzip" => new GZipStream(packed, CompressionMode.Decompress),
            _ => packed,
        };
        using MemoryStream whole = new();
        await plain.CopyToAsync(whole);
        return whole.ToArray();
    }
}
