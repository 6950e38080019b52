using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Topics;

/// <summary>A private topic of ours has its own log: the broker's rows of who is in it are what that says.</summary>
public sealed class PrivateTopicTests
{
    [Fact]
    public async Task A_private_topic_is_made_with_its_log_and_admits_whom_that_admits()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer mallory = await mesh.JoinAsync("mallory");
        PrivateTopic topic = await PrivateTopic.CreateAsync(mesh, alice, "plans");

        Assert.Equal("topic_not_found", (string?)(await bob.Socket.AskAsync(new TopicHistory(topic.Id)))["code"]);
        await topic.AdmitAsync(bob.Member, LogRole.Member);
        await topic.RotateAsync();
        JsonObject ack = await topic.PostAsync(alice, "between us");

        Assert.Equal(1, (int?)ack["recipients"]);
        Received received = await bob.NextMessageAsync();
        Assert.Equal(("between us", "plans"), (received.Text, (string?)received.Frame["topic"]));
        Assert.Equal(["general", "plans"], await bob.Socket.NamesAsync());
        Assert.Equal(["general"], await mallory.Socket.NamesAsync());
        Assert.Equal("topic_not_found", (string?)(await topic.PostAsync(mallory, "let me in"))["code"]);
        Assert.Empty(await mallory.Socket.AllUntilAnsweredAsync("push"));
    }

    [Fact]
    public async Task Roles_and_removals_of_the_log_hold_at_once()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        PrivateTopic topic = await PrivateTopic.CreateAsync(mesh, alice, "plans");
        await topic.AdmitAsync(bob.Member, LogRole.Observer);
        await topic.RotateAsync();

        Assert.Equal("topic_read_only", (string?)(await topic.PostAsync(bob, "me too"))["code"]);
        await topic.AppendAsync(new LogBody.Role(bob.Member.Key.Public, LogRole.Member));
        Assert.Null((string?)(await topic.PostAsync(bob, "now I may"))["code"]);
        await alice.NextMessageAsync();

        await topic.AppendAsync(new LogBody.Remove(bob.Member.Key.Public, ""));
        await topic.RotateAsync();
        await topic.PostAsync(alice, "without bob");
        Assert.Equal("topic_not_found", (string?)(await bob.Socket.AskAsync(new TopicHistory(topic.Id)))["code"]);
        Assert.DoesNotContain(await bob.Socket.AllUntilAnsweredAsync("push"), push => Received.Of(push).Text == "without bob");
        JsonObject gone = await bob.Socket.NextAsync("that it is gone", frame => TestSocket.IsType(frame, "topic_changed") && frame["info"] is null);
        Assert.Equal(topic.Id, (string?)gone["id"]);
    }

    [Fact]
    public async Task Whom_the_workspace_removes_is_out_of_its_private_topics_and_bodies_wait_for_the_next_root()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        PrivateTopic topic = await PrivateTopic.CreateAsync(mesh, alice, "plans");
        await topic.AdmitAsync(bob.Member, LogRole.Member);
        await topic.RotateAsync();

        await mesh.Log.ReadOnAsync();
        await mesh.Log.RemoveAsync(bob.Member.Key.Public);
        await bob.Socket.ClosedAsync();

        Assert.Equal(["alice"], (await alice.Socket.AskAsync(new TopicMembers(topic.Id)))["members"]!.AsArray().Select(row => (string?)row!["displayName"]));
        Assert.Equal("stale_epoch", (string?)(await topic.PostAsync(alice, "alone again", "cmid-1"))["code"]);
        await topic.RotateAsync();
        Assert.Null((string?)(await topic.PostAsync(alice, "alone again", "cmid-1"))["code"]);
    }

    [Fact]
    public async Task A_topic_with_a_log_is_left_by_a_record()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer alice = await mesh.JoinAsync("alice");
        PrivateTopic topic = await PrivateTopic.CreateAsync(mesh, alice, "plans");

        Assert.Equal("topic_has_log", await alice.Socket.TellAsync(new TopicLeave(topic.Id)));
    }

    [Fact]
    public async Task A_dm_topic_is_between_two()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        TestMember carol = await mesh.AddMemberAsync("carol");
        PrivateTopic topic = await PrivateTopic.CreateAsync(mesh, alice, "alice-bob", TopicVisibility.Dm);

        await topic.AdmitAsync(bob, LogRole.Member);
        JsonObject refused = await topic.TryAppendAsync(topic.Draft(new LogBody.Admit(carol.Id, carol.Key.Public, LogRole.Member, MemberKind.Person)));

        Assert.Equal("log_refused", (string?)refused["code"]);
        Assert.Contains("between two", (string?)refused["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Making_it_again_with_the_same_records_finds_it_and_a_taken_id_makes_nothing()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer mallory = await mesh.JoinAsync("mallory");
        PrivateTopic topic = await PrivateTopic.CreateAsync(mesh, alice, "plans");

        JsonObject again = await alice.Socket.AskAsync(topic.Create);
        JsonObject stolen = await mallory.Socket.AskAsync(topic.Create with { Name = TopicName.Parse("mine") });

        Assert.False((bool?)again["created"]);
        Assert.Equal("error", (string?)stolen["type"]);
        Assert.Equal(["alice"], (await alice.Socket.AskAsync(new TopicMembers(topic.Id)))["members"]!.AsArray().Select(row => (string?)row!["displayName"]));
    }

    [Fact]
    public async Task What_the_log_says_holds_after_a_restart()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        TestPeer alice = await mesh.JoinAsync("alice");
        TestPeer bob = await mesh.JoinAsync("bob");
        PrivateTopic topic = await PrivateTopic.CreateAsync(mesh, alice, "plans");
        await topic.AdmitAsync(bob.Member, LogRole.Member);
        await topic.RotateAsync();
        await topic.PostAsync(alice, "before");

        await mesh.Broker.RestartAsync();

        await using TestPeer back = await bob.Member.ConnectAsync();
        Assert.Equal("before", (await back.NextMessageAsync()).Text);
        Assert.Equal(["before"], TopicFrames.Texts(await back.Socket.AskAsync(new TopicHistory("plans"))));
        await alice.DisposeAsync();
        await bob.DisposeAsync();
    }
}

