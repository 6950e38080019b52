using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests.Log;

/// <summary>The log of a private topic: its leads decide, and the workspace has the last word.</summary>
public sealed class TopicLogTests : IDisposable
{
    private const string Scope = "topic/topic1";

    private readonly Team team = new();
    private readonly Person lead;
    private readonly Person member;
    private readonly LogBroker topic = new(Scope);
    private readonly RootKey root;

    public TopicLogTests()
    {
        lead = team.Admit("lead");
        member = team.Admit("member");
        LogDraft draft = Draft(lead);
        Team.AssertTaken(draft.Add(new LogBody.Genesis(new Digest(RandomBytes.Next(32)), EncryptionRequired: true, "lead")));
        Team.AssertTaken(draft.Add(Admit(member, LogRole.Member)));
        Team.AssertTaken(Rotation.Draft(draft, old: null, "start", out RootKey? made));
        Team.AssertTaken(Append(draft));
        root = made!;
    }

    private Membership Mesh => team.Broker.State;

    public void Dispose()
    {
        root.Dispose();
        team.Dispose();
    }

    [Fact]
    public void Only_a_lead_admits_and_only_members_of_the_workspace()
    {
        Person other = team.Admit("other");
        using MemberSecretKey outsider = MemberSecretKey.Generate();
        Assert.Equal(LogRefusal.NotAllowed, Draft(member).Add(Admit(other, LogRole.Member)));
        Assert.Equal(LogRefusal.NotInWorkspace, Draft(lead).Add(new LogBody.Admit("x", outsider.Public, LogRole.Member, MemberKind.Person)));
        Assert.Equal(LogRefusal.NotInWorkspace, Draft(lead).Add(Admit(other, LogRole.Member) with { MemberId = "another" }));
        Assert.Equal(LogRefusal.BadRole, Draft(lead).Add(Admit(other, LogRole.Admin)));
        Assert.Equal(LogRefusal.NotMember, Draft(team.Owner).Add(Admit(other, LogRole.Member)));
        Team.AssertTaken(Draft(lead).Add(Admit(other, LogRole.Observer)));
        Team.AssertTaken(Draft(lead).Add(new LogBody.Role(member.Public, LogRole.Lead)));
    }

    [Fact]
    public void A_topic_has_no_invites_and_no_policy_of_another_topic()
    {
        Assert.Equal(LogRefusal.WrongScope, Draft(lead).Add(new LogBody.Invite("i1", MemberSecretKey.Generate().Public, LogRole.Member, 1, long.MaxValue >> 11)));
        Assert.Equal(LogRefusal.WrongScope, Draft(lead).Add(new LogBody.Join("i1", "x", new byte[64])));
        Assert.Equal(LogRefusal.WrongScope, Draft(lead).Add(new LogBody.Policy(EncryptionRequired: true, "topic2", PlainIn: true)));
        Assert.Equal(LogRefusal.WrongScope, Draft(lead).Add(new LogBody.Policy(EncryptionRequired: true, TopicId: null, PlainIn: false)));
        Assert.Equal(LogRefusal.NotAllowed, Draft(member).Add(new LogBody.Policy(EncryptionRequired: true, "topic1", PlainIn: true)));

        LogDraft draft = Draft(lead);
        Team.AssertTaken(draft.Add(new LogBody.Policy(EncryptionRequired: true, "topic1", PlainIn: true)));
        Assert.True(draft.State.TakesPlain("topic1"));
    }

    [Fact]
    public void Who_left_the_workspace_leaves_the_topic_before_anybody_writes_in_it_again()
    {
        Assert.False(topic.State.IsRotationDue(Mesh));
        Team.AssertTaken(team.Remove(team.Owner, lead));
        Assert.True(topic.State.IsRotationDue(Mesh));
        Assert.False(topic.State.TakesBodiesOf(1, Mesh));

        LogDraft draft = Draft(member);
        Team.AssertTaken(Rotation.Draft(draft, root, "removal", out RootKey? next));
        Team.AssertTaken(Append(draft));
        using (next)
            Assert.True(topic.State.TakesBodiesOf(2, Mesh));
        Assert.Equal([member.Public], topic.State.RecipientsAt(team.Now));
        LogRecord late = LogRecord.Sign(lead.Key, Vectors.Mesh, Scope, topic.State.Head, team.Now, new LogBody.Remove(member.Public, "revenge"));
        Assert.Equal(LogRefusal.NotMember, topic.State.Apply(late, Mesh).Refusal);
    }

