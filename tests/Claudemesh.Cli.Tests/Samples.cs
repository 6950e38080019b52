using Claudemesh.Local;

namespace Claudemesh.Cli.Tests;

/// <summary>One of each record, with every kind of value that it can have.</summary>
internal static class Samples
{
    public const string BobKey = "b0b0000000000000000000000000000000000000000000000000000000000001";
    public const string AliceKey = "a11ce00000000000000000000000000000000000000000000000000000000002";

    public static readonly Workspace Acme = new(
        "acme", "Acme", "mesh1", "http://127.0.0.1:7900", "owner", "member1", AliceKey, "alice", Desk.Now.AddDays(-1), ConnectionStates.Open);

    public static readonly MyAccount Account = new(
        "http://127.0.0.1:7900",
        AccountKinds.Device,
        AccountStates.SignedIn,
        "user1",
        "alice",
        "Alice",
        "desk",
        BobKey,
        AliceKey,
        1,
        "file",
        Desk.Now.AddMinutes(-5),
        null,
        false,
        null,
        [new("mesh1", "acme", "Acme", "owner", AccountWorkspaceStates.Here), new("mesh2", "old", "Old", "member", AccountWorkspaceStates.OtherKey)]);

    public static readonly AuditListing Audit = new(
        "acme",
        [
            Done(11, "invite_created", "alice", "socket", """{"invite":"q3Zb0fWx","role":"member","uses":1,"seq":4,"via":"socket"}"""),
            Done(12, "workspace_created", null, "broker", """{"name":"Acme","topic":null,"via":"broker"}"""),
            Done(13, "api_key_minted", "bob", "api_key", """{"credential":"k1","key":"k2","via":"api_key"}"""),
        ],
        13);

    public static readonly SessionList Sessions = new(
    [
        new("0000A3f9-session-one", "billing", "/src/billing", 42, ["acme"], Desk.Now.AddHours(-1), 0, ["read", "send"]),
        new("s2", "docs", "/src/docs", 43, ["acme"], Desk.Now, 0),
        new("s3", "run", "/src/run", 44, ["acme"], Desk.Now, 0, []),
    ]);

    public static readonly Invite Invite = new("acme", "http://127.0.0.1:7900/i/q3Zb0fWx#3.secret", 5, Desk.Now.AddDays(7), "q3Zb0fWx", "member");

    public static readonly TakenOff Taken = new("acme", [new("bob", BobKey, BobKey), new("bob-desk", AliceKey, BobKey)], ["carol"]);

    public static readonly BannedMember Banned = new("acme", "bob", BobKey);

    public static readonly PeerGrant Grant = new("acme", "bob", BobKey, ["read", "state-read"], false);

    public static readonly PeerGrant Blocked = Grant with { Capabilities = [] };

    public static readonly InviteList Invites = new(
    [
        new("acme", "q3Zb0fWx", "member", 1, 1, Desk.Now.AddHours(-1), Desk.Now.AddDays(7), "alice"),
        new("acme", "Ab12", "admin", 2, 5, Desk.Now.AddDays(-1), Desk.Now.AddHours(12), "alice"),
    ]);

    public static readonly Reconnected Reconnected = new([new("acme", "http://127.0.0.1:7900", ConnectionStates.Open, null, 0, 0)]);

    public static readonly Profile BobsProfile = new("Engineer", "Mends builds.", "🔧", ["review", "deploy"]);

    public static readonly Self Alice = new(
        "acme", null, "alice", PeerStatuses.Idle, "fixing the build", true, BobsProfile, [new("backend", "lead"), new("ops")], true);

    public static readonly GroupList Groups = new(
    [
        new("acme", "backend", true, "lead", ["alice", "bob"]),
        new("acme", "ops", false, null, ["bob"]),
    ]);

    public static readonly Safety WithBob = new(
        "acme", "bob", BobKey, "person", "12345 23456 34567 45678 56789 67890 / 54321 65432 76543 87654 98765 09876", false, null, false);

