using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Claudemesh.TestKit;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>
/// The broker is killed again and again while scripts post and follow a topic. Whoever comes again with what he has, an idempotency key or a last
/// id, loses nothing by it. CLAUDEMESH_SOAK makes it longer.
/// </summary>
public sealed class StreamCrashTests(ITestOutputHelper output)
{
    private const int Readers = 100;
    private const int Posters = 50;

    private static readonly bool IsSoak = Environment.GetEnvironmentVariable("CLAUDEMESH_SOAK") == "1";
    private static readonly int PostsEach = IsSoak ? 400 : 16;
    private static readonly int Kills = IsSoak ? 25 : 4;

    private int accepted;

    [Fact]
    public async Task Every_reader_has_every_accepted_post_once_and_in_order_however_often_the_broker_is_killed()
    {
        int total = Posters * PostsEach;
        await using BrokerProgram broker = await BrokerProgram.StartAsync(
            flags: ["--limit", "key-requests-per-second=1000000", "--limit", "key-requests-at-once=1000000", "--limit", "streams-per-key=1000"]);
        using RestWorkspace workspace = await RestWorkspace.CreateAsync(broker);
        using HttpClient client = await workspace.MakeClientAsync();

        Task<List<string>>[] readers = [.. Enumerable.Range(0, Readers).Select(reader => ReadAsync(client, reader % 2 == 0 ? "/stream" : "/topics/general/stream", total))];
        Task<string[]>[] posters = [.. Enumerable.Range(0, Posters).Select(poster => PostAsync(client, poster))];
        for (int kill = 1; kill <= Kills; kill++)
        {
            int after = total * kill / (Kills + 1);
            await Eventually.IsAsync($"{after} posts are accepted", () => Task.FromResult(Volatile.Read(ref accepted) >= after ? "they are" : null));
            await broker.KillAsync();
            await broker.StartAgainAsync();
        }

        string[] posted = [.. (await Task.WhenAll(posters)).SelectMany(ids => ids)];
        List<string>[] read = await Task.WhenAll(readers);
        List<string> history = await ReadHistoryAsync(client);

        output.WriteLine($"{Kills} kills, {posted.Length} posts, {read.Sum(ids => ids.Count)} events");
        Assert.Equal(total, posted.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(posted.Order(StringComparer.Ordinal), history.Order(StringComparer.Ordinal));
        Assert.All(read, ids => Assert.Equal(history, ids));
    }

    /// <summary>Posts one after the other, each under its own idempotency key, again until it is accepted.</summary>
    private async Task<string[]> PostAsync(HttpClient client, int poster)
    {
        string[] ids = new string[PostsEach];
        for (int i = 0; i < ids.Length; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{poster}-{i}");
            ids[i] = await Eventually.IsAsync($"post {name} is accepted", () => TryPostAsync(client, name));
            Interlocked.Increment(ref accepted);
        }

        return ids;
    }

    private static async Task<string?> TryPostAsync(HttpClient client, string name)
    {
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Post, new Uri("/api/v1/messages", UriKind.Relative));
            request.Content = new StringContent($$"""{"topic":"general","text":"post {{name}}"}""", Encoding.UTF8, "application/json");
            request.Headers.Add("Idempotency-Key", name);
            using HttpResponseMessage response = await client.SendAsync(request);
            string body = await response.Content.ReadAsStringAsync();
            if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable))
                throw new InvalidOperationException($"Post {name}: {body}");

            return response.IsSuccessStatusCode ? (string?)JsonNode.Parse(body)!["messageId"] : null;
        }
        catch (Exception gone) when (gone is HttpRequestException or IOException)
        {
            return null;
        }
    }

    /// <summary>Reads until there are so many; comes again with its last id whenever it loses the stream.</summary>
    private static async Task<List<string>> ReadAsync(HttpClient client, string path, int count)
    {
        List<string> ids = [];
        string lastId = "0";
        while (ids.Count < count)
        {
            using TestStream stream = await Eventually.IsAsync($"{path} can be followed", () => TryOpenAsync(client, path, lastId));
            await ReadAsync(stream, ids, count);
            lastId = stream.LastId!;
        }

        return ids;
    }

    private static async Task ReadAsync(TestStream stream, List<string> ids, int count)
    {
        try
        {
            while (ids.Count < count && await stream.NextAsync() is { } next)
            {
                if (next.Name == "message")
                    ids.Add(next.Id!);
            }
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException)
        {
            // It comes again.
        }
    }

    private static async Task<TestStream?> TryOpenAsync(HttpClient client, string path, string lastId)
    {
        try
        {
            return await TestStream.OpenAsync(client, path, lastId);
        }
        catch (Exception gone) when (gone is HttpRequestException or IOException)
        {
            return null;
        }
    }

    private static async Task<List<string>> ReadHistoryAsync(HttpClient client)
    {
        List<string> ids = [];
        JsonNode page;
        do
        {
            string before = ids.Count == 0 ? "" : "&before=" + ids[^1];
            page = JsonNode.Parse(await client.GetStringAsync(new Uri("/api/v1/topics/general/messages?limit=200" + before, UriKind.Relative)))!;
            ids.AddRange(page["messages"]!.AsArray().Select(row => (string)row!["id"]!));
        }
        while ((bool)page["more"]!);

        ids.Reverse();
        return ids;
    }
}
