using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Audit;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Workspaces;

/// <summary>Which member is which account's: one person is one member, and who was removed does not come back as another.</summary>
public sealed class MyMeshTests
{
    [Fact]
    [Trait("rest", "7.2 C6")]
    public async Task A_member_that_an_account_claims_is_listed_and_acts_by_its_session()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer owner = await mesh.OwnerAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestAccount account = await TestAccount.CreateAsync(mesh.Broker, "bob");

        RestAnswer claimed = await ClaimAsync(account, mesh, bob.Key);
        RestAnswer again = await ClaimAsync(account, mesh, bob.Key);

        Assert.Equal((200, 200), (claimed.Status, again.Status));
        JsonObject mine = (JsonObject)(await GetAsync(account, "/api/my/meshes")).Body!["meshes"]![0]!;
        Assert.Equal((mesh.Id, mesh.Slug, bob.Id, bob.Key.Public.ToString(), "member", 2),
            ((string?)mine["id"], (string?)mine["slug"], (string?)mine["memberId"], (string?)mine["memberPub"], (string?)mine["role"], (int)mine["memberCount"]!));
        Assert.Equal(200, (await GetAsync(account, "/api/v1/members")).Status);
        Assert.Single(await AuditTellingTests.ReadAsync(owner), entry => (string?)entry["eventType"] == "member_claimed" && (string?)entry["actor"] == bob.Id);
    }

    [Fact]
    public async Task A_claim_needs_the_members_own_signature_over_this_account_workspace_and_time()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestAccount account = await TestAccount.CreateAsync(mesh.Broker, "bob");
        using MemberSecretKey stranger = MemberSecretKey.Generate();
        long now = mesh.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        long old = now - 11 * 60_000;

        Assert.Equal("bad_possession", (await PutAsync(account, mesh.Id, bob.Key.Public, now, stranger.Sign(new MemberClaimText(mesh.Id, account.Id.Value, bob.Key.Public, now)))).Code);
        Assert.Equal("bad_possession", (await PutAsync(account, mesh.Id, bob.Key.Public, now, bob.Key.Sign(new MemberClaimText(mesh.Id, "another", bob.Key.Public, now)))).Code);
        Assert.Equal("bad_possession", (await PutAsync(account, mesh.Id, bob.Key.Public, now, bob.Key.Sign(new MemberClaimText("another", account.Id.Value, bob.Key.Public, now)))).Code);
        Assert.Equal("bad_possession", (await PutAsync(account, mesh.Id, bob.Key.Public, old, bob.Key.Sign(new MemberClaimText(mesh.Id, account.Id.Value, bob.Key.Public, old)))).Code);
        Assert.Equal("member_not_found", (await ClaimAsync(account, mesh, stranger)).Code);
        Assert.Equal("not_your_workspace", (await PutAsync(account, RandomBytes.NextId(), bob.Key.Public, now, new byte[64])).Code);
        Assert.Empty((await GetAsync(account, "/api/my/meshes")).Body!["meshes"]!.AsArray());
    }

    [Fact]
    public async Task An_account_has_one_member_in_a_workspace_and_a_member_one_account()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        TestMember second = await mesh.AddMemberAsync("bob2");
        using TestAccount account = await TestAccount.CreateAsync(mesh.Broker, "bob");
        using TestAccount other = await TestAccount.CreateAsync(mesh.Broker, "carol");
        await ClaimAsync(account, mesh, bob.Key);

        Assert.Equal((409, "already_member"), Refusal(await ClaimAsync(account, mesh, second.Key)));
        Assert.Equal((409, "already_member"), Refusal(await ClaimAsync(other, mesh, bob.Key)));
        Assert.Equal(200, (await ClaimAsync(other, mesh, second.Key)).Status);
    }

    [Fact]
    public async Task One_person_who_joins_twice_is_one_member()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestInvite invite = await mesh.Log.InviteAsync(uses: 5);
        using TestAccount account = await TestAccount.CreateAsync(mesh.Broker, "ann");
        using MemberSecretKey key = MemberSecretKey.Generate();
        using MemberSecretKey another = MemberSecretKey.Generate();
        RestAnswer first = await JoinAsync(account, mesh, invite, key);
        await mesh.Log.ReadOnAsync();
        await ClaimAsync(account, mesh, key);

        RestAnswer second = await JoinAsync(account, mesh, invite, key);
        RestAnswer otherKey = await JoinAsync(account, mesh, invite, another);

        Assert.Equal((200, 200), (first.Status, second.Status));
        Assert.Equal((string?)first.Body!["memberId"], (string?)second.Body!["memberId"]);
        Assert.Equal((409, "already_member"), Refusal(otherKey));
        Assert.Equal(2, (int)(await GetAsync(account, "/api/my/meshes")).Body!["meshes"]![0]!["memberCount"]!);
    }

    [Fact]
    [Trait("wire", "7.3 #3")]
    [Trait("rest", "7.1 A4")]
    [Trait("rest", "7.1 A5")]
    public async Task No_header_makes_anybody_another_member_or_an_admin()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestAccount account = await TestAccount.CreateAsync(mesh.Broker, "bob");
        await ClaimAsync(account, mesh, bob.Key);
        foreach (HttpClient http in new[] { account.Http, mesh.Broker.Http })
            http.DefaultRequestHeaders.Add("X-Member-Id", mesh.OwnerId);

        RestAnswer asBob = await SendAsync(account.Http, HttpMethod.Patch, "/api/v1/workspace", """{"name":"Mine now"}""");
        RestAnswer audit = await GetAsync(account, "/api/v1/audit");
        RestAnswer asNobody = await SendAsync(mesh.Broker.Http, HttpMethod.Get, "/api/v1/members");
        RestAnswer renaming = await SendAsync(mesh.Broker.Http, HttpMethod.Patch, "/api/v1/workspace", $$"""{"name":"x","requester_id":"{{mesh.OwnerId}}"}""");

        Assert.Equal((403, 403), (asBob.Status, audit.Status));
        Assert.Equal((401, 401), (asNobody.Status, renaming.Status));
    }

    [Fact]
    public async Task Only_who_may_makes_workspaces()
    {
        await using TestBroker accounts = await TestBroker.StartAsync(change: settings => settings with { Creation = WorkspaceCreation.Accounts });
        await using TestBroker nobody = await TestBroker.StartAsync(change: settings => settings with { Creation = WorkspaceCreation.Nobody });
        using TestAccount ann = await TestAccount.CreateAsync(accounts, "ann");
        using TestAccount bea = await TestAccount.CreateAsync(nobody, "bea");

        Assert.Equal((401, "sign_in_required"), Refusal(await SendAsync(accounts.Http, HttpMethod.Post, "/api/v1/workspaces", Creation())));
        Assert.Equal(201, (await SendAsync(ann.Http, HttpMethod.Post, "/api/v1/workspaces", Creation())).Status);
        Assert.Equal((403, "creation_closed"), Refusal(await SendAsync(bea.Http, HttpMethod.Post, "/api/v1/workspaces", Creation())));
    }

    [Fact]
    public async Task An_operator_invites_to_the_broker_and_nobody_else()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        using TestAccount operators = await TestAccount.CreateAsync(broker, "root", isOperator: true);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");

        RestAnswer made = await SendAsync(operators.Http, HttpMethod.Post, "/api/my/account-invites", """{"uses":1}""");
        string link = (string)made.Body!["link"]!;
        using TestBrowser browser = new(broker);
        RestAnswer signedUp = await browser.PostAsync(
            "/api/auth/sign-up", new JsonObject { ["username"] = "newcomer", ["displayName"] = "New", ["password"] = TestBrowser.GoodPassword, ["invite"] = link.Split('#')[1] });
        RestAnswer twice = await browser.PostAsync(
            "/api/auth/sign-up", new JsonObject { ["username"] = "another", ["displayName"] = "New", ["password"] = TestBrowser.GoodPassword, ["invite"] = link.Split('#')[1] });

        Assert.Equal((201, 201, "invite_required"), (made.Status, signedUp.Status, twice.Code));
        Assert.Equal((403, "forbidden"), Refusal(await SendAsync(ann.Http, HttpMethod.Post, "/api/my/account-invites", "{}")));
    }

    internal static Task<RestAnswer> ClaimAsync(TestAccount account, TestMesh mesh, MemberSecretKey key)
    {
        long now = mesh.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        return PutAsync(account, mesh.Id, key.Public, now, key.Sign(new MemberClaimText(mesh.Id, account.Id.Value, key.Public, now)));
    }

    /// <summary>By a link of ours, with its secret, as an account.</summary>
    internal static Task<RestAnswer> JoinAsync(TestAccount account, TestMesh mesh, TestInvite invite, MemberSecretKey key)
    {
        long now = mesh.Log.Now;
        byte[] possession = key.Sign(new JoinPossessionText(mesh.Id, Sha256.Hash(invite.Id), key.Public, now));
        SignedRecord[]? records = mesh.Log.State.Keys.ContainsKey(key.Public) ? null : [mesh.Log.Join(invite, key, RandomBytes.NextId())];
        JoinByLog join = new(InviteId.Parse(invite.Id), key.Public, DisplayName.Parse("ann"), now, possession, records, null);
        return SendAsync(account.Http, HttpMethod.Post, "/api/v1/join", JsonSerializer.Serialize(join, ProtocolJson.Default.JoinByLog));
    }

    internal static (int Status, string? Code) Refusal(RestAnswer answer) => (answer.Status, answer.Code);

    internal static Task<RestAnswer> GetAsync(TestAccount account, string path) => SendAsync(account.Http, HttpMethod.Get, path);

    internal static async Task<RestAnswer> SendAsync(HttpClient http, HttpMethod method, string path, string? json = null)
    {
        using HttpRequestMessage request = new(method, new Uri(path, UriKind.Relative));
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        return await RestAnswer.ReadAsync(await http.SendAsync(request));
    }

    private static Task<RestAnswer> PutAsync(TestAccount account, string mesh, PublicKey key, long at, byte[] proof) => SendAsync(
        account.Http, HttpMethod.Put, $"/api/my/meshes/{mesh}", JsonSerializer.Serialize(new MemberClaim(key, at, proof), ProtocolJson.Default.MemberClaim));

    private static string Creation()
    {
        using MemberSecretKey owner = MemberSecretKey.Generate();
        string id = RandomBytes.NextId();
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        byte[] proof = owner.Sign(new WorkspaceCreateText(id, "made", "Made", owner.Public, now));
        return JsonSerializer.Serialize(
            new CreateWorkspace(MeshId.Parse(id), Slug.Parse("made"), DisplayName.Parse("Made"), owner.Public, DisplayName.Parse("ann"), now, proof),
            ProtocolJson.Default.CreateWorkspace);
    }
}
