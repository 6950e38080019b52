using System.Collections.Concurrent;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Rest;

/// <summary>
/// Every row of the REST table with every kind of key: what the door says is what the table of permissions says, and no handler runs for whom it
/// refuses. The handlers are exchanged for one that notes that it ran.
/// </summary>
public sealed class RouteWalkTests
{
    private static readonly KeyCapability[] Capabilities = Enum.GetValues<KeyCapability>();

    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());
    private readonly ConcurrentQueue<RestRoute> ran = new();
    private RestRoutes routes = new();

    [Fact]
    [Trait("rest", "7.2 C20")]
    public async Task Who_has_no_good_key_gets_past_no_door()
    {
        await using Walk walk = await WalkAsync();
        using TestKey revoked = await walk.Mesh.MakeKeyAsync();
        using TestKey expired = await walk.Mesh.MakeKeyAsync(expiresAt: clock.GetUtcNow().AddSeconds(1));
        await using TestPeer owner = await walk.Mesh.OwnerAsync();
        await owner.AskAsync(new ApiKeyRevoke(revoked.Id));
        clock.Advance(TimeSpan.FromSeconds(2));
        foreach (RestRoute route in Locked)
        {
            // So that the bound for keys that do not exist is not what refuses.
            clock.Advance(TimeSpan.FromSeconds(1));
            foreach (string? header in (string?[])[null, "", "Bearer", "Basic eDp5", revoked.Secret])
                await RefusedAsync(walk, route, header, 401, "api_key_missing");
            foreach (string key in (string[])["", "cm_", "cm_" + new string('x', 42), "cm_" + new string('!', 43), ApiKeySecret.Generate().Reveal(), revoked.Secret, expired.Secret])
                await RefusedAsync(walk, route, "Bearer " + key, 401, key.Length == 0 ? "api_key_missing" : "api_key_invalid");
        }

        Assert.Empty(ran);
    }

    [Theory]
    [InlineData(MemberRole.Member)]
    [InlineData(MemberRole.Admin)]
    [InlineData(MemberRole.Owner)]
    [Trait("rest", "7.1 A6")]
    [Trait("wire", "7.3 #10")]
    public async Task A_key_with_one_capability_is_let_in_where_the_table_says_so_and_nowhere_else(MemberRole role)
    {
        await using Walk walk = await WalkAsync();
        TestMember issuer = role is MemberRole.Owner ? walk.Mesh.OwnerMember() : await walk.Mesh.AddMemberAsync("ann", role: "admin");
        Dictionary<KeyCapability, TestKey> keys = [];
        foreach (KeyCapability capability in Capabilities)
            keys[capability] = await issuer.MakeKeyAsync([capability]);

        // A member makes none with admin; one who was an admin has it still, and it is good for what a member may.
        if (role is MemberRole.Member)
            await walk.Mesh.Log.AppendAsync(new LogBody.Role(issuer.Key.Public, LogRole.Member));

        foreach (RestRoute route in Locked)
        {
            foreach ((KeyCapability capability, TestKey key) in keys)
            {
                Operation operation = route.Operation!.Value;
                string? expected = !Permissions.Table[operation].Takes(Credential.ApiKey) ? "credential_not_enough"
                    : !Permissions.Allow(role, operation) ? "forbidden"
                    : capability is KeyCapability.Admin || KeyWords.Read([capability]) == Permissions.NeededFor(operation) ? null
                    : "api_key_missing_capability";
                await AskedAsync(walk, route, key, "deploys", expected, expected is null ? 200 : 403);
            }
        }

        foreach (TestKey key in keys.Values)
            key.Dispose();
    }

    [Fact]
    [Trait("rest", "7.1 A7")]
    public async Task A_key_for_one_topic_gets_as_far_as_that_topic()
    {
        await using Walk walk = await WalkAsync();
        using TestKey key = await walk.Mesh.MakeKeyAsync([KeyCapability.Admin], ["deploys"]);
        using TestKey none = await walk.Mesh.MakeKeyAsync([KeyCapability.Admin], []);
        foreach (RestRoute route in Locked)
        {
            bool namesTopic = route.Path.Contains("{topic}", StringComparison.Ordinal);
            string? refusal = !Permissions.Table[route.Operation!.Value].Takes(Credential.ApiKey) ? "credential_not_enough"
                : route.Reach is KeyReach.Workspace ? "api_key_topic_out_of_scope" : null;
            await AskedAsync(walk, route, key, "deploys", refusal, refusal is null ? 200 : 403);
            await AskedAsync(walk, route, none, "deploys", namesTopic ? "api_key_topic_out_of_scope" : refusal, namesTopic || refusal is not null ? 403 : 200);
            if (namesTopic)
            {
                await AskedAsync(walk, route, key, "general", "api_key_topic_out_of_scope", 403);
                await AskedAsync(walk, route, key, "nowhere", refusal ?? "topic_not_found", refusal is null ? 404 : 403);
            }
        }
    }

    /// <summary>Whether a route is bounded by topic is said in its row, and only a path or a body can name one.</summary>
    [Fact]
    [Trait("rest", "7.1 A7")]
    public async Task A_row_that_is_about_one_topic_says_so()
    {
        await using Walk walk = await WalkAsync();
        Assert.All(
            routes.All.Where(route => route.Path.Contains("{topic}", StringComparison.Ordinal)),
            route => Assert.Equal(KeyReach.OneTopic, route.Reach));
    }

    [Fact]
    public async Task A_key_for_a_topic_keeps_it_under_another_name_and_does_not_get_one_that_takes_the_old()
    {
        await using Walk walk = await WalkAsync();
        await using TestPeer owner = await walk.Mesh.OwnerAsync();
        using TestKey key = await walk.Mesh.MakeKeyAsync([KeyCapability.Admin], ["deploys"]);
        RestRoute route = routes.All.First(each => each.Path.Contains("{topic}", StringComparison.Ordinal));

        await owner.AskAsync(new TopicUpdate("deploys", TopicName.Parse("releases")));
        await owner.AskAsync(new TopicCreate(TopicName.Parse("deploys")));

        await AskedAsync(walk, route, key, "releases", null, 200);
        await AskedAsync(walk, route, key, "deploys", "api_key_topic_out_of_scope", 403);
        Assert.Equal(["releases"], (await ApiKeys.ApiKeyMessageTests.ListAsync(owner))[0]["topicScopes"].Texts());
    }

    /// <summary>Those that ask for a key: about a workspace.</summary>
    private IEnumerable<RestRoute> Locked => routes.All.Where(route => route.Operation is { } operation && !Permissions.IsOfAccount(operation));

    private async Task<Walk> WalkAsync()
    {
        TestBroker broker = await TestBroker.StartAsync(clock, services: Exchange);
        TestMesh mesh = await TestMesh.StartAsync(clock, broker, log: LogKind.Mixed);
        await using TestPeer owner = await mesh.OwnerAsync();
        await owner.AskAsync(new TopicCreate(TopicName.Parse("deploys")));
        return new Walk(broker, mesh);
    }

    private void Exchange(IServiceCollection services)
    {
        RestRoutes real = (RestRoutes)services.Last(service => service.ServiceType == typeof(RestRoutes)).ImplementationInstance!;
        routes = new RestRoutes();
        foreach (RestRoute route in real.All)
            routes.Add(route.Operation is null ? route : route with { Handle = call => Note(route, call) });
        services.AddSingleton(routes);
    }

    private Task Note(RestRoute route, RestCall call)
    {
        ran.Enqueue(route);
        call.Http.Response.StatusCode = StatusCodes.Status200OK;
        return Task.CompletedTask;
    }

    private async Task AskedAsync(Walk walk, RestRoute route, TestKey key, string topic, string? code, int status)
    {
        ran.Clear();
        RestAnswer answer = await key.SendAsync(new HttpMethod(route.Method), PathOf(route, topic));
        Assert.True((answer.Status, answer.Code) == (status, code), $"{route.Method} {route.Path} with {topic}: {answer.Status} {answer.Code}, not {status} {code}");
        Assert.Equal(code is null ? 1 : 0, ran.Count);
        GC.KeepAlive(walk);
    }

    private static async Task RefusedAsync(Walk walk, RestRoute route, string? header, int status, string code)
    {
        using HttpRequestMessage request = new(new HttpMethod(route.Method), new Uri("/api/v1" + PathOf(route, "deploys"), UriKind.Relative));
        if (header is not null)
            request.Headers.TryAddWithoutValidation("Authorization", header);
        RestAnswer answer = await RestAnswer.ReadAsync(await walk.Broker.Http.SendAsync(request));
        Assert.True((answer.Status, answer.Code) == (status, code), $"{route.Method} {route.Path} with {header}: {answer.Status} {answer.Code}, not {status} {code}");
        Assert.StartsWith("Bearer", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Whatever else the path names need not be there: the door does not ask.</summary>
    private static string PathOf(RestRoute route, string topic) => string.Join('/', route.Path.Split('/').Select(part =>
        part is "{topic}" ? topic : part.StartsWith('{') ? "some" : part));

    private sealed record Walk(TestBroker Broker, TestMesh Mesh) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Mesh.DisposeAsync();
            await Broker.DisposeAsync();
        }
    }
}