    public static readonly SafetyList Safety = new(
    [
        WithBob,
        WithBob with { Name = "carol", Verified = true, VerifiedAt = Desk.Now.AddDays(-3) },
        WithBob with { Name = "dave", Kind = "legacy", SafetyNumber = "12345 23456 34567 45678 56789 67890" },
        WithBob with { Name = "mou", Changed = true },
    ]);

    public static readonly SharedState Deploy = new(
        "acme", "deploy", System.Text.Json.JsonDocument.Parse("""{"version":"2.0.1","ready":true}""").RootElement.Clone(), 4, false, true, "bob", BobKey,
        Desk.Now.AddMinutes(-5), null);

    public static readonly SharedStateList State = new(
    [
        Deploy,
        Deploy with { Key = "plan", Value = System.Text.Json.JsonDocument.Parse("\"first this\\nthen that\"").RootElement.Clone(), Revision = 1 },
        Deploy with { Encrypted = false, WriterKey = null, WrittenBy = "old client", Value = System.Text.Json.JsonDocument.Parse("3").RootElement.Clone() },
    ]);

    public static readonly Memory Remembered = new(
        "acme", "019ab3c4d5e67f0089abcdef01234567", "the staging database\nlistens on port 5433", ["db", "infra"], true, "bob", BobKey, Desk.Now.AddDays(-2));

    public static readonly MemoryList Memories = new(
        [Remembered, Remembered with { Id = "8MAgFRh0jG1ymDwno8xJ83YFo5bR3eBJ", Text = "plain", Tags = [], Encrypted = false, WrittenBy = "old client", WriterKey = null }]);

    public static readonly PeerList Peers = new(
    [
        new("acme", "alice", AliceKey, AliceKey, "person", "idle", null, [], [], null, "/home/alice", "laptop", null, Desk.Now.AddHours(-2), true, false, null, false),
        new("acme", "bob", BobKey, BobKey, "person", "working", "fixing the build", ["backend"], ["repo:billing"], "s1", null, null, "opus", Desk.Now, false, true, BobsProfile, true),
    ], []);

    public static readonly MemberList Members = new(
    [
        new("acme", "alice", AliceKey, "owner", "person", true, Desk.Now.AddDays(-9), [], [], true, false),
        new("acme", "bob", BobKey, "admin", "person", false, Desk.Now.AddDays(-8), ["backend"], [], false, true),
        new("acme", "dave", BobKey, "none", "legacy", false, Desk.Now.AddDays(-1), [], [], false, false, true),
        new("acme", "carol", AliceKey, "waiting", "person", false, Desk.Now, [], [], false, false, true),
    ]);

    public static readonly ChangedMember Changed = new("acme", "bob", BobKey, "none", 2);

    public static readonly LogListing Log = new(
        "acme",
        new string('a', 64),
        [
            new(1, Desk.Now.AddDays(-1), "alice", AliceKey, "genesis", "made the workspace, encryption required", new string('a', 64)),
            new(2, Desk.Now, "alice", AliceKey, "admit", "admitted bob (b0b0000000000000) as member", new string('b', 64)),
        ]);

    public static readonly LogCheck LogCheck = new("acme", true, 2, new string('b', 64), new string('a', 64), 2, 1, true, false, null);

    public static readonly RecipientStatus ToBob = new("bob", BobKey, "019ab3c4d5e67f00", "m1", MessageStates.Accepted, Encryptions.Member, null, 1, true);

    public static readonly SendResult Sent = new("019ab3c4d5e67f00", "acme", "bob", MessageStates.Accepted, false, true, [ToBob]);

    public static readonly MessageStatus Status = new("019ab3c4d5e67f00", "acme", "bob", Priorities.Next, Desk.Now, MessageStates.Delivered,
        [ToBob with { State = MessageStates.Delivered }]);

    public static readonly InboxItem FromBob = new(
        7, "acme", "m7", "c7", "bob", BobKey, null, "member", null, "the schema changed\nsee ADR 7", Encryptions.Member, true, true, null, Priorities.Next, null,
        Desk.Now.AddMinutes(-30), Desk.Now.AddMinutes(-29), null);

