using System.Text.Json.Nodes;
using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Storage;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Accounts.Sessions;

/// <summary>A person sees where he is signed in, and signs out from anywhere; what was open there ends at once.</summary>
public sealed class LoginSessionRouteTests
{
    private const string Mine = "/api/my/sessions";

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 28, 9, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Everywhere_that_one_is_signed_in_is_listed_newest_first()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock, services: CookieBrowser.AddDoor);
        using TestAccount device = await TestAccount.CreateAsync(broker, "ann");
        using CookieBrowser browser = await CookieBrowser.SignInAsync(broker, device, "Fire\u0007fox/1 <b>");

        JsonArray listed = (await browser.GetAsync(Mine)).Body!["sessions"]!.AsArray();

        Assert.Equal(["browser", "browser"], listed.Select(one => (string?)one!["kind"]));
        Assert.Equal([true, false], listed.Select(one => (bool)one!["current"]!));
        Assert.Equal(("Firefox/1 <b>", "127.0.0.1"), ((string?)listed[0]!["name"], (string?)listed[0]!["address"]));
        Assert.Equal(clock.GetUtcNow() + LoginSession.LifeOfBrowser, (DateTimeOffset)listed[0]!["expiresAt"]!);
    }

    [Fact]
    [Trait("rest", "7.1 A5")]
    public async Task Sessions_are_told_to_their_own_account_and_ended_by_it_alone()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        using TestAccount bob = await TestAccount.CreateAsync(broker, "bob");
        string session = await IdAsync(ann);

        Assert.Equal((401, "sign_in_required"), await StatusAsync(broker.Http.SendAsync(HttpMethod.Get, Mine)));
        Assert.Equal((400, "invalid_args"), await StatusAsync(broker.Http.SendAsync(HttpMethod.Get, $"{Mine}?user_id={ann.Id.Value}")));
        Assert.Equal((404, "session_not_found"), await StatusAsync(bob.AskAsync(HttpMethod.Delete, $"{Mine}/{session}")));
        Assert.Equal((404, "session_not_found"), await StatusAsync(bob.AskAsync(HttpMethod.Delete, $"{Mine}/nonsense")));
        Assert.DoesNotContain(session, (await bob.GetAsync(Mine)).Text, StringComparison.Ordinal);
        Assert.Equal(200, (await ann.GetAsync(Mine)).Status);
    }

    [Fact]
    public async Task Ending_a_session_ends_its_tokens_and_its_streams_at_once_and_no_others()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        using TestAccount left = await TestAccount.CreateAsync(mesh.Broker, "ann", mesh.OwnerKey.Public);
        using TestAccount here = await left.SignInAgainAsync(mesh.Broker, mesh.OwnerKey.Public);
        await left.OwnMemberAsync(mesh.Broker, mesh.OwnerId);
        string refresh = await mesh.Broker.BeginRefreshAsync(left);
        string session = await IdAsync(left);
        using TestStream first = await TestStream.OpenAsync(left.Http, "/stream");
        using TestStream second = await TestStream.OpenAsync(left.Http, "/topics/general/stream");
        using TestStream kept = await TestStream.OpenAsync(here.Http, "/stream");

        Assert.Equal(204, (await here.AskAsync(HttpMethod.Delete, $"{Mine}/{session}")).Status);

        foreach (TestStream open in (TestStream[])[first, second])
        {
            StreamEvent ended = (await open.NextAsync())!;
            Assert.Equal(("ended", "token_invalid"), (ended.Name, (string?)ended.Json["code"]));
        }

        Assert.Equal("token_invalid", (await left.GetAsync(Mine)).Code);
        Assert.Equal(400, (await mesh.Broker.RefreshAsync(refresh)).Status);
        await using TestPeer owner = await mesh.OwnerMember().ConnectAsync();
        Assert.Equal(200, (await here.AskAsync(HttpMethod.Post, "/api/v1/messages", """{"topic":"general","text":"still here"}""")).Status);
        Assert.Equal("still here", (await kept.NextMessageAsync()).Text);
    }

    [Fact]
    public async Task The_devices_of_the_account_are_told_that_a_session_was_ended()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(mesh.Broker, "ann");
        using TestAccount again = await ann.SignInAgainAsync(mesh.Broker);
        await ann.OwnMemberAsync(mesh.Broker, mesh.OwnerId);
        await using TestPeer owner = await mesh.OwnerMember().ConnectAsync();

        await ann.AskAsync(HttpMethod.Delete, $"{Mine}/{await IdAsync(again)}");

        Assert.Equal("signed_out", (string?)(await owner.Socket.NextAsync("account_changed"))["what"]);
    }

    [Fact]
    public async Task Signing_out_everywhere_else_leaves_this_one()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount here = await TestAccount.CreateAsync(broker, "ann");
        using TestAccount first = await here.SignInAgainAsync(broker);
        using TestAccount second = await here.SignInAgainAsync(broker);
        using TestAccount bob = await TestAccount.CreateAsync(broker, "bob");
        string refresh = await broker.BeginRefreshAsync(first);

        Assert.Equal(204, (await here.AskAsync(HttpMethod.Delete, Mine)).Status);

        Assert.Equal(("token_invalid", "token_invalid"), ((await first.GetAsync(Mine)).Code, (await second.GetAsync(Mine)).Code));
        Assert.Single((await here.GetAsync(Mine)).Body!["sessions"]!.AsArray());
        Assert.Equal(200, (await bob.GetAsync(Mine)).Status);
        Assert.Equal(400, (await broker.RefreshAsync(refresh)).Status);
        Assert.Equal(0, await CountAsync(broker, "SELECT count(*) FROM refresh_chain"));
    }

    [Fact]
    public async Task What_is_over_is_forgotten_but_for_the_last_few()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount ann = await TestAccount.CreateAsync(broker, "ann");
        for (int i = 0; i < 60; i++)
        {
            using TestAccount again = await ann.SignInAgainAsync(broker);
            await broker.BeginRefreshAsync(again);
            await again.AskAsync(HttpMethod.Delete, $"{Mine}/{await IdAsync(again)}");
        }

        Assert.InRange((await CountAsync(broker, "SELECT count(*) FROM login_session"))!.Value, 2, 25);
        Assert.Equal(0, await CountAsync(broker, "SELECT count(*) FROM refresh_chain"));
        Assert.Single((await ann.GetAsync(Mine)).Body!["sessions"]!.AsArray());
    }

    [Fact]
    public async Task Who_signs_in_without_an_end_is_signed_out_where_he_was_seen_longest_ago()
    {
        await using TestBroker broker = await TestBroker.StartAsync(clock);
        using TestAccount first = await TestAccount.CreateAsync(broker, "ann");
        TestAccount newest = first;
        for (int i = 0; i < LoginSessionStore.PerAccountMax; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            newest = await first.SignInAgainAsync(broker);
            newest.Dispose();
        }

        Assert.Equal(LoginSessionStore.PerAccountMax, await CountAsync(broker, "SELECT count(*) FROM login_session WHERE ended_at IS NULL"));
        Assert.Equal("token_invalid", (await first.GetAsync(Mine)).Code);
    }

    private static async Task<string> IdAsync(TestAccount account) => (string)(await account.GetAsync(Mine)).Body!["sessions"]!.AsArray()
        .Single(one => (bool)one!["current"]!)!["id"]!;

    private static async Task<long?> CountAsync(TestBroker broker, string sql) =>
        await broker.Services.GetRequiredService<Database>().ReadAsync((Sql read) => read.FindNumber(sql), CancellationToken.None);

    private static async Task<(int Status, string? Code)> StatusAsync(Task<RestAnswer> asked)
    {
        RestAnswer answer = await asked;
        return (answer.Status, answer.Code);
    }
}
