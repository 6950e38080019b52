using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Broker.Tests.Objects;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.State;

/// <summary>What 1.x clients keep in clear, and how it is apart from what ours keep sealed (wire reference 3.4).</summary>
public sealed class LegacyStateTests
{
    [Fact]
    public async Task A_value_is_told_to_every_other_1_x_connection_and_never_answered()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        await using LegacyPeer bob = await mesh.JoinLegacyAsync("bob");

        await alice.Socket.SendAsync(new SetState("build", Json("""{"ok":true,"n":3}""")), "s1");
        JsonObject told = await bob.Socket.NextAsync("state_change");
        JsonObject got = await bob.Socket.AskAsync(new GetState("build"));

        Assert.Equal(("build", 3, "alice"), ((string?)told["key"], (int)told["value"]!["n"]!, (string?)told["updatedBy"]));
        Assert.Equal((3, "alice"), ((int)got["value"]!["n"]!, (string?)got["updatedBy"]));
        Assert.Empty(await alice.Socket.AllUntilAnsweredAsync("state_change"));
        Assert.Empty(await alice.Socket.AllUntilAnsweredAsync("state_result"));
    }

    [Fact]
    [Trait("wire", "7.2 #14")]
    [Trait("cli", "7 drift: an answer under another name than is waited for")]
    public async Task An_original_daemon_gets_the_answers_it_waits_for_and_others_only_those_they_know()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer daemon = await mesh.JoinLegacyAsync("alice");
        await using LegacyPeer cold = await mesh.JoinLegacyAsync("bob", "claude-code");
        await daemon.Socket.SendAsync(new SetState("build", Json("3")));

        await daemon.Socket.SendAsync(new GetState("build"), "sg-1");
        JsonObject data = await daemon.Socket.NextAsync("state_data");
        await daemon.Socket.SendAsync(new Remember("the port is 5433"), "mr-1");
        JsonObject stored = await daemon.Socket.NextAsync("memory_stored");
        await daemon.Socket.SendAsync(new Recall("port"), "mc-1");
        JsonObject matches = await daemon.Socket.NextAsync("memory_recall_result");
        await cold.Socket.AskAsync(new GetState("build"));
        await cold.Socket.AskAsync(new Recall("port"));

        Assert.Equal(("sg-1", 3), ((string?)data["_reqId"], (int)data["state"]!["value"]!));
        Assert.Equal((string?)stored["id"], (string?)stored["memoryId"]);
        Assert.Equal(("mc-1", (string?)stored["id"]), ((string?)matches["_reqId"], (string?)matches["matches"]![0]!["id"]));
        Assert.Empty(await cold.Socket.AllUntilAnsweredAsync("state_data"));
        Assert.Empty(await cold.Socket.AllUntilAnsweredAsync("memory_recall_result"));
    }

    [Fact]
    public async Task A_value_that_was_never_set_is_null_and_two_empty_texts()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice", "claude-code");

        JsonObject none = await alice.Socket.AskAsync(new GetState("nothing"));

        Assert.True(none.ContainsKey("value"));
        Assert.Null(none["value"]);
        Assert.Equal(("", ""), ((string?)none["updatedBy"], (string?)none["updatedAt"]));
    }

    [Fact]
    [Trait("wire", "7.2 #10")]
    public async Task A_null_a_missing_value_or_key_and_a_value_that_is_too_large_are_each_told()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice", "claude-code");

        foreach ((string frame, string code) in new[]
        {
            ("""{"type":"set_state","key":"k","value":null,"_reqId":"r"}""", "invalid_args"),
            ("""{"type":"set_state","key":"k","_reqId":"r"}""", "invalid_args"),
            ("""{"type":"set_state","value":1,"_reqId":"r"}""", "invalid_args"),
            ("""{"type":"set_state","key":"","value":1,"_reqId":"r"}""", "invalid_args"),
            ("""{"type":"remember","content":"","_reqId":"r"}""", "invalid_args"),
            ($$"""{"type":"set_state","key":"k","value":"{{new string('x', 70_000)}}","_reqId":"r"}""", "payload_too_large"),
        })
        {
            await alice.Socket.SendAsync(frame);
            JsonObject error = await alice.Socket.NextAsync("error");
            Assert.Equal((code, "r"), ((string?)error["code"], (string?)error["_reqId"]));
        }

        Assert.Empty((await alice.Socket.AskAsync(new ListState()))["entries"]!.AsArray());
    }

    [Fact]
    public async Task What_a_cold_verb_sends_right_before_it_closes_is_done()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember member = await mesh.AddMemberAsync("alice", legacy: true);
        await using LegacyPeer bob = await mesh.JoinLegacyAsync("bob");
        LegacyPeer cold = await member.ConnectLegacyAsync("claude-code", "cold-1");

        await cold.Socket.SendAsync(new SetState("deploy", Json("\"v2 ready\"")));
        WebSocketCloseStatus? closed = await cold.Socket.CloseWithoutCodeAsync();

        Assert.Equal(WebSocketCloseStatus.NormalClosure, closed);
        Assert.Equal("v2 ready", (string?)(await bob.Socket.NextAsync("state_change"))["value"]);
        Assert.Equal("v2 ready", (string?)(await bob.Socket.AskAsync(new GetState("deploy")))["value"]);
    }

    [Fact]
    public async Task Our_clients_are_given_plain_values_marked_as_plain_and_1_x_clients_see_nothing_that_is_sealed()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using LegacyPeer old = await mesh.JoinLegacyAsync("old");
        await alice.PutAsync(alice.Put("build", 9, "sealed"));
        await alice.NextChangeAsync();

        await old.Socket.SendAsync(new SetState("build", Json("3")));
        SealedObject told = await alice.NextChangeAsync();
        await old.Socket.AskAsync(new Remember("the port is 5433", ["db"]));
        SealedObject memory = await alice.NextChangeAsync();

        Assert.Equal((true, "3", 1L, "old"), (told.Plain, told.Text(), told.Revision, told.WrittenBy));
        Assert.Empty(told.Header);
        Assert.Equal("""{"text":"the port is 5433","tags":["db"]}""", memory.Text());
        Assert.Equal([false, true, true], (await alice.ListAsync()).Objects.Select(one => one.Plain));
        Assert.Equal(3, (int)(await old.Socket.AskAsync(new GetState("build")))["value"]!);
        Assert.Single((await old.Socket.AskAsync(new ListState()))["entries"]!.AsArray());
    }

    [Fact]
    public async Task A_memory_is_found_listed_to_ours_and_gone_once_it_is_forgotten()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer ours = await mesh.JoinAsync("ours");
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice", "claude-code");
        string id = (string)(await alice.Socket.AskAsync(new Remember("deploys happen on fridays", ["ops"])))["id"]!;
        JsonObject found = await alice.Socket.AskAsync(new Recall("friday OPS"));

        JsonObject forgotten = await alice.Socket.AskAsync(new Forget(id));
        JsonObject again = await alice.Socket.AskAsync(new Forget(id));

        Assert.Equal(("deploys happen on fridays", "alice"), ((string?)found["memories"]![0]!["content"], (string?)found["memories"]![0]!["rememberedBy"]));
        Assert.Equal(("ack", id, false), ((string?)forgotten["type"], (string?)forgotten["messageId"], (bool)forgotten["queued"]!));
        Assert.Equal("ack", (string?)again["type"]);
        Assert.Empty((await alice.Socket.AskAsync(new Recall("friday")))["memories"]!.AsArray());
        Assert.False((await ours.NextChangeAsync()).Deleted);
        Assert.True((await ours.NextChangeAsync()).Deleted);
    }

    [Fact]
    public async Task The_plain_state_of_a_workspace_always_fits_into_one_listing()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice", "claude-code");
        for (int i = 0; i < 20; i++)
            await alice.Socket.SendAsync(new SetState("k" + i, Json($"\"{new string('x', 60_000)}\"")));

        JsonObject refused = await alice.Socket.NextAsync("error");
        JsonObject listed = await alice.Socket.AskAsync(new ListState());

        Assert.Equal("object_quota", (string?)refused["code"]);
        Assert.Equal(17, listed["entries"]!.AsArray().Count);
    }

    [Fact]
    public async Task Context_is_one_for_each_member_told_to_the_others_and_found()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice", "claude-code");
        await using LegacyPeer bob = await mesh.JoinLegacyAsync("bob");

        await alice.Socket.AskAsync(new ShareContext("first"));
        JsonObject shared = await alice.Socket.AskAsync(new ShareContext("working on auth", ["a.ts"], ["token expiry"], ["auth"]));
        await bob.Socket.NextAsync("state_change");
        JsonObject told = await bob.Socket.NextAsync("state_change");
        JsonNode found = Assert.Single((await bob.Socket.AskAsync(new GetContext("AUTH")))["contexts"]!.AsArray())!;
        JsonNode listed = Assert.Single((await bob.Socket.AskAsync(new ListContexts()))["contexts"]!.AsArray())!;

        Assert.Equal("context_shared", (string?)shared["type"]);
        Assert.Equal(("_context:alice", "working on auth"), ((string?)told["key"], (string?)told["value"]));
        Assert.Equal(("alice", "token expiry", "a.ts"), ((string?)found["peerName"], (string?)found["keyFindings"]![0], (string?)found["filesRead"]![0]));
        Assert.Equal("working on auth", (string?)listed["summary"]);
    }

    [Fact]
    public async Task The_overview_names_the_plain_keys_and_counts_the_plain_memories()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice", "claude-code");
        await alice.Socket.SendAsync(new SetState("b", Json("1")));
        await alice.Socket.SendAsync(new SetState("a", Json("1")));
        await alice.Socket.AskAsync(new Remember("one"));

        JsonObject info = await alice.Socket.AskAsync(new MeshInfo());

        Assert.Equal(["a", "b"], info["stateKeys"].Texts());
        Assert.Equal(1, (int)info["memoryCount"]!);
    }

    private static JsonElement Json(string text)
    {
        Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(text));
        return JsonElement.ParseValue(ref reader);
    }
}