    public static readonly InboxPage Inbox = new(
    [
        FromBob,
        FromBob with { Sequence = 8, MessageId = "m8", Sender = "old client", To = "@backend", Text = "plain", Encryption = Encryptions.None, Encrypted = false, Verified = false, SeenAt = Desk.Now },
        FromBob with { Sequence = 9, MessageId = "m9", Text = null, Verified = false, Unreadable = "it was sealed to another key", SentAt = Desk.Now.AddDays(-3) },
    ], 3, false);

    public static readonly Topic Deploys = new(
        "acme", "t0000000000000000000000000000001", "deploys", "what goes out", TopicVisibilities.Public, null, 3, TopicRoles.Lead, 2, Desk.Now.AddDays(-9), null, 90, false);

    public static readonly ListedTopics Topics = new(
    [
        Deploys,
        Deploys with { Id = "t2", Name = "dm-t2", Description = null, Visibility = TopicVisibilities.Dm, With = "bob", Members = 2, Role = TopicRoles.Member, Unread = 0, RetentionDays = null },
        Deploys with { Id = "t3", Name = "incident-7", Description = null, Visibility = TopicVisibilities.Private, Members = 1, Unread = 0, RetentionDays = null, ArchivedAt = Desk.Now },
        Deploys with { Workspace = "other", Id = "t4", Name = "alerts", Description = null, Members = 12, Role = null, Unread = 0, RetentionDays = null, Plain = true },
    ], []);

    public static readonly Post FirstPost = new(
        0, "acme", "deploys", Deploys.Id, "0000A3f9q3Zb0fWxK2mN8pLsT4vY6cRd", "c1", "bob", BobKey, null, false, "v2 is out\nwatch the graphs", Encryptions.Member, true, true, null,
        [], false, Priorities.Next, null, null, Desk.Now.AddMinutes(-30));

    public static readonly Post Mentioning = FirstPost with
    {
        Sequence = 7,
        Id = "0000A3fAq3Zb0fWxK2mN8pLsT4vY6cRd",
        Sender = "carol",
        Text = "@alice the error rate",
        Mentions = ["alice"],
        MentionsMe = true,
        ReplyTo = FirstPost.Id,
        Reply = new ReplyExcerpt("bob", "v2 is out watch the graphs"),
    };

    public static readonly PostPage Posts = new("acme", "deploys",
    [
        FirstPost,
        Mentioning,
        FirstPost with { Sequence = 8, Id = "0000A3fB", Sender = "cron", Text = "build 12 failed", Encryption = Encryptions.None, Encrypted = false, Verified = false },
        FirstPost with { Sequence = 9, Id = "0000A3fC", Text = null, Verified = false, Unreadable = "no_root", SentAt = Desk.Now.AddDays(-3), ReplyTo = "0000A3fB000" },
    ], 9, true, null);

    public static readonly TopicPeople InDeploys = new("acme", "deploys",
    [
        new("alice", AliceKey, TopicRoles.Lead, Desk.Now.AddDays(-9), Desk.Now.AddMinutes(-5), true, false),
        new("bob", BobKey, TopicRoles.Observer, Desk.Now.AddDays(-2), null, false, true),
    ]);

    public static readonly TopicMemberChanged Carol = new("acme", "incident-7", "carol", BobKey, TopicRoles.Member);

    public static readonly DaemonStatus Daemon = new("2.0.0", 4711, Desk.Now.AddMinutes(-125), "/home/alice/.claudemesh", 38L * 1024 * 1024, 2, 1,
    [
        new("acme", "http://127.0.0.1:7900", ConnectionStates.Open, null, 0, 1),
        new("other", "https://mesh.example.org", ConnectionStates.Offline, "connection refused", 2, 0),
    ]);

    private static AuditEntry Done(long id, string type, string? actor, string via, string payload) => new(
        "acme", id, type, actor, actor, via, System.Text.Json.JsonDocument.Parse(payload).RootElement.Clone(), BobKey, Desk.Now.AddMinutes(id));
}
