using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Verbs;

/// <summary>Keys for scripts: what the verbs ask for, and where the secret is printed.</summary>
public sealed class ApiKeyTests
{
    private const string Secret = "cm_Zq3xT8vLr0bW7nYk2mHs5pJd9cGf4aEuVi1oXy6tQwR";

    private static readonly MadeApiKey Made = new(
        "acme", "k7Hb2mQx9TzR4vYc1LwN8sPdU5fGj0aE", Secret, "deploy script", "http://127.0.0.1:7900", ["send", "read"], ["deploys"], Desk.Now, Desk.Now.AddDays(30));

    private static readonly ApiKeyListing Listed = new(
    [
        new("acme", Made.Id, "deploy script", Secret[..11], ["send", "read"], ["deploys"], "alice", Desk.Now.AddDays(-1), Desk.Now.AddMinutes(-5), Desk.Now.AddDays(29), null, false),
        new("acme", "m2Lx5pTw8YbQ1vRc4KzN7sJdU9fGh3aE", "phone", "cm_a4Bc8xYz", ["admin"], null, "alice", Desk.Now.AddDays(-2), null, null, Desk.Now.AddDays(-1), true),
        new("acme", "p5Nz8rVy1AdS4wTf7MbQ0uKgX2hJ6lCe", "old", "cm_w9Rt2kLp", ["read"], [], "", Desk.Now.AddDays(-9), null, Desk.Now.AddDays(-3), null, true),
    ],
    false);

    [Theory]
    [InlineData("apikey-list", "apikey list")]
    [InlineData("apikey-revoke", "apikey revoke k7Hb")]
    public async Task A_verb_prints_what_its_golden_files_say(string name, string line)
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = Scripted(desk);

        Seen people = await desk.TypeAsync(line.Split(' '));
        Seen json = await desk.TypeAsync([.. line.Split(' '), "--json"]);

        Assert.Equal((ExitCode.Ok, "", ExitCode.Ok, ""), (people.Code, people.Error, json.Code, json.Error));
        Golden.Matches(name + ".txt", people.Output);
        Golden.Matches(name + ".json", json.Output);
    }

    /// <summary>So that <c>KEY=$(claudemesh apikey create …)</c> has the key and nothing else.</summary>
    [Theory]
    [InlineData("apikey-create", "apikey create --label deploy --topic deploys --expires 30d")]
    [InlineData("apikey-rotate", "apikey rotate k7Hb2mQx9TzR4vYc1LwN8sPdU5fGj0aE")]
    public async Task A_secret_stands_alone_on_standard_output_and_what_is_said_of_it_beside(string name, string line)
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = Scripted(desk);

        Seen people = await desk.TypeAsync(line.Split(' '));
        Seen json = await desk.TypeAsync([.. line.Split(' '), "--json"]);

        Assert.Equal((ExitCode.Ok, Secret + "\n"), (people.Code, people.Output));
        Assert.Contains("It is not shown again", people.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, people.Error, StringComparison.Ordinal);
        Golden.Matches(name + ".txt", people.Error);
        Assert.Equal((ExitCode.Ok, ""), (json.Code, json.Error));
        Golden.Matches(name + ".json", json.Output);
    }

    [Theory]
    [InlineData("apikey create --label ci", "POST /v1/api-keys", """{"label":"ci","can":["send","read"],"topics":null,"expires_in_seconds":null,"workspace":null}""")]
    [InlineData("apikey create --label ci --can read,state_write --topic #ops --topic deploys --expires 12h -w acme", "POST /v1/api-keys", """{"label":"ci","can":["read","state_write"],"topics":["#ops","deploys"],"expires_in_seconds":43200,"workspace":"acme"}""")]
    [InlineData("apikey create --label ci --can read --can send", "POST /v1/api-keys", """{"label":"ci","can":["read","send"],"topics":null,"expires_in_seconds":null,"workspace":null}""")]
    [InlineData("apikey list -w acme", "GET /v1/api-keys?workspace=acme", "")]
    [InlineData("apikey revoke k7Hb -w acme", "DELETE /v1/api-keys/k7Hb?workspace=acme", "")]
    [InlineData("apikey rotate a/b", "POST /v1/api-keys/a%2Fb/rotate", "")]
    public async Task A_verb_makes_the_request_that_was_meant(string line, string request, string body)
    {
        using var desk = new Desk();
        string[] route = request.Split('?')[0].Split(' ');
        LocalProblem problem = LocalProblem.Of(LocalErrors.NoWorkspace, "You are in no workspace.", 404, ExitCode.NotFound);
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Refuses(route[0], route[1], problem);

        Seen seen = await desk.TypeAsync(line.Split(' '));

        Assert.Equal((ExitCode.NotFound, "", "claudemesh: You are in no workspace.\n"), (seen.Code, seen.Output, seen.Error));
        Assert.Equal((request + " HTTP/1.1", body), daemon.Requests.Last());
    }

    [Theory]
    [InlineData("apikey create", "Option '--label' is required.")]
    [InlineData("apikey create --label x --can wrte", "--can takes send, read, state_write or admin, with commas between them, not 'wrte'.")]
    [InlineData("apikey create --label x --can sned", "Did you mean 'send'?")]
    [InlineData("apikey create --label x --can read,", "not ''")]
    [InlineData("apikey create --label x --expires soon", "--expires takes a time such as 30s, 15m, 12h or 7d, not 'soon'.")]
    [InlineData("apikey crate", "'claudemesh apikey' has no verb 'crate'. Did you mean 'create'?")]
    [InlineData("apikey revoke", "'claudemesh apikey revoke' needs ID.")]
    public async Task A_mistake_is_said_before_anything_is_asked(string line, string said)
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = new(desk.Home);

        Seen seen = await desk.TypeAsync(line.Split(' '));

        Assert.Equal((ExitCode.BadArguments, ""), (seen.Code, seen.Output));
        Assert.Contains(said, seen.Error, StringComparison.Ordinal);
        Assert.Empty(daemon.Requests);
    }

    [Fact]
    public async Task Where_there_is_no_key_it_says_how_one_is_made_and_where_there_are_more_that_too()
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Answers("GET", LocalRoutes.ApiKeys, new ApiKeyListing([], true), LocalJson.Default.ApiKeyListing);

        Seen seen = await desk.TypeAsync("apikey", "list");

        Assert.Equal("There is no API key: claudemesh apikey create makes one.\n", seen.Output);
        Assert.Contains("older keys", seen.Error, StringComparison.Ordinal);
    }

    private static ScriptedDaemon Scripted(Desk desk) => new ScriptedDaemon(desk.Home)
        .Answers("POST", LocalRoutes.ApiKeys, Made, LocalJson.Default.MadeApiKey)
        .Answers("GET", LocalRoutes.ApiKeys, Listed, LocalJson.Default.ApiKeyListing)
        .Answers("DELETE", LocalRoutes.ApiKeys + "/k7Hb", new RevokedApiKey("acme", Made.Id), LocalJson.Default.RevokedApiKey)
        .Answers("POST", $"{LocalRoutes.ApiKeys}/{Made.Id}/rotate", new RotatedApiKey("acme", Made.Id, Secret, Made.Url), LocalJson.Default.RotatedApiKey);
}