/// <summary>A private topic as its maker's client holds it.</summary>
internal sealed class PrivateTopic
{
    private readonly TestMesh mesh;
    private readonly TestPeer lead;
    private readonly HeldLog held;
    private RootKey? root;

    private PrivateTopic(TestMesh mesh, TestPeer lead, string id)
    {
        this.mesh = mesh;
        this.lead = lead;
        Id = id;
        held = new HeldLog(mesh.Id, "topic/" + id, pin: null);
    }

    public string Id { get; }

    public TopicCreate Create { get; private set; } = new(TopicName.Parse("x"));

    public static async Task<PrivateTopic> CreateAsync(TestMesh mesh, TestPeer lead, string name, TopicVisibility visibility = TopicVisibility.Private)
    {
        await mesh.Log.ReadOnAsync();
        PrivateTopic topic = new(mesh, lead, RandomBytes.NextId());
        LogDraft draft = topic.Draft(new LogBody.Genesis(new Digest(RandomBytes.Next(Digest.Size)), EncryptionRequired: true, lead.Member.Id));
        EpochCopy[] copies = topic.Rotate(draft);
        SignedRecord[] records = [.. draft.Records.Select(record => record.Signed)];
        topic.Create = new TopicCreate(TopicName.Parse(name), Visibility: visibility, TopicId: topic.Id, Records: records, Copies: copies);
        JsonObject created = await lead.Socket.AskAsync(topic.Create);
        Assert.True((bool?)created["created"], created.ToJsonString());
        topic.held.Read(records, mesh.Log.State);
        return topic;
    }

    public LogDraft Draft(LogBody body)
    {
        LogDraft draft = new(held.State, lead.Member.Key, mesh.Log.Now, mesh.Log.State);
        Assert.Equal(LogRefusal.None, draft.Add(body));
        return draft;
    }

    public Task AdmitAsync(TestMember member, LogRole role) => AppendAsync(new LogBody.Admit(member.Id, member.Key.Public, role, MemberKind.Person));

    public async Task AppendAsync(LogBody body)
    {
        JsonObject answer = await TryAppendAsync(Draft(body));
        Assert.Equal("log_appended", (string?)answer["type"]);
    }

    public async Task RotateAsync()
    {
        LogDraft draft = new(held.State, lead.Member.Key, mesh.Log.Now, mesh.Log.State);
        EpochCopy[] copies = Rotate(draft);
        JsonObject answer = await TryAppendAsync(draft, copies);
        Assert.Equal("log_appended", (string?)answer["type"]);
    }

    public async Task<JsonObject> TryAppendAsync(LogDraft draft, EpochCopy[]? copies = null)
    {
        SignedRecord[] records = [.. draft.Records.Select(record => record.Signed)];
        JsonObject answer = await lead.Socket.AskAsync(new LogAppend(draft.State.Scope, records, copies));
        if (TestSocket.IsType(answer, "log_appended"))
            held.Read(records, mesh.Log.State);
        return answer;
    }

    /// <summary>A post whose header names the current root. Its body is text: the broker does not look into it.</summary>
    public async Task<JsonObject> PostAsync(TestPeer sender, string text, string? name = null, string[]? mentions = null)
    {
        string clientId = name ?? Guid.CreateVersion7().ToString();
        MessageHeader header = new(
            mesh.Id, new TargetSpec.Topic(Id), sender.Member.Key.Public, null, clientId, mesh.Log.Now, null, Priority.Next, "",
            held.State.FindRoot(held.State.Epoch));
        string id = RandomBytes.NextId();
        await sender.Socket.SendAsync(new Send(
            "#" + Id, new byte[24], System.Text.Encoding.UTF8.GetBytes(text), id, Priority.Next, clientId, Mentions: mentions, BodyVersion: 3,
            Header: SignedBytes.Of(header)));
        return await sender.Socket.NextAsync("the ack", frame => TestSocket.IsType(frame, "ack") && (string?)frame["id"] == id);
    }

    private EpochCopy[] Rotate(LogDraft draft)
    {
        Assert.Equal(LogRefusal.None, Rotation.Draft(draft, root, "test", out RootKey? next));
        root = next;
        return [.. Rotation.SealCopies(draft.State, next!, draft.At).Select(copy => new EpochCopy(next!.Epoch, copy.Recipient, copy.Copy))];
    }
}
