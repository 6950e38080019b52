using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Compatibility;

/// <summary>A workspace whose clock stands still, shared by the refusals: none of them leaves anything behind.</summary>
public sealed class HandshakeMesh : IAsyncLifetime
{
    public FakeTimeProvider Clock { get; } = new(TimeProvider.System.GetUtcNow());

    public TestMesh Mesh { get; private set; } = null!;

    public TestMember Alice { get; private set; } = null!;

    public TestMember Removed { get; private set; } = null!;

    public SigningKey Session { get; } = SigningKey.Generate();

    public async ValueTask InitializeAsync()
    {
        Mesh = await TestMesh.StartAsync(Clock);
        Alice = await Mesh.AddMemberAsync("alice", legacy: true);
        Removed = await Mesh.AddMemberAsync("removed", legacy: true);
        await Mesh.RemoveAsync(Removed);
    }

    public ValueTask DisposeAsync() => Mesh.DisposeAsync();
}

/// <summary>The refusals of wire reference 2.1 and 2.2, row by row, and what a 1.x handshake may leave out.</summary>
public sealed class LegacyHandshakeTests(HandshakeMesh shared) : IClassFixture<HandshakeMesh>
{
    private const int PolicyViolation = 1008;
    private const long DayMs = 24 * 60 * 60 * 1000;

    private static readonly Dictionary<string, (string Code, Func<Hello, HandshakeMesh, Hello> Change)> WrongHellos = new(StringComparer.Ordinal)
    {
        ["session key of 63 digits"] = ("bad_session_pubkey", (hello, _) => hello with { SessionPubkey = new string('a', 63) }),
        ["session key in capitals"] = ("bad_session_pubkey", (hello, _) => hello with { SessionPubkey = new string('A', 64) }),
        ["60,001 ms late"] = ("timestamp_skew", (hello, mesh) => (hello with { Timestamp = hello.Timestamp - 60_001 }).Signed(mesh.Alice.Key.Key)),
        ["60,001 ms early"] = ("timestamp_skew", (hello, mesh) => (hello with { Timestamp = hello.Timestamp + 60_001 }).Signed(mesh.Alice.Key.Key)),
        ["key that is not hexadecimal"] = ("malformed", (hello, _) => hello with { Pubkey = new string('x', 64) }),
        ["signature of 127 digits"] = ("malformed", (hello, _) => hello with { Signature = hello.Signature[..127] }),
        ["signature that is not hexadecimal"] = ("malformed", (hello, _) => hello with { Signature = new string('x', 128) }),
        ["signature by another key"] = ("bad_signature", (hello, mesh) => hello.Signed(mesh.Session)),
        ["signature for another time"] = ("bad_signature", (hello, _) => hello with { Timestamp = hello.Timestamp + 1 }),
        ["signature for another workspace"] = ("bad_signature", (hello, _) => hello with { MeshId = RandomBytes.NextId() }),
        ["no such workspace"] = ("unauthorized", (hello, mesh) => (hello with { MeshId = RandomBytes.NextId() }).Signed(mesh.Alice.Key.Key)),
        ["key of no member"] = ("unauthorized", (hello, mesh) => (hello with { Pubkey = mesh.Session.Public.ToString() }).Signed(mesh.Session)),
    };

