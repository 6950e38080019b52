using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Topics;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Log;

/// <summary>What a member whose key has changed still reaches: topics that do not know of it yet, and what waits for his old sessions.</summary>
public sealed class MovedKeyTests
{
    [Fact]
    public async Task A_topic_that_has_a_member_under_his_old_key_lets_him_say_the_new_one_there_and_nobody_else()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer mallory = await mesh.JoinAsync("mallory");
        TestMember bob = await mesh.AddMemberAsync("bob");
        PrivateTopic topic = await PrivateTopic.CreateAsync(mesh, alice, "plans");
        await topic.AdmitAsync(bob, LogRole.Member);
        using MemberSecretKey renewed = MemberSecretKey.Generate();
        LogDraft draft = mesh.Log.Draft(bob.Key);
        draft.AddKeyChange(renewed, compromised: false);
        await mesh.Log.AppendAsync(draft);

        await using TestPeer moved = await new TestMember(mesh, renewed, "bob", bob.Id).ConnectAsync();
        string scope = "topic/" + topic.Id;
        LogPage page = await Frames.AskAsync<LogPage>(moved.Socket, new LogRead(scope, 0));
        Assert.Equal("not_found", (string?)(await Frames.AskAsync(mallory.Socket, new LogRead(scope, 0)))["code"]);
        HeldLog log = new(mesh.Id, scope, pin: null);
        log.Read(page.Records, mesh.Log.State);
        LogDraft follows = new(log.State, bob.Key, mesh.Log.Now, mesh.Log.State);
        Assert.Equal(LogRefusal.None, follows.AddKeyChange(renewed, compromised: false));
        JsonObject appended = await Frames.AppendAsync(moved.Socket, follows);

        Assert.Equal(("log_appended", log.State.Head.Seq + 1), ((string?)appended["type"], (long)appended["seq"]!));
        await alice.Socket.NextAsync("the news of it", frame => (string?)frame["type"] == "log_head_moved" && (string?)frame["scope"] == scope);
    }

    [Fact]
    public async Task What_waits_for_a_session_of_the_old_key_goes_to_its_member_within_a_minute()
    {
        FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());
        await using TestMesh mesh = await TestMesh.StartAsync(clock, log: LogKind.Required);
        await using TestPeer cid = await mesh.JoinAsync("cid");
        TestMember bob = await mesh.AddMemberAsync("bob");
        string session;
        await using (TestPeer before = await bob.ConnectAsync())
            session = (await before.OpenSessionAsync("s1")).Public.ToString();
        await cid.SendAsync(session, "for the session");
        using MemberSecretKey renewed = MemberSecretKey.Generate();
        LogDraft draft = mesh.Log.Draft(bob.Key);
        draft.AddKeyChange(renewed, compromised: false);
        await mesh.Log.AppendAsync(draft);
        await using TestPeer moved = await new TestMember(mesh, renewed, "bob", bob.Id).ConnectAsync();

        clock.Advance(TimeSpan.FromSeconds(60));
        JsonObject push = (await moved.NextMessageAsync()).Frame;
        Assert.Equal((session, null), ((string?)push["target"], (string?)push["sessionId"]));
    }
}