    [Fact]
    public void A_member_removes_nobody_whom_the_workspace_still_has()
    {
        Assert.Equal(LogRefusal.NotInWorkspace, Draft(member).Add(new LogBody.Remove(lead.Public, "mine now")));
        Assert.Equal(LogRefusal.NotAllowed, Rotation.Draft(Draft(member), root, "mine", out _));
    }

    [Fact]
    public void A_broker_takes_nothing_new_from_who_has_left_the_workspace()
    {
        LogDraft written = Draft(lead);
        Team.AssertTaken(written.Add(new LogBody.Role(member.Public, LogRole.Observer)));
        Team.AssertTaken(team.Remove(team.Owner, lead));
        Assert.Equal(LogRefusal.NotInWorkspace, Append(written));

        // What it took before stays good for whoever reads the log later.
        HeldLog later = new(Vectors.Mesh, Scope, topic.State.Pin);
        Assert.Equal(LogReading.Extended, later.Read(topic.Records, Mesh));
    }

    [Fact]
    public void A_topics_log_that_is_ahead_of_the_workspaces_waits_and_is_no_fork()
    {
        Membership before = Mesh;
        Person other = team.Admit("other");
        LogDraft draft = Draft(lead);
        Team.AssertTaken(draft.Add(Admit(other, LogRole.Member)));
        Team.AssertTaken(Append(draft));

        HeldLog log = new(Vectors.Mesh, Scope, topic.State.Pin);
        Assert.Equal(LogReading.NeedsWorkspace, log.Read(topic.Records, before));
        Assert.Equal(topic.State.Head.Seq - 1, log.State.Head.Seq);
        Assert.Null(log.Fork);
        Assert.Equal(LogReading.Extended, log.Read(topic.Records, Mesh));
        Assert.Equal(topic.State.Head, log.State.Head);
    }

    [Fact]
    public void A_key_change_is_followed_in_the_topic_exactly_as_the_workspace_has_it()
    {
        MemberSecretKey fresh = MemberSecretKey.Generate();
        Assert.Equal(LogRefusal.NotInWorkspace, Draft(lead).AddKeyChange(fresh, compromised: false));

        LogDraft inMesh = team.DraftOf(lead);
        Team.AssertTaken(inMesh.AddKeyChange(fresh, compromised: true));
        Team.AssertTaken(team.Append(inMesh));
        Assert.True(topic.State.IsRotationDue(Mesh));

        Assert.Equal(LogRefusal.BadKey, Draft(lead).AddKeyChange(member.Key, compromised: true));
        Assert.Equal(LogRefusal.NotInWorkspace, Draft(lead).AddKeyChange(team.Owner.Key, compromised: true));
        Assert.Equal(LogRefusal.NotInWorkspace, Draft(lead).AddKeyChange(fresh, compromised: false));
        LogDraft inTopic = Draft(lead);
        Team.AssertTaken(inTopic.AddKeyChange(fresh, compromised: true));
        Team.AssertTaken(Append(inTopic));
        Assert.Equal(LogRole.Lead, topic.State.Members[fresh.Public].Role);
        Assert.Empty(topic.State.FindGone(Mesh));
        Assert.True(topic.State.IsRotationDue(Mesh));
    }

    private static LogBody.Admit Admit(Person person, LogRole role) => new(person.MemberId, person.Public, role, MemberKind.Person);

    private LogDraft Draft(Person person) => new(topic.State, person.Key, team.Now, Mesh);

    private LogRefusal Append(LogDraft draft) => topic.Append([.. draft.Records.Select(record => record.Signed)], team.Now, Mesh);
}
