using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests;

/// <summary>Keys for scripts, made through the daemon at a real broker; the daemon keeps none of them.</summary>
public sealed class ApiKeyTests : IAsyncLifetime
{
    private TestBroker broker = null!;
    private RunningDaemon alice = null!;
    private RunningDaemon bob = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync();
        (alice, bob) = await RunningDaemon.StartAliceAndBobAsync(broker.Url.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await bob.DisposeAsync();
        await alice.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task A_key_is_made_used_listed_rotated_and_ended()
    {
        MadeApiKey made = await Ok.Async(bob.Client.CreateApiKeyAsync(new CreateApiKey("ci", ["read"], ["#general"], 3600, "acme"), default));
        Assert.Equal(("acme", "ci", broker.Url.ToString().TrimEnd('/')), (made.Workspace, made.Label, made.Url.TrimEnd('/')));
        Assert.Equal(["read"], made.Can);
        Assert.Equal(["general"], made.Topics);
        Assert.Equal(3600, (made.ExpiresAt!.Value - made.CreatedAt).TotalSeconds, tolerance: 60);
        Assert.Equal(HttpStatusCode.OK, await UseAsync(made.Secret));

        ApiKey listed = Assert.Single((await Ok.Async(bob.Client.ListApiKeysAsync(null, default))).Keys);
        Assert.Equal((made.Id, "bob", made.Secret[..11], false), (listed.Id, listed.Member, listed.Prefix, listed.IsOver));
        Assert.NotNull(listed.LastUsedAt);

        RotatedApiKey rotated = await Ok.Async(bob.Client.RotateApiKeyAsync(made.Id, null, default));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await UseAsync(made.Secret), await UseAsync(rotated.Secret)));

        RevokedApiKey gone = await Ok.Async(bob.Client.RevokeApiKeyAsync(made.Id[..8], "acme", default));
        Assert.Equal(("acme", made.Id), (gone.Workspace, gone.Id));
        Assert.Equal(HttpStatusCode.Unauthorized, await UseAsync(rotated.Secret));
        Assert.True(Assert.Single((await Ok.Async(bob.Client.ListApiKeysAsync(null, default))).Keys).IsOver);
    }

    [Fact]
    public async Task The_owner_sees_and_ends_the_keys_of_others_and_nobody_else_does()
    {
        MadeApiKey owners = await Ok.Async(alice.Client.CreateApiKeyAsync(new CreateApiKey("all", ["admin"]), default));
        MadeApiKey bobs = await Ok.Async(bob.Client.CreateApiKeyAsync(new CreateApiKey("ci"), default));

        ApiKeyListing listed = await Ok.Async(alice.Client.ListApiKeysAsync(null, default));
        LocalProblem missing = (await bob.Client.RevokeApiKeyAsync(owners.Id, null, default)).Problem!;
        LocalProblem theirs = (await alice.Client.RotateApiKeyAsync(bobs.Id, null, default)).Problem!;

        Assert.Equal([("ci", "bob"), ("all", "alice")], listed.Keys.Select(key => (key.Label, key.Member)));
        Assert.Equal((LocalErrors.ApiKeyNotFound, (int)ExitCode.NotFound), (missing.Error, missing.ExitCode));
        Assert.Contains("claudemesh apikey list", missing.Detail, StringComparison.Ordinal);
        Assert.Equal(LocalErrors.ApiKeyNotFound, theirs.Error);
        await Ok.Async(alice.Client.RevokeApiKeyAsync(bobs.Id, null, default));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await UseAsync(bobs.Secret), await UseAsync(owners.Secret)));
    }

    [Fact]
    public async Task What_no_key_can_be_is_refused_in_words()
    {
        CreateApiKey wish = new("ci");
        foreach ((CreateApiKey odd, string error, ExitCode code, string said) in new[]
        {
            (wish with { Label = "" }, LocalErrors.InvalidRequest, ExitCode.BadArguments, "A label has 1 to 80 characters"),
            (wish with { Can = [] }, LocalErrors.InvalidRequest, ExitCode.BadArguments, "send, read, state_write, admin"),
            (wish with { Can = ["all"] }, LocalErrors.InvalidRequest, ExitCode.BadArguments, "send, read, state_write, admin"),
            (wish with { ExpiresInSeconds = 0 }, LocalErrors.InvalidRequest, ExitCode.BadArguments, "3,650 days"),
            (wish with { Topics = [.. Enumerable.Repeat("x", 65)] }, LocalErrors.InvalidRequest, ExitCode.BadArguments, "at most 64"),
            (wish with { Topics = ["nowhere"] }, LocalErrors.TopicNotFound, ExitCode.NotFound, "nowhere"),
            (wish with { Can = ["admin"] }, "api_key_exceeds_issuer", ExitCode.Denied, "admin"),
            (wish with { Workspace = "other" }, LocalErrors.WorkspaceNotFound, ExitCode.NotFound, "other"),
        })
        {
            LocalProblem problem = (await bob.Client.CreateApiKeyAsync(odd, default)).Problem!;
            Assert.Equal((error, (int)code), (problem.Error, problem.ExitCode));
            Assert.Contains(said, problem.Detail, StringComparison.Ordinal);
        }

        Assert.Empty((await Ok.Async(bob.Client.ListApiKeysAsync(null, default))).Keys);
    }

    [Fact]
    public async Task A_secret_is_in_no_file_of_the_daemon()
    {
        MadeApiKey made = await Ok.Async(bob.Client.CreateApiKeyAsync(new CreateApiKey("canary"), default));
        RotatedApiKey rotated = await Ok.Async(bob.Client.RotateApiKeyAsync(made.Id, null, default));
        await Ok.Async(bob.Client.ListApiKeysAsync(null, default));
        await bob.StopAsync();

        string[] files = Directory.GetFiles(bob.Home.Folder, "*", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            byte[] bytes = await File.ReadAllBytesAsync(file);
            Assert.All([made.Secret, rotated.Secret], secret => Assert.True(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret[11..])) < 0, file));
        }
    }

    private async Task<HttpStatusCode> UseAsync(string secret)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri("/api/v1/peers", UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        using HttpResponseMessage response = await broker.Http.SendAsync(request);
        return response.StatusCode;
    }
}