    private static readonly Dictionary<string, (string Code, Func<SessionHello, HandshakeMesh, SessionHello> Change)> WrongSessionHellos = new(StringComparer.Ordinal)
    {
        ["session key in capitals"] = ("bad_session_pubkey", (hello, _) => hello with { SessionPubkey = new string('A', 64) }),
        ["parent key of 63 digits"] = ("bad_parent_pubkey", (hello, _) => hello with { ParentMemberPubkey = new string('a', 63) }),
        ["no attestation"] = ("attestation_mismatch", (hello, _) => hello with { ParentAttestation = null }),
        ["attestation of another session"] = ("attestation_mismatch", (hello, _) =>
            hello with { ParentAttestation = hello.ParentAttestation! with { SessionPubkey = new string('a', 64) } }),
        ["attestation by another parent"] = ("attestation_mismatch", (hello, _) =>
            hello with { ParentAttestation = hello.ParentAttestation! with { ParentMemberPubkey = new string('a', 64) } }),
        ["attestation that expires now"] = ("expired", (hello, mesh) => hello.Attested(mesh.Alice.Key.Key, hello.Timestamp)),
        ["attestation for a day and 1 ms"] = ("ttl_too_long", (hello, mesh) => hello.Attested(mesh.Alice.Key.Key, hello.Timestamp + DayMs + 1)),
        ["attestation signature cut"] = ("malformed", (hello, _) =>
            hello with { ParentAttestation = hello.ParentAttestation! with { Signature = hello.ParentAttestation.Signature[..126] } }),
        ["attestation by the session itself"] = ("bad_signature", (hello, mesh) => hello.Attested(mesh.Session, hello.Timestamp + 1000)),
        ["60,001 ms late"] = ("timestamp_skew", (hello, mesh) => (hello with { Timestamp = hello.Timestamp - 60_001 }).Signed(mesh.Session)),
        ["60,001 ms early"] = ("timestamp_skew", (hello, mesh) => (hello with { Timestamp = hello.Timestamp + 60_001 }).Signed(mesh.Session)),
        ["signature cut"] = ("malformed", (hello, _) => hello with { Signature = hello.Signature[..127] }),
        ["signature by the member instead of the session"] = ("bad_signature", (hello, mesh) => hello.Signed(mesh.Alice.Key.Key)),
        ["signature for another workspace"] = ("bad_signature", (hello, _) => hello with { MeshId = RandomBytes.NextId() }),
        ["no such workspace"] = ("unauthorized", (hello, mesh) => (hello with { MeshId = RandomBytes.NextId() }).Signed(mesh.Session)),
        ["id of another member"] = ("parent_member_id_mismatch", (hello, mesh) => hello with { ParentMemberId = mesh.Removed.Id }),
    };

    public static TheoryData<string> HelloFaults => [.. WrongHellos.Keys];

    public static TheoryData<string> SessionHelloFaults => [.. WrongSessionHellos.Keys];

    [Theory]
    [MemberData(nameof(HelloFaults))]
    public async Task A_wrong_hello_is_refused_with_its_code_and_closed_with_it(string fault)
    {
        (string code, Func<Hello, HandshakeMesh, Hello> change) = WrongHellos[fault];
        Hello hello = change(shared.Alice.LegacyHello("claudemesh-daemon", "daemon-1"), shared);

        await AssertRefusedAsync(shared.Mesh, Forms.Frame(hello), code, PolicyViolation, code);
    }

    [Theory]
    [MemberData(nameof(SessionHelloFaults))]
    public async Task A_wrong_session_hello_is_refused_with_its_code_and_closed_with_it(string fault)
    {
        (string code, Func<SessionHello, HandshakeMesh, SessionHello> change) = WrongSessionHellos[fault];
        SessionHello hello = change(shared.Alice.LegacySessionHello(shared.Session, "s1"), shared);

        await AssertRefusedAsync(shared.Mesh, Forms.Frame(hello), code, PolicyViolation, code);
    }

    [Fact]
    public async Task A_removed_member_is_told_so_and_closed_as_banned()
    {
        Hello hello = shared.Removed.LegacyHello("claudemesh-daemon", "daemon-1");
        SessionHello session = shared.Removed.LegacySessionHello(SigningKey.Generate(), "s1");

        await AssertRefusedAsync(shared.Mesh, Forms.Frame(hello), "revoked", 4002, "banned");
        await AssertRefusedAsync(shared.Mesh, Forms.Frame(session), "revoked", 4002, "banned");
    }

    [Fact]
    public async Task A_session_of_a_parent_who_is_no_member_is_unauthorized()
    {
        using MemberSecretKey stranger = MemberSecretKey.Generate();
        TestMember nobody = new(shared.Mesh, stranger, "nobody", "");

        await AssertRefusedAsync(
            shared.Mesh, Forms.Frame(nobody.LegacySessionHello(SigningKey.Generate(), "s1")), "unauthorized", PolicyViolation, "unauthorized");
    }

