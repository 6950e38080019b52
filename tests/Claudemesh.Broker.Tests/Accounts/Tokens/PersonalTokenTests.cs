using System.Text.Json.Nodes;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Tests.Accounts.Sessions;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Accounts.Tokens;

/// <summary>A personal token acts as its account's member, with no more than its scopes, for no longer than its time, and ends with the account.</summary>
public sealed class PersonalTokenTests
{
    private const string Mine = "/api/my/tokens";

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 28, 9, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_token_is_told_once_and_listed_with_its_last_use()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        using TestAccount ann = await OwnerAsync(mesh);
        RestAnswer made = await ann.AskAsync(HttpMethod.Post, Mine, """{"name":"nightly","scopes":["post","read"],"expiresInDays":365}""");
        string token = (string)made.Body!["token"]!;
        Assert.Matches("^cmp_[0-9A-Za-z_-]{43}$", token);
        Assert.Equal((201, clock.GetUtcNow().AddDays(365), token[..12]), (made.Status, (DateTimeOffset)made.Body["expiresAt"]!, (string?)made.Body["prefix"]));

        using HttpClient http = mesh.Broker.Bearer(token);
        clock.Advance(TimeSpan.FromHours(3));
        Assert.Equal(200, (await http.SendAsync(HttpMethod.Get, "/api/v1/topics")).Status);

