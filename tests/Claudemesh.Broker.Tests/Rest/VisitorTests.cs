using System.Text.Json.Nodes;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Tests.Compatibility;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Rest;

/// <summary>Who uses an API key is a peer like any other, for a while.</summary>
public sealed class VisitorTests
{
    private readonly FakeTimeProvider clock = new(DateTimeOffset.Parse("2026-11-24T08:30:00Z", System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public async Task Who_asks_by_a_key_is_listed_on_sockets_and_over_rest_alike()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey key = await mesh.KeyAsync(bob);

        RestAnswer list = await key.GetAsync("/peers");
        JsonObject overRest = Row(list.Body!["peers"]!.AsArray().Select(peer => (JsonObject)peer!), bob);
        JsonObject onSocket = Row(await alice.Socket.PeersAsync(), bob);

        Assert.Equal(overRest.ToJsonString(), onSocket.ToJsonString());
        Assert.Equal(("rest", "idle", "bob", 3), ((string)onSocket["via"]!, (string)onSocket["status"]!, (string)onSocket["displayName"]!, (int)onSocket["protocol"]!));
        Assert.Equal("ws", (string?)Row(await alice.Socket.PeersAsync(), alice.Member)["via"]);

    }

    [Fact]
    public async Task He_stays_for_five_minutes_after_his_last_request()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey key = await mesh.KeyAsync(bob);
        using TestKey owner = await mesh.OwnerKeyAsync();

        await key.GetAsync("/topics");
        clock.Advance(RestVisitors.Stay - TimeSpan.FromSeconds(1));
        await key.GetAsync("/topics");
        clock.Advance(RestVisitors.Stay - TimeSpan.FromSeconds(1));
        string[] before = (await owner.GetAsync("/peers")).Names("peers", "displayName");
        clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(["bob", "owner"], before);
        Assert.Equal(["owner"], (await owner.GetAsync("/peers")).Names("peers", "displayName"));
    }

    [Fact]
    public async Task Others_are_told_that_the_list_has_changed()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey key = await mesh.KeyAsync(bob);
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await alice.Socket.NextAsync("resync");

        await key.GetAsync("/topics");

        await alice.Socket.NextAsync("resync");
        Assert.Contains(await alice.Socket.PeersAsync(), peer => Is(peer, bob));
    }

    [Fact]
    public async Task What_is_sent_to_him_waits_in_his_mailbox()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey key = await mesh.KeyAsync(bob);
        await key.GetAsync("/topics");

        string address = (string)Row(await alice.Socket.PeersAsync(), bob)["pubkey"]!;
        await alice.SendAsync(address, "hello browser");
        await using TestPeer later = await bob.ConnectAsync();

        Assert.Equal("hello browser", (await later.NextMessageAsync()).Text);
    }

    [Fact]
    public async Task Who_is_connected_too_is_listed_once()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        using TestKey key = await mesh.KeyAsync(bob.Member);

        RestAnswer list = await key.GetAsync("/peers");

        JsonNode row = Assert.Single(list.Body!["peers"]!.AsArray(), peer => Is((JsonObject)peer!, bob.Member))!;
        Assert.Equal("ws", (string?)row["via"]);
        Assert.Single(await alice.Socket.PeersAsync(), peer => Is(peer, bob.Member));
    }

    [Fact]
    public async Task Who_was_hidden_when_he_was_last_connected_stays_hidden_to_others()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        TestMember alice = await mesh.AddMemberAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        await using (TestPeer connected = await bob.ConnectAsync())
        {
            await connected.Socket.SendAsync(new SetVisible(Visible: false), "hide");
            await connected.Socket.NextAsync("ack");
        }

        clock.Advance(PresenceLease.Grace + TimeSpan.FromSeconds(1));
        using TestKey key = await mesh.KeyAsync(bob);

        Assert.Contains((await key.GetAsync("/peers")).Body!["peers"]!.AsArray(), peer => Is((JsonObject)peer!, bob));
        await using TestPeer watcher = await alice.ConnectAsync();
        Assert.DoesNotContain(await watcher.Socket.PeersAsync(), peer => Is(peer, bob));
    }

    [Fact]
    public async Task A_member_is_listed_as_online_and_idle_while_he_is_here_by_rest()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        TestMember bob = await mesh.AddMemberAsync("bob");
        using TestKey key = await mesh.KeyAsync(bob);
        using TestKey owner = await mesh.OwnerKeyAsync();

        await key.GetAsync("/topics");
        JsonNode here = (await owner.GetAsync($"/members/{bob.Id}")).Body!;
        clock.Advance(RestVisitors.Stay + TimeSpan.FromSeconds(1));
        JsonNode gone = (await owner.GetAsync($"/members/{bob.Key.Public}")).Body!;

        Assert.Equal((true, "idle", true), ((bool)here["online"]!, (string)here["status"]!, (bool)here["isHuman"]!));
        Assert.Equal((false, "offline"), ((bool)gone["online"]!, (string)gone["status"]!));
    }

    [Fact]
    public void A_stream_holds_its_member_here_and_for_five_minutes_after_it()
    {
        FakeTimeProvider time = new();
        int changes = 0;
        using RestVisitors visitors = new(time, () => changes++);
        visitors.Arrive(new MemberNo(7), visible: true);

        using (visitors.Hold(new MemberNo(7)))
        {
            time.Advance(RestVisitors.Stay * 3);
            Assert.Single(visitors.List());
        }

        time.Advance(RestVisitors.Stay - TimeSpan.FromSeconds(1));
        Assert.Single(visitors.List());
        time.Advance(RestVisitors.Stay);
        Assert.Empty(visitors.List());
        Assert.Equal(2, changes);
    }

    [Fact]
    public void No_more_are_shown_than_may_be()
    {
        using RestVisitors visitors = new(new FakeTimeProvider(), static () => { });
        for (int no = 1; no <= RestVisitors.CountMax + 5; no++)
            visitors.Arrive(new MemberNo(no), visible: true);

        Assert.Equal(RestVisitors.CountMax, visitors.List().Count);
    }

    private static JsonObject Row(IEnumerable<JsonObject> peers, TestMember member) => Assert.Single(peers, peer => Is(peer, member));

    private static bool Is(JsonObject peer, TestMember member) => (string?)peer["memberPubkey"] == member.Key.Public.ToString();
}