    [Fact]
    public async Task Fields_of_the_wrong_type_are_malformed_and_close_the_socket()
    {
        JsonObject noPid = Forms.Frame(shared.Alice.LegacyHello("claudemesh-daemon", "daemon-1"));
        noPid.Remove("pid");
        JsonObject soon = Forms.Frame(shared.Alice.LegacySessionHello(shared.Session, "s1"));
        soon["parentAttestation"]!["expiresAt"] = "soon";

        await AssertRefusedAsync(shared.Mesh, noPid, "malformed", PolicyViolation, "malformed");
        await AssertRefusedAsync(shared.Mesh, soon, "malformed", PolicyViolation, "malformed");
    }

    [Fact]
    public async Task What_is_just_inside_the_limits_is_accepted()
    {
        Hello late = shared.Alice.LegacyHello("claude-code", "edge");
        late = (late with { Timestamp = late.Timestamp - 60_000, MemberId = "" }).Signed(shared.Alice.Key.Key);
        SessionHello day = shared.Alice.LegacySessionHello(SigningKey.Generate(), "edge");
        day = day.Attested(shared.Alice.Key.Key, day.Timestamp + DayMs) with { ParentMemberId = "", Signature = day.Signature.ToUpperInvariant() };

        await AssertAcceptedAsync(shared.Mesh, Forms.Frame(late));
        await AssertAcceptedAsync(shared.Mesh, Forms.Frame(day));
    }

    [Fact]
    [Trait("wire", "7.2 #19")]
    public async Task A_hello_without_cwd_is_accepted_because_the_sdk_sends_none()
    {
        JsonObject hello = Forms.Frame(shared.Alice.LegacyHello("sdk", "sdk-1"));
        hello.Remove("cwd");
        hello["protocolVersion"] = 1;
        hello["capabilities"] = new JsonArray("x");

        JsonObject ack = await AssertAcceptedAsync(shared.Mesh, hello);
        Assert.Equal("alice", (string?)ack["memberDisplayName"]);
    }

    [Fact]
    public async Task The_challenge_that_1x_does_not_know_comes_first_and_can_be_ignored()
    {
        await using TestSocket socket = await TestSocket.ConnectAsync(shared.Mesh.Broker.SocketUrl);
        JsonObject first = await socket.NextAsync("anything", _ => true);
        await socket.SendAsync(shared.Alice.LegacyHello("claude-code", "ignores-challenge"));
        JsonObject second = await socket.NextAsync("anything", _ => true);

        Assert.Equal("challenge", (string?)first["type"]);
        Assert.Equal("hello_ack", (string?)second["type"]);
        Assert.True((bool)second["meshPolicy"]!["selfEditable"]!["displayName"]!);
        Assert.Equal("push", (string?)second["memberProfile"]!["messageMode"]);
    }

    [Fact]
    public async Task Anything_before_a_hello_is_refused_and_the_socket_stays_open_for_one()
    {
        await using TestSocket socket = await TestSocket.ConnectAsync(shared.Mesh.Broker.SocketUrl);
        await socket.SendAsync(new ListPeers(), "early");
        JsonObject refusal = await socket.NextAsync("error");
        await socket.SendAsync(shared.Alice.LegacyHello("claude-code", "after-error"));

        Assert.Equal("no_hello", (string?)refusal["code"]);
        Assert.Equal("early", (string?)refusal["_reqId"]);
        await socket.NextAsync("hello_ack");
    }

    [Fact]
    [Trait("wire", "7.2 #11")]
    public async Task A_second_hello_on_one_socket_is_refused_and_orphans_nobody()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember alice = await mesh.AddMemberAsync("alice", legacy: true);
        await using LegacyPeer bob = await mesh.JoinLegacyAsync("bob");
        await using LegacyPeer peer = await alice.ConnectLegacyAsync("claude-code", "cold-1");