        using TestAccount later = await ann.SignInAgainAsync(mesh.Broker);
        RestAnswer listed = await later.GetAsync(Mine);
        JsonNode one = Assert.Single(listed.Body!["tokens"]!.AsArray())!;
        Assert.Equal(("nightly", clock.GetUtcNow(), null), ((string?)one["name"], (DateTimeOffset)one["lastUsedAt"]!, (string?)one["revokedAt"]));
        Assert.Equal(["read", "post"], one["scopes"]!.AsArray().Select(scope => (string)scope!));
        Assert.DoesNotContain(token, listed.Text, StringComparison.Ordinal);
        await mesh.Broker.Services.GetRequiredService<KeyUse>().WriteAsync(CancellationToken.None);
        Assert.Equal(1, await CountAsync(mesh.Broker, "SELECT count(*) FROM personal_token WHERE last_used_at IS NOT NULL"));
    }

    [Theory]
    [InlineData("""{"name":"x","scopes":[],"expiresInDays":1}""")]
    [InlineData("""{"name":"x","scopes":["everything"],"expiresInDays":1}""")]
    [InlineData("""{"name":"x","scopes":["read"],"expiresInDays":0}""")]
    [InlineData("""{"name":"x","scopes":["read"],"expiresInDays":366}""")]
    [InlineData("""{"name":"x","scopes":["read"]}""")]
    [InlineData("""{"name":"","scopes":["read"],"expiresInDays":1}""")]
    [InlineData("""{"scopes":["read"],"expiresInDays":1}""")]
    public async Task A_wish_that_says_less_or_more_than_it_may_is_told_so(string wish)
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");

        Assert.Equal((400, "invalid_args"), await StatusAsync(ann.AskAsync(HttpMethod.Post, Mine, wish)));
    }

    [Fact]
    public async Task Making_one_asks_for_a_fresh_proof_and_no_token_makes_or_ends_one()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        (string id, string token) = await ann.MakeTokenAsync("admin read post state");
        using HttpClient http = broker.Bearer(token);
        const string Wish = """{"name":"x","scopes":["read"],"expiresInDays":1}""";

        Assert.Equal((403, "credential_not_enough"), await StatusAsync(http.SendAsync(HttpMethod.Post, Mine, Wish)));
        Assert.Equal((403, "credential_not_enough"), await StatusAsync(http.SendAsync(HttpMethod.Delete, $"{Mine}/{id}")));
        Assert.Equal((403, "credential_not_enough"), await StatusAsync(http.SendAsync(HttpMethod.Delete, "/api/my/sessions")));
        Assert.Equal(200, (await http.SendAsync(HttpMethod.Get, Mine)).Status);
        clock.Advance(LoginSession.FreshFor);
        Assert.Equal((403, "fresh_authentication_required"), await StatusAsync(ann.AskAsync(HttpMethod.Post, Mine, Wish)));
    }

    /// <summary>What a token makes would be there when the token is over.</summary>
    [Fact]
    public async Task A_token_makes_no_api_key_and_a_session_only_with_a_fresh_proof()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        using TestAccount ann = await OwnerAsync(mesh);
        using HttpClient http = mesh.Broker.Bearer((await ann.MakeTokenAsync("admin")).Token);
        const string Wish = """{"label":"x","capabilities":["admin"]}""";

        Assert.Equal((403, "credential_not_enough"), await StatusAsync(http.SendAsync(HttpMethod.Post, "/api/v1/api-keys", Wish)));
        Assert.Equal(201, (await ann.AskAsync(HttpMethod.Post, "/api/v1/api-keys", Wish)).Status);
        clock.Advance(LoginSession.FreshFor);
        Assert.Equal((403, "fresh_authentication_required"), await StatusAsync(ann.AskAsync(HttpMethod.Post, "/api/v1/api-keys", Wish)));
        Assert.Equal(200, (await ann.GetAsync("/api/v1/api-keys")).Status);
    }

    /// <summary>1.x signed whatever workspaces and roles a request named.</summary>
    [Fact]
    [Trait("rest", "7.1 A3")]
    [Trait("wire", "7.3 #21")]
    public async Task Neither_a_token_nor_a_session_reaches_a_workspace_that_the_account_is_not_in()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        await using TestMesh own = await TestMesh.StartAsync(clock, broker);
        await using TestMesh other = await TestMesh.StartAsync(clock, broker);
        using TestAccount ann = await OwnerAsync(own);

        string wish = $$"""{"name":"x","scopes":["admin"],"expiresInDays":1,"workspace":"{{other.Slug}}"}""";
        Assert.Equal((404, "not_your_workspace"), await StatusAsync(ann.AskAsync(HttpMethod.Post, Mine, wish)));
        using HttpClient http = broker.Bearer((await ann.MakeTokenAsync("admin")).Token);
        foreach (HttpClient client in (HttpClient[])[http, ann.Http])
        {
            foreach (string named in (string[])[other.Slug, other.Id, "nowhere", "*", $"{own.Slug},{other.Slug}", "' OR 1=1 --"])
                Assert.Equal((named, "not_your_workspace"), (named, (await client.SendAsync(HttpMethod.Get, "/api/v1/topics", workspace: named)).Code));
            Assert.Equal(200, (await client.SendAsync(HttpMethod.Get, "/api/v1/topics", workspace: own.Id)).Status);
        }
    }

    [Fact]
    public async Task A_token_for_one_workspace_is_good_there_alone()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        await using TestMesh first = await TestMesh.StartAsync(clock, broker);
        await using TestMesh second = await TestMesh.StartAsync(clock, broker);
        using TestAccount ann = await OwnerAsync(first);
        await ann.OwnMemberAsync(broker, second.OwnerId);
        using HttpClient only = broker.Bearer((await ann.MakeTokenAsync("read", first.Slug)).Token);
        using HttpClient all = broker.Bearer((await ann.MakeTokenAsync("read")).Token);

        Assert.Equal(200, (await only.SendAsync(HttpMethod.Get, "/api/v1/topics")).Status);
        Assert.Equal(200, (await only.SendAsync(HttpMethod.Get, "/api/v1/topics", workspace: first.Id)).Status);
        Assert.Equal((403, "token_other_workspace"), await StatusAsync(only.SendAsync(HttpMethod.Get, "/api/v1/topics", workspace: second.Slug)));
        Assert.Equal((403, "token_other_workspace"), await StatusAsync(only.SendAsync(HttpMethod.Get, "/api/my/sessions")));
        Assert.Equal(first.Slug, (string?)Assert.Single((await only.SendAsync(HttpMethod.Get, "/api/v1/me/workspace")).Body!["meshes"]!.AsArray())!["slug"]);
        Assert.Equal((400, "workspace_required"), await StatusAsync(all.SendAsync(HttpMethod.Get, "/api/v1/topics")));
        Assert.Equal(200, (await all.SendAsync(HttpMethod.Get, "/api/v1/topics", workspace: second.Slug)).Status);
    }

    [Fact]
    public async Task Whom_a_workspace_removes_it_refuses_by_every_token_and_session_of_his()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using TestPeer owner = await mesh.OwnerAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using TestAccount account = await TestAccount.CreateAsync(mesh.Broker, "bob");
        await account.OwnMemberAsync(mesh.Broker, bob.Member.Id);
        using HttpClient http = mesh.Broker.Bearer((await account.MakeTokenAsync("admin")).Token);
        using TestStream open = await TestStream.OpenAsync(http, "/stream");
        using TestStream sessions = await TestStream.OpenAsync(account.Http, "/stream");

        await owner.AskAsync(new Ban("bob"));

        foreach (TestStream stream in (TestStream[])[open, sessions])
            Assert.Equal("ended", (await stream.NextAsync())!.Name);
        Assert.Equal((404, "not_your_workspace"), await StatusAsync(http.SendAsync(HttpMethod.Get, "/api/v1/topics", workspace: mesh.Slug)));
        Assert.Equal((404, "not_your_workspace"), await StatusAsync(account.GetAsync("/api/v1/topics", mesh.Slug)));
        Assert.Empty((await account.GetAsync("/api/v1/me/workspace")).Body!["meshes"]!.AsArray());
        Assert.Equal(200, (await http.SendAsync(HttpMethod.Get, "/api/my/sessions")).Status);
    }

    [Fact]
    public async Task A_token_that_is_revoked_or_whose_time_is_over_opens_nothing_and_what_it_has_open_ends()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        using TestAccount ann = await OwnerAsync(mesh);
        (string id, string revoked) = await ann.MakeTokenAsync("read");
        (_, string expired) = await ann.MakeTokenAsync("read", days: 2);
        (_, string ended) = await ann.MakeTokenAsync("read");
        using HttpClient first = mesh.Broker.Bearer(revoked);
        using HttpClient second = mesh.Broker.Bearer(expired);
        using HttpClient third = mesh.Broker.Bearer(ended);
        using TestStream one = await TestStream.OpenAsync(first, "/stream");
        using TestStream two = await TestStream.OpenAsync(second, "/stream");
        using TestStream three = await TestStream.OpenAsync(third, "/stream");

        Assert.Equal(204, (await ann.AskAsync(HttpMethod.Delete, $"{Mine}/{id}")).Status);
        Assert.Equal(204, (await ann.AskAsync(HttpMethod.Delete, $"{Mine}/{id}")).Status);
        Assert.Equal((404, "token_not_found"), await StatusAsync(ann.AskAsync(HttpMethod.Delete, $"{Mine}/nonsense")));
        await EndedAsync(one, first);

        Assert.Equal(200, (await mesh.Broker.Http.PostFormAsync("/oauth/revoke", ("token", ended))).Status);
        await EndedAsync(three, third);

        for (int day = 0; day < 2; day++)
            clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal("token_invalid", (await second.SendAsync(HttpMethod.Get, "/api/v1/topics")).Code);
        await EndedAsync(two, second);
    }

    [Fact]
    public async Task Tokens_end_with_their_account()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        using HttpClient http = broker.Bearer((await ann.MakeTokenAsync("read")).Token);

        await broker.Services.GetRequiredService<Database>().WriteAsync(
            scope => scope.Sql.Execute("UPDATE account SET deleted_at = @now WHERE user_id = @user", ("@now", scope.Now.Micros), ("@user", ann.Id.Value)),
            CancellationToken.None);

        Assert.Equal((401, "token_invalid"), await StatusAsync(http.SendAsync(HttpMethod.Get, "/api/my/sessions")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stolen_member_key_ends_the_tokens_for_that_workspace_and_one_that_moves_does_not(bool isStolen)
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock, log: LogKind.Mixed);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using TestAccount account = await TestAccount.CreateAsync(mesh.Broker, "bob");
        await account.OwnMemberAsync(mesh.Broker, bob.Member.Id);
        using HttpClient only = mesh.Broker.Bearer((await account.MakeTokenAsync("read", mesh.Slug)).Token);
        using HttpClient all = mesh.Broker.Bearer((await account.MakeTokenAsync("read")).Token);
        using TestStream open = await TestStream.OpenAsync(only, "/stream");
        using MemberSecretKey fresh = MemberSecretKey.Generate();
        LogDraft draft = mesh.Log.Draft(bob.Member.Key);
        Assert.Equal(LogRefusal.None, draft.AddKeyChange(fresh, isStolen));

        await mesh.Log.AppendAsync(draft, [mesh.Log.CopyFor(fresh.Public)], socket: bob.Socket);

        // The sessions stay: a device is taken out by its account, not by one of its workspaces.
        Assert.Equal(200, (await all.SendAsync(HttpMethod.Get, "/api/v1/topics")).Status);
        Assert.Equal(200, (await account.GetAsync("/api/v1/topics")).Status);
        if (isStolen)
            await EndedAsync(open, only);
        else
            Assert.Equal(200, (await only.SendAsync(HttpMethod.Get, "/api/v1/topics")).Status);
    }

    [Fact]
    public async Task An_account_has_at_most_fifty_that_are_good_and_what_is_over_makes_room()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        const string Wish = """{"name":"x","scopes":["read"],"expiresInDays":1}""";
        string? last = null;
        for (int i = 0; i < PersonalTokenStore.PerAccountMax; i++)
            last = (string?)(await ann.AskAsync(HttpMethod.Post, Mine, Wish)).Body!["id"];

        Assert.Equal((429, "too_many_tokens"), await StatusAsync(ann.AskAsync(HttpMethod.Post, Mine, Wish)));
        await ann.AskAsync(HttpMethod.Delete, $"{Mine}/{last}");
        Assert.Equal((201, null), await StatusAsync(ann.AskAsync(HttpMethod.Post, Mine, Wish)));
    }

    [Fact]
    public async Task Of_a_token_the_broker_keeps_its_hash_and_none_is_logged()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        (string id, string token) = await ann.MakeTokenAsync("read");
        Assert.True(PersonalTokenSecret.TryParse(token, out PersonalTokenSecret secret));

        Assert.Equal("a personal token", $"{secret}");
        Assert.Equal($"personal token {id}", new PersonalTokenMade(id, token, DisplayName.Parse("x"), "", [], default, default).ToString());
        byte[] kept = (await broker.Services.GetRequiredService<Database>().ReadAsync(
            (Sql sql) => sql.Find("SELECT hash FROM personal_token", static row => row.GetFieldValue<byte[]>(0)), CancellationToken.None))!;
        Assert.Equal(secret.Hash(), kept);
    }

    /// <summary>Tokens that are none cost a read of the database each.</summary>
    [Fact]
    [Trait("rest", "7.1 A22")]
    public async Task Guessing_at_tokens_is_bounded_for_each_address_and_one_that_is_known_is_no_guess()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        using HttpClient known = broker.Bearer((await ann.MakeTokenAsync("read")).Token);
        Assert.Equal(200, (await known.SendAsync(HttpMethod.Get, "/api/my/sessions")).Status);
        for (int i = 0; i < LookupRate.AtOnce; i++)
        {
            using HttpClient guess = broker.Bearer(PersonalTokenSecret.Generate().Reveal());
            Assert.Equal(401, (await guess.SendAsync(HttpMethod.Get, "/api/my/sessions")).Status);
        }

        using HttpClient http = broker.Bearer(PersonalTokenSecret.Generate().Reveal());
        RestAnswer refused = await http.SendAsync(HttpMethod.Get, "/api/my/sessions");
        Assert.Equal((429, "wrong_key_rate"), (refused.Status, refused.Code));
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(200, (await known.SendAsync(HttpMethod.Get, "/api/my/sessions")).Status);
    }

    /// <summary>1.x believed a header that named a member, and listed the ids of members to anybody.</summary>
    [Fact]
    [Trait("rest", "7.1 A4")]
    [Trait("rest", "7.1 A5")]
    [Trait("wire", "7.3 #3")]
    public async Task A_header_that_names_another_member_makes_nobody_more_than_he_is()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using TestAccount account = await TestAccount.CreateAsync(mesh.Broker, "bob");
        await account.OwnMemberAsync(mesh.Broker, bob.Member.Id);
        using HttpClient token = mesh.Broker.Bearer((await account.MakeTokenAsync("admin")).Token);
        foreach (HttpClient http in (HttpClient[])[account.Http, token])
        {
            foreach (string header in (string[])["X-Member-Id", "X-Requester-Id", "X-User-Id", "X-Role"])
                http.DefaultRequestHeaders.TryAddWithoutValidation(header, header is "X-Role" ? "owner" : mesh.OwnerId);

            Assert.Equal((403, "forbidden"), await StatusAsync(http.SendAsync(HttpMethod.Patch, "/api/v1/workspace", """{"slug":"taken"}""")));
            Assert.Equal(bob.Member.Id, (string?)(await http.SendAsync(HttpMethod.Get, "/api/v1/me/workspace")).Body!["meshes"]![0]!["memberId"]);
        }

        Assert.Equal((401, "api_key_missing"), await StatusAsync(mesh.Broker.Http.SendAsync(HttpMethod.Get, "/api/v1/members")));
    }

    private static async Task<TestAccount> OwnerAsync(TestMesh mesh)
    {
        TestAccount account = await TestAccount.CreateAsync(mesh.Broker, "ann");
        await account.OwnMemberAsync(mesh.Broker, mesh.OwnerId);
        return account;
    }

    private static async Task EndedAsync(TestStream open, HttpClient http)
    {
        StreamEvent? ended = await open.NextAsync();
        while (ended is { Name: "heartbeat" })
            ended = await open.NextAsync();
        Assert.Equal(("ended", "token_invalid"), (ended!.Name, (string?)ended.Json["code"]));
        Assert.Equal((401, "token_invalid"), await StatusAsync(http.SendAsync(HttpMethod.Get, "/api/v1/topics")));
    }

    private static async Task<long?> CountAsync(TestBroker broker, string sql) =>
        await broker.Services.GetRequiredService<Database>().ReadAsync((Sql read) => read.FindNumber(sql), CancellationToken.None);

    private static async Task<(int Status, string? Code)> StatusAsync(Task<RestAnswer> asked)
    {
        RestAnswer answer = await asked;
        return (answer.Status, answer.Code);
    }
}
