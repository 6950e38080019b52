using Claudemesh.Crypto;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using SetState = Claudemesh.Protocol.SetState;

namespace Claudemesh.Daemon.Tests.Objects;

/// <summary>What 1.x clients keep in clear, as a daemon shows it; and what they see of it.</summary>
public sealed class PlainObjectTests : IAsyncLifetime
{
    private TestMesh mesh = null!;
    private RunningDaemon alice = null!;
    private LegacyPeer old = null!;

    public async ValueTask InitializeAsync()
    {
        mesh = await TestMesh.StartAsync(log: LogKind.Mixed);
        alice = await RunningDaemon.StartAsync();
        TestInvite invite = await mesh.Log.InviteAsync();
        string link = new InviteLink(mesh.Broker.Url.ToString().TrimEnd('/'), invite.Id, invite.Secret).ToTextWithSecret();
        await Ok.Async(alice.Client.JoinWorkspaceAsync(new JoinWorkspace(link, "alice"), default));
        await mesh.Log.ReadOnAsync();
        old = await mesh.JoinLegacyAsync("old", "claude-code");
    }

    public async ValueTask DisposeAsync()
    {
        await old.DisposeAsync();
        await alice.DisposeAsync();
        await mesh.DisposeAsync();
    }

    [Fact]
    public async Task A_plain_value_is_marked_and_is_apart_from_a_sealed_one_of_the_same_key()
    {
        await old.Socket.SendAsync(new SetState("build", Keeping.Json("""{"n":3}""")));
        await Eventually.TrueAsync("alice sees it", async () => await alice.FindStateAsync("build", plain: true) is not null);
        SharedState plain = (await alice.FindStateAsync("build", plain: true))!;
        await alice.SetAsync("build", "\"sealed\"");

        SharedStateList both = await Ok.Async(alice.Client.ListStateAsync(null, "build", default));
        Assert.Equal((false, "old", null, """{"n":3}"""), (plain.Encrypted, plain.WrittenBy, plain.WriterKey, plain.Value!.Value.GetRawText()));
        Assert.Equal([(true, "\"sealed\""), (false, """{"n":3}""")], both.Entries.Select(entry => (entry.Encrypted, entry.Value!.Value.GetRawText())));
    }

    [Fact]
    public async Task A_plain_memory_is_found_marked_and_can_be_forgotten()
    {
        await old.Socket.SendAsync(new Remember("deploys happen on fridays", ["ops"]), "r");
        await Eventually.TrueAsync("alice finds it", async () => (await alice.RecallAsync("friday", tag: "ops")).Length == 1);
        Memory found = Assert.Single((await Ok.Async(alice.Client.ListMemoriesAsync(null, "friday", null, 5, default))).Memories);

        await Ok.Async(alice.Client.ForgetMemoryAsync(found.Id, null, default));
        await Eventually.TrueAsync("it is gone", async () => (await alice.RecallAsync("friday")).Length == 0);

        Assert.Equal((false, "old", null), (found.Encrypted, found.WrittenBy, found.WriterKey));
        await old.Socket.SendAsync(new Recall("friday"), "q");
        Assert.Empty((await old.Socket.NextAsync("memory_results"))["memories"]!.AsArray());
    }

    [Fact]
    public async Task A_plain_value_alone_cannot_be_deleted_and_says_so()
    {
        await old.Socket.SendAsync(new SetState("k", Keeping.Json("1")));
        await Eventually.TrueAsync("alice sees it", async () => await alice.FindStateAsync("k", plain: true) is not null);

        LocalReply<SharedState> reply = await alice.Client.DeleteStateAsync("k", null, null, default);
        Assert.Equal((LocalErrors.Forbidden, (int)ExitCode.Denied), (reply.Problem?.Error, reply.Problem?.ExitCode));
    }

    [Fact]
    public async Task A_plain_value_that_is_deeper_than_the_local_api_is_shown_as_text()
    {
        string deep = string.Concat(Enumerable.Repeat("[", 25)) + string.Concat(Enumerable.Repeat("]", 25));
        await old.Socket.SendAsync(new SetState("deep", Keeping.Json(deep)));
        await Eventually.TrueAsync("alice sees it", async () => (await alice.FindStateAsync("deep", plain: true))?.Value?.GetString() == deep);
    }

    [Fact]
    [Trait("wire", "7.3 #9")]
    public async Task A_1_x_client_sees_no_summary_state_or_memory_of_ours()
    {
        await alice.SetAsync("k", "\"sealed value\"");
        await alice.KeepAsync("sealed memory");
        await Ok.Async(alice.Client.ChangeSelfAsync(new ChangeSelf(new WhoAmI(), Summary: "sealed summary"), default));

        await old.Socket.SendAsync(new ListState(), "l");
        await old.Socket.SendAsync(new Recall("sealed"), "r");
        await old.Socket.SendAsync(new ListPeers(), "p");

        Assert.Empty((await old.Socket.NextAsync("state_list"))["entries"]!.AsArray());
        Assert.Empty((await old.Socket.NextAsync("memory_results"))["memories"]!.AsArray());
        Assert.DoesNotContain("sealed summary", (await old.Socket.NextAsync("peers_list")).ToJsonString(), StringComparison.Ordinal);
    }
}