        await peer.Socket.SendAsync(alice.LegacyHello("claude-code", "cold-2"), "second");
        JsonObject refusal = await peer.Socket.NextAsync("error");
        await peer.Socket.SendAsync(alice.LegacySessionHello(SigningKey.Generate(), "s1"), "third");
        await peer.Socket.NextAsync("error");

        Assert.Equal("already_said_hello", (string?)refusal["code"]);
        Assert.Equal(2, (await bob.Socket.PeersAsync()).Count);
        await peer.Socket.CloseAsync();
        await bob.Socket.NextEventAsync("peer_left");
        Assert.Single(await bob.Socket.PeersAsync());
    }

    [Fact]
    public async Task A_full_workspace_refuses_with_capacity_and_has_room_again_when_somebody_left()
    {
        // One of the three is the owner's own connection, which makes the invites.
        await using TestMesh mesh = await TestMesh.StartAsync(change: settings => settings with { Limits = new BrokerLimits { WorkspaceConnections = 3 } });
        await using LegacyPeer bob = await mesh.JoinLegacyAsync("bob");
        TestMember alice = await mesh.AddMemberAsync("alice", legacy: true);
        LegacyPeer first = await alice.ConnectLegacyAsync("claude-code", "cold-1");

        await AssertRefusedAsync(mesh, Forms.Frame(alice.LegacyHello("claude-code", "cold-2")), "capacity", PolicyViolation, "capacity");
        await AssertRefusedAsync(
            mesh, Forms.Frame(alice.LegacySessionHello(SigningKey.Generate(), "s1")), "capacity", PolicyViolation, "capacity");

        await first.Socket.CloseAsync();
        await bob.Socket.NextEventAsync("peer_left");
        await AssertAcceptedAsync(mesh, Forms.Frame(alice.LegacyHello("claude-code", "cold-3")));
    }

    [Fact]
    public async Task A_broker_without_1x_refuses_both_hellos_and_admits_ours()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(change: settings => settings with { AcceptLegacyHello = false });
        TestMember alice = await mesh.AddMemberAsync("alice");

        await AssertRefusedAsync(mesh, Forms.Frame(alice.LegacyHello("claudemesh-daemon", "d")), "unauthorized", PolicyViolation, "unauthorized");
        await AssertRefusedAsync(
            mesh, Forms.Frame(alice.LegacySessionHello(SigningKey.Generate(), "s1")), "unauthorized", PolicyViolation, "unauthorized");
        await using TestPeer ours = await alice.ConnectAsync();
        Assert.Equal(alice.Id, (string?)ours.Welcome["memberId"]);
    }

    [Fact]
    [Trait("wire", "7.2 #16")]
    public async Task An_archived_workspace_admits_nobody()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember alice = await mesh.AddMemberAsync("alice", legacy: true);
        await mesh.EndAsync();
        await mesh.Broker.RestartAsync();

        await AssertRefusedAsync(mesh, Forms.Frame(alice.LegacyHello("claudemesh-daemon", "d")), "unauthorized", PolicyViolation, "unauthorized");
        await AssertRefusedAsync(
            mesh, Forms.Frame(alice.LegacySessionHello(SigningKey.Generate(), "s1")), "unauthorized", PolicyViolation, "unauthorized");
    }

    private static async Task AssertRefusedAsync(TestMesh mesh, JsonObject hello, string code, int close, string reason)
    {
        await using TestSocket socket = await TestSocket.ConnectAsync(mesh.Broker.SocketUrl);
        await socket.SendAsync(hello.ToJsonString());
        JsonObject error = await socket.NextAsync("error");
        await socket.ClosedAsync();

        Assert.Equal(code, (string?)error["code"]);
        Assert.Equal((close, reason), ((int)socket.CloseStatus!.Value, socket.CloseReason));
    }

    private static async Task<JsonObject> AssertAcceptedAsync(TestMesh mesh, JsonObject hello)
    {
        await using TestSocket socket = await TestSocket.ConnectAsync(mesh.Broker.SocketUrl);
        await socket.SendAsync(hello.ToJsonString());
        JsonObject ack = await socket.NextAsync("hello_ack");
        await socket.CloseAsync();
        return ack;
    }
}
