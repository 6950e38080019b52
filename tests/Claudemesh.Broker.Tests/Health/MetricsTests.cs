using System.Reflection;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Health;

public sealed class MetricsTests
{
    [Fact]
    public async Task Figures_move_with_what_the_broker_does()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        Scrape before = await Scrape.OfAsync(mesh.Broker);

        // Two wait for bob, who then takes one; the third is refused.
        await alice.SendAsync(bob.Key.Public.ToString(), "one");
        await alice.SendAsync(bob.Key.Public.ToString(), "two");
        await alice.SendAsync(new string('0', 64), "nobody has this key");
        Scrape waiting = await EventuallyAsync(mesh.Broker, "two entries wait", scrape => scrape["claudemesh_delivery_waiting_entries"] == 2);
        await using TestPeer connected = await bob.ConnectAsync();
        await connected.NextMessageAsync();
        await connected.NextMessageAsync(acknowledge: false);
        await connected.Socket.AllUntilAnsweredAsync("push");

        Assert.Equal(before["claudemesh_peers{kind=\"device\"}"], waiting["claudemesh_peers{kind=\"device\"}"]);
        Assert.Equal(2, waiting["claudemesh_storage_messages_total"] - before["claudemesh_storage_messages_total"]);
        Assert.Equal(1, waiting["claudemesh_refusals_total{code=\"no_connected_peer\"}"]);
        Assert.Equal(3, waiting["claudemesh_frames_received_total"] - before["claudemesh_frames_received_total"]);

        Scrape taken = await EventuallyAsync(mesh.Broker, "one is in flight and one is taken", scrape => scrape["claudemesh_delivery_waiting_entries"] == 1);
        Assert.Equal(1, taken["claudemesh_delivery_in_flight_entries"]);
        Assert.Equal(1, taken["claudemesh_peers{kind=\"device\"}"] - before["claudemesh_peers{kind=\"device\"}"]);
        Assert.Equal(1, taken["broker_connections_active"] - before["broker_connections_active"]);
        Assert.True(taken["claudemesh_frames_sent_total"] > waiting["claudemesh_frames_sent_total"]);
        Assert.True(taken["claudemesh_frame_bytes_sent_total"] > waiting["claudemesh_frame_bytes_sent_total"]);
        Assert.True(taken["claudemesh_storage_commits_total"] > before["claudemesh_storage_commits_total"]);
        Assert.True(taken["claudemesh_storage_commit_seconds_count"] > before["claudemesh_storage_commit_seconds_count"]);
        Assert.Equal(1, taken["claudemesh_workspaces_open"]);
        Assert.Equal(1, taken["broker_db_healthy"]);
    }

    [Fact]
    public async Task A_refused_hello_counts_as_a_rejected_connection_by_its_code()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember alice = await mesh.AddMemberAsync("alice", legacy: true);
        await using TestSocket socket = await TestSocket.ConnectAsync(mesh.Broker.SocketUrl);

        await socket.SendAsync(alice.LegacyHello("claudemesh-daemon", "daemon-1") with { Timestamp = 1 });
        await socket.ClosedAsync();

        Scrape scrape = await Scrape.OfAsync(mesh.Broker);
        Assert.Equal(1, scrape["broker_connections_rejected_total{reason=\"timestamp_skew\"}"]);
        Assert.Equal("counter", scrape.TypeOf("broker_connections_rejected_total"));
    }

    [Fact]
    public async Task A_refused_request_over_HTTP_counts_by_its_code()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();

        await mesh.PostAsync("/join", "{}");

        Scrape scrape = await Scrape.OfAsync(mesh.Broker);
        Assert.Equal(1, scrape["claudemesh_refusals_total{code=\"invalid_args\"}"]);
    }

    [Fact]
    public async Task Labels_are_kinds_and_codes_and_never_say_who()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using LegacyPeer bob = await mesh.JoinLegacyAsync("bob");
        await alice.SendAsync(bob.Key, "a secret");
        await alice.SendAsync("@nobody-known", "another");
        await bob.Socket.SendAsync("{\"type\":\"no-such-type-4711\"}");
        await bob.Socket.NextAsync("error");

        Scrape scrape = await Scrape.OfAsync(mesh.Broker);

        string[] ours = [.. scrape.Series.Where(series => series.StartsWith("claudemesh_", StringComparison.Ordinal) || series.StartsWith("broker_", StringComparison.Ordinal))];
        Assert.NotEmpty(ours);
        string all = string.Join('\n', ours);
        foreach (string secret in (string[])[mesh.Id, mesh.Slug, alice.Key, bob.Key, alice.Member.Id, "alice", "bob", "secret", "nobody-known", "4711"])
            Assert.DoesNotContain(secret, all, StringComparison.OrdinalIgnoreCase);

        Assert.Subset(Catalogue(), scrape.LabelsNamed("code").ToHashSet(StringComparer.Ordinal));
        Assert.Equal(["device", "legacy_member", "legacy_session", "session"], scrape.LabelsNamed("kind").Order(StringComparer.Ordinal));
    }

    private static HashSet<string> Catalogue() =>
    [
        .. typeof(MeshError).GetProperties(BindingFlags.Public | BindingFlags.Static)
            .Select(property => property.GetValue(null)).OfType<MeshError>().Select(error => error.Code),
    ];

    /// <summary>The exporter answers from its last reading for a third of a second.</summary>
    private static async Task<Scrape> EventuallyAsync(TestBroker broker, string what, Func<Scrape, bool> holds)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        while (true)
        {
            Scrape scrape = await Scrape.OfAsync(broker);
            if (holds(scrape))
                return scrape;

            Assert.False(patience.IsCancellationRequested, $"waited for: {what}; what there is: {scrape}");
        }
    }
}
