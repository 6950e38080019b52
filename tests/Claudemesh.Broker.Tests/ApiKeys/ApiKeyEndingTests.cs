using System.Net;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.ApiKeys;

/// <summary>A key ends with its issuer, its time and its workspace; what is open by it is told at once.</summary>
public sealed class ApiKeyEndingTests
{
    [Fact]
    [Trait("rest", "7.1 A8")]
    public async Task The_keys_of_a_banned_member_are_over_and_do_not_come_back_with_him()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using TestKey key = await bob.Member.MakeKeyAsync();
        using TestKey others = await mesh.MakeKeyAsync();
        using KeyWatch open = await WatchAsync(mesh, key);

        await owner.AskAsync(new Ban("bob"));

        await EndedAsync(open, key);
        await owner.AskAsync(new Unban("bob"));
        await using TestPeer back = await bob.Member.ConnectAsync();
        Assert.Equal("api_key_invalid", (await key.GetAsync("/peers")).Code);
        Assert.NotNull(Assert.Single(await ApiKeyMessageTests.ListAsync(back))["revokedAt"]);
        Assert.Equal(200, (await others.GetAsync("/peers")).Status);
    }

    [Fact]
    [Trait("rest", "7.1 A8")]
    public async Task The_keys_of_who_leaves_are_over()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using TestKey key = await bob.Member.MakeKeyAsync();
        using KeyWatch open = await WatchAsync(mesh, key);

        await bob.AskAsync(new LeaveWorkspace());

        await EndedAsync(open, key);
    }

    [Fact]
    [Trait("rest", "7.1 A8")]
    public async Task The_keys_of_a_workspace_that_its_owner_has_ended_are_over()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync([KeyCapability.Admin]);
        using KeyWatch open = await WatchAsync(mesh, key);
        await using TestPeer owner = await mesh.OwnerAsync();

        Assert.Null((await owner.AskAsync(new LeaveWorkspace())).Code());

        await EndedAsync(open, key);
        await mesh.CloseOwnerAsync();
        await mesh.Broker.RestartAsync();
        Assert.Equal("api_key_invalid", (await key.GetAsync("/peers")).Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("rest", "7.1 A8")]
    public async Task The_keys_of_whom_the_log_removes_are_over_also_when_it_admits_him_again(bool leaves)
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using TestKey key = await bob.Member.MakeKeyAsync();
        using TestKey others = await mesh.MakeKeyAsync();
        using KeyWatch open = await WatchAsync(mesh, key);

        if (leaves)
            await mesh.Log.TryAppendAsync(mesh.Log.Draft(new LogBody.Remove(bob.Member.Key.Public, ""), bob.Member.Key), socket: bob.Socket);
        else
            await mesh.Log.RemoveAsync(bob.Member.Key.Public);

        await EndedAsync(open, key);
        await mesh.Log.ReadOnAsync();
        await mesh.Log.AdmitAsync(bob.Member.Id, bob.Member.Key.Public);
        Assert.Equal("api_key_invalid", (await key.GetAsync("/peers")).Code);
        Assert.Equal(200, (await others.GetAsync("/peers")).Status);
    }

    [Fact]
    public async Task A_revoked_or_rotated_key_ends_what_is_open_by_it_and_nothing_else()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using TestKey revoked = await bob.Member.MakeKeyAsync();
        using TestKey rotated = await bob.Member.MakeKeyAsync();
        using TestKey left = await bob.Member.MakeKeyAsync();
        using KeyWatch first = await WatchAsync(mesh, revoked);
        using KeyWatch second = await WatchAsync(mesh, rotated);
        using KeyWatch third = await WatchAsync(mesh, left);

        await bob.AskAsync(new ApiKeyRevoke(revoked.Id));
        await bob.AskAsync(new ApiKeyRotate(rotated.Id));

        await EndedAsync(first, revoked);
        await EndedAsync(second, rotated);
        Assert.False(third.Over.IsCancellationRequested);
        Assert.Equal(200, (await left.GetAsync("/peers")).Status);
    }

    [Fact]
    public async Task A_key_that_has_ended_since_it_was_found_opens_nothing()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using TestKey revoked = await bob.Member.MakeKeyAsync();
        using TestKey rotated = await bob.Member.MakeKeyAsync();
        ApiKeyBook book = mesh.Broker.Services.GetRequiredService<ApiKeyBook>();
        (ApiKey first, ApiKey second) = (await FindAsync(book, revoked), await FindAsync(book, rotated));

        await bob.AskAsync(new ApiKeyRevoke(revoked.Id));
        await bob.AskAsync(new ApiKeyRotate(rotated.Id));

        Assert.Null(await book.WatchAsync(first, CancellationToken.None));
        Assert.Null(await book.WatchAsync(second, CancellationToken.None));
        Assert.Equal(0, mesh.Broker.Services.GetRequiredService<KeyEndings>().Count);
    }

    [Fact]
    public async Task A_key_is_over_when_its_time_is_and_what_is_open_by_it_ends_then()
    {
        FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        using TestKey key = await mesh.MakeKeyAsync(expiresAt: clock.GetUtcNow().AddDays(3));
        using KeyWatch open = await WatchAsync(mesh, key);

        foreach (TimeSpan step in new[] { TimeSpan.FromDays(1), TimeSpan.FromDays(1), TimeSpan.FromHours(23) })
        {
            clock.Advance(step);
            Assert.False(open.Over.IsCancellationRequested);
        }

        clock.Advance(TimeSpan.FromHours(2));
        await EndedAsync(open, key);
    }

    /// <summary>The door asks what the issuer is now, not what he was when he made the key.</summary>
    [Fact]
    [Trait("rest", "7.1 A8")]
    public async Task A_key_with_admin_may_no_more_than_a_member_once_its_issuer_is_one()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestMember ann = await mesh.AddMemberAsync("ann", role: "admin");
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey key = await ann.MakeKeyAsync([KeyCapability.Admin]);
        using TestKey bobs = await bob.MakeKeyAsync();
        const string Wish = """{"label":"x","capabilities":["admin"]}""";
        Assert.Equal(201, (await key.PostAsync("/api-keys", Wish)).Status);
        Assert.Equal(3, (await key.GetAsync("/api-keys")).Body!["keys"]!.AsArray().Count);

        await mesh.Log.AppendAsync(new LogBody.Role(ann.Key.Public, LogRole.Member));

        Assert.Equal("api_key_exceeds_issuer", (await key.PostAsync("/api-keys", Wish)).Code);
        Assert.Equal(2, (await key.GetAsync("/api-keys")).Body!["keys"]!.AsArray().Count);
        Assert.Equal("api_key_not_found", (await key.DeleteAsync($"/api-keys/{bobs.Id}")).Code);
        Assert.Equal(200, (await bobs.GetAsync("/peers")).Status);
    }

    [Fact]
    [Trait("rest", "7.1 A8")]
    public async Task The_keys_that_a_key_made_end_with_it_and_with_its_secret()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        using TestKey first = await mesh.MakeKeyAsync([KeyCapability.Admin]);
        using TestKey child = await MadeByAsync(mesh, first);
        using TestKey grandchild = await MadeByAsync(mesh, child);
        using TestKey others = await mesh.MakeKeyAsync([KeyCapability.Admin]);
        using KeyWatch open = await WatchAsync(mesh, grandchild);

        await owner.AskAsync(new ApiKeyRevoke(child.Id));
        await EndedAsync(open, grandchild);
        Assert.Equal("api_key_invalid", (await child.GetAsync("/peers")).Code);
        Assert.Equal(200, (await first.GetAsync("/peers")).Status);

        using TestKey another = await MadeByAsync(mesh, first);
        using KeyWatch kept = await WatchAsync(mesh, another);
        await owner.AskAsync(new ApiKeyRotate(first.Id));
        await EndedAsync(kept, another);
        Assert.Equal(200, (await others.GetAsync("/peers")).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("rest", "7.1 A8")]
    public async Task A_stolen_key_of_a_member_ends_his_api_keys_and_one_that_moves_does_not(bool isStolen)
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Mixed);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using TestKey key = await bob.Member.MakeKeyAsync();
        using TestKey others = await mesh.MakeKeyAsync();
        using KeyWatch open = await WatchAsync(mesh, key);
        using MemberSecretKey fresh = MemberSecretKey.Generate();
        LogDraft draft = mesh.Log.Draft(bob.Member.Key);
        Assert.Equal(LogRefusal.None, draft.AddKeyChange(fresh, isStolen));

        await mesh.Log.AppendAsync(draft, [mesh.Log.CopyFor(fresh.Public)], socket: bob.Socket);

        if (isStolen)
            await EndedAsync(open, key);
        else
            Assert.Equal((200, false), ((await key.GetAsync("/peers")).Status, open.Over.IsCancellationRequested));
        Assert.Equal(200, (await others.GetAsync("/peers")).Status);
    }

    [Fact]
    public async Task What_is_closed_is_watched_no_longer()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using TestKey key = await bob.Member.MakeKeyAsync();
        KeyEndings endings = mesh.Broker.Services.GetRequiredService<KeyEndings>();

        KeyWatch open = await WatchAsync(mesh, key);
        Assert.Equal(1, endings.Count);
        open.Dispose();

        Assert.Equal(0, endings.Count);
        Assert.Equal("revoked", (string?)(await bob.AskAsync(new ApiKeyRevoke(key.Id)))["status"]);
        Assert.False(open.Over.IsCancellationRequested);
    }

    private static async Task<TestKey> MadeByAsync(TestMesh mesh, TestKey maker)
    {
        RestAnswer made = await maker.PostAsync("/api-keys", """{"label":"made by a key","capabilities":["admin"]}""");
        return new TestKey(mesh.Broker, (string)made.Body!["id"]!, (string)made.Body["secret"]!);
    }

    private static async Task<KeyWatch> WatchAsync(TestMesh mesh, TestKey key)
    {
        ApiKeyBook book = mesh.Broker.Services.GetRequiredService<ApiKeyBook>();
        return (await book.WatchAsync(await FindAsync(book, key), CancellationToken.None))!;
    }

    private static async Task<ApiKey> FindAsync(ApiKeyBook book, TestKey key)
    {
        Assert.True(ApiKeySecret.TryParse(key.Secret, out ApiKeySecret secret));
        return (await book.FindAsync(secret, IPAddress.Loopback, CancellationToken.None)).Key!;
    }

    private static async Task EndedAsync(KeyWatch open, TestKey key)
    {
        await Eventually.IsAsync("what is open is told that its key is over", () => open.Over.IsCancellationRequested);
        RestAnswer answer = await key.GetAsync("/peers");
        Assert.Equal((401, "api_key_invalid"), (answer.Status, answer.Code));
    }
}
