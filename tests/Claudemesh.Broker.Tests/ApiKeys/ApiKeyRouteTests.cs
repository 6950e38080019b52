using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.ApiKeys;

/// <summary>Keys over REST: the same handlers, asked by a key that has <c>admin</c>.</summary>
public sealed class ApiKeyRouteTests
{
    private static readonly KeyCapability[] Admin = [KeyCapability.Admin];

    [Fact]
    public async Task A_key_makes_lists_rotates_and_ends_keys()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey admin = await mesh.MakeKeyAsync(Admin, label: "first");

        RestAnswer made = await admin.PostAsync("/api-keys", """{"label":"second","capabilities":["read"],"topicScopes":null}""");

        Assert.Equal((201, "no-store"), (made.Status, made.Headers.CacheControl!.ToString()));
        using TestKey second = new(mesh.Broker, (string)made.Body!["id"]!, (string)made.Body["secret"]!);
        Assert.Equal(200, (await second.GetAsync("/peers")).Status);
        RestAnswer list = await admin.GetAsync("/api-keys");
        Assert.Equal(["second", "first"], list.Body!["keys"]!.AsArray().Select(key => (string)key!["label"]!));
        Assert.DoesNotContain(second.Secret, list.Text, StringComparison.Ordinal);

        RestAnswer rotated = await admin.PostAsync($"/api-keys/{second.Id}/rotate");
        Assert.Equal("api_key_invalid", (await second.GetAsync("/peers")).Code);
        using TestKey fresh = new(mesh.Broker, second.Id, (string)rotated.Body!["secret"]!);
        Assert.Equal(200, (await fresh.GetAsync("/peers")).Status);

        RestAnswer ended = await admin.DeleteAsync($"/api-keys/{second.Id}");
        Assert.Equal((200, "revoked"), (ended.Status, (string?)ended.Body!["status"]));
        Assert.Equal("api_key_invalid", (await fresh.GetAsync("/peers")).Code);
        Assert.Equal(200, (await admin.DeleteAsync($"/api-keys/{second.Id}")).Status);
    }

    [Fact]
    public async Task What_is_not_there_is_refused_as_that()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey admin = await mesh.MakeKeyAsync(Admin);

        RestAnswer missing = await admin.DeleteAsync("/api-keys/nobody");
        RestAnswer unknown = await admin.PostAsync("/api-keys/nobody/rotate");
        RestAnswer odd = await admin.DeleteAsync("/api-keys/%22'%25%20");

        Assert.Equal((404, "api_key_not_found"), (missing.Status, missing.Code));
        Assert.Equal((404, "api_key_not_found"), (unknown.Status, unknown.Code));
        Assert.Equal((404, "api_key_not_found"), (odd.Status, odd.Code));
    }

    [Theory]
    [InlineData("", "invalid_args")]
    [InlineData("[]", "invalid_args")]
    [InlineData("""{"label":"x"}""", "invalid_args")]
    [InlineData("""{"label":"x","capabilities":["read"],"topicScopes":["nowhere"]}""", "topic_not_found")]
    public async Task A_body_that_makes_no_key_is_refused(string body, string code)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey admin = await mesh.MakeKeyAsync(Admin);

        RestAnswer refused = await admin.PostAsync("/api-keys", body);

        Assert.Equal(code, refused.Code);
        Assert.Single((await admin.GetAsync("/api-keys")).Body!["keys"]!.AsArray());
    }

    /// <summary>A leaked key must not be made into one that reaches further or lasts longer.</summary>
    [Fact]
    [Trait("rest", "7.1 A6")]
    [Trait("wire", "7.3 #10")]
    public async Task A_key_makes_no_key_that_has_more_than_itself()
    {
        FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using TestPeer owner = await mesh.OwnerAsync();
        await owner.AskAsync(new TopicCreate(TopicName.Parse("deploys")));
        DateTimeOffset end = new(clock.GetUtcNow().Date.AddDays(2), TimeSpan.Zero);
        using TestKey wide = await mesh.MakeKeyAsync(Admin, label: "wide");
        using TestKey narrow = await mesh.MakeKeyAsync(Admin, ["deploys"], end, "narrow");

        RestAnswer elsewhere = await narrow.PostAsync("/api-keys", """{"label":"x","capabilities":["read"],"topicScopes":["general"]}""");
        RestAnswer longer = await narrow.PostAsync("/api-keys", $$"""{"label":"x","capabilities":["read"],"expiresAt":"{{end.AddDays(1):yyyy-MM-ddTHH:mm:ssZ}}"}""");
        RestAnswer child = await narrow.PostAsync("/api-keys", """{"label":"child","capabilities":["admin"]}""");
        RestAnswer stolen = await narrow.PostAsync($"/api-keys/{wide.Id}/rotate");
        RestAnswer ended = await narrow.DeleteAsync($"/api-keys/{wide.Id}");
        RestAnswer seen = await narrow.GetAsync("/api-keys");

        Assert.Equal("api_key_topic_out_of_scope", elsewhere.Code);
        Assert.Equal("api_key_exceeds_issuer", longer.Code);
        Assert.Equal(201, child.Status);
        Assert.Equal(["deploys"], child.Body!["topicScopes"].Texts());
        Assert.Equal(end, (DateTimeOffset)child.Body["expiresAt"]!);
        Assert.Equal("api_key_not_found", stolen.Code);
        Assert.Equal("api_key_not_found", ended.Code);
        Assert.Equal(["child", "narrow"], seen.Body!["keys"]!.AsArray().Select(key => (string)key!["label"]!));
        Assert.Equal(200, (await wide.GetAsync("/peers")).Status);
    }

    [Fact]
    public async Task A_key_without_admin_manages_no_keys_not_even_itself()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync([KeyCapability.Send, KeyCapability.Read, KeyCapability.StateWrite]);

        Assert.Equal("api_key_missing_capability", (await key.GetAsync("/api-keys")).Code);
        Assert.Equal("api_key_missing_capability", (await key.PostAsync($"/api-keys/{key.Id}/rotate")).Code);
        Assert.Equal("api_key_missing_capability", (await key.DeleteAsync($"/api-keys/{key.Id}")).Code);
        RestAnswer refused = await key.PostAsync("/api-keys", """{"label":"x","capabilities":["read"]}""");
        Assert.Equal((403, "api_key_missing_capability"), (refused.Status, refused.Code));
        Assert.Contains("admin", (string)((JsonObject)refused.Body!)["detail"]!, StringComparison.Ordinal);
    }
}
