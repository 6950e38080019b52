using Claudemesh.Broker.Rest;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Tests.Rest;

/// <summary>What is asked of a path in a form that it does not have, for every row of the table.</summary>
public sealed class RouteFormTests
{
    [Fact]
    public async Task Every_path_says_which_methods_it_takes_and_refuses_all_others()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.OwnerKeyAsync();
        foreach (IGrouping<string, RestRoute> path in Routes(mesh).GroupBy(route => route.FullPath, StringComparer.Ordinal))
        {
            using HttpResponseMessage told = await SendAsync(key, HttpMethod.Options, path.Key);
            using HttpResponseMessage refused = await SendAsync(key, HttpMethod.Trace, path.Key);

            Assert.Equal(204, (int)told.StatusCode);
            Assert.Superset(path.Select(route => route.Method).ToHashSet(StringComparer.Ordinal), told.Content.Headers.Allow.ToHashSet(StringComparer.Ordinal));
            Assert.Equal(405, (int)refused.StatusCode);
            Assert.Equal(told.Content.Headers.Allow, refused.Content.Headers.Allow);
        }
    }

    [Fact]
    public async Task What_is_shown_can_be_asked_for_without_its_body()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.OwnerKeyAsync();
        foreach (RestRoute route in Routes(mesh).Where(route => route is { Method: "GET", IsStream: false }))
        {
            using HttpResponseMessage whole = await SendAsync(key, HttpMethod.Get, route.FullPath);
            using HttpResponseMessage head = await SendAsync(key, HttpMethod.Head, route.FullPath);

            Assert.Equal((route.Path, whole.StatusCode), (route.Path, head.StatusCode));
            Assert.Equal(whole.Content.Headers.ContentType, head.Content.Headers.ContentType);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task A_body_where_none_belongs_is_refused_and_one_that_is_no_text_is_told_so()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.OwnerKeyAsync();
        foreach (RestRoute route in Routes(mesh).Where(route => route.Root is RestRoutes.Base))
        {
            // A text that is not UTF-8 is no JSON.
            using ByteArrayContent body = new([0x7b, 0xff, 0xfe, 0x7d]);
            RestAnswer answer = await RestAnswer.ReadAsync(await SendAsync(key, HttpMethod.Parse(route.Method), route.FullPath, body));

            Assert.Equal((route.Method, route.Path, 400, route.Body is null ? "body_not_allowed" : "invalid_args"), (route.Method, route.Path, answer.Status, answer.Code));
        }
    }

    private static IReadOnlyList<RestRoute> Routes(TestMesh mesh) => mesh.Broker.Services.GetRequiredService<RestRoutes>().All;

    private static async Task<HttpResponseMessage> SendAsync(TestKey key, HttpMethod method, string pattern, HttpContent? body = null)
    {
        string path = string.Join('/', pattern.Split('/').Select(part => part is "{topic}" ? "general" : part.StartsWith('{') ? "anything" : part));
        using HttpRequestMessage request = new(method, path) { Content = body };
        return await key.Http.SendAsync(request);
    }
}
