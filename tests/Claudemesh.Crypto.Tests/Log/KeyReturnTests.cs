using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests.Log;

/// <summary>A key change that is taken back, and a topic that missed some of them.</summary>
public sealed class KeyReturnTests : IDisposable
{
    private const string Scope = "topic/topic1";

    private readonly Team team = new();
    private readonly Person bea;
    private readonly Person second;
    private readonly Person third;
    private readonly LogBroker topic = new(Scope);

    public KeyReturnTests()
    {
        bea = team.Admit("bea");
        second = team.Known(new Person("bea", MemberSecretKey.Generate()));
        third = team.Known(new Person("bea", MemberSecretKey.Generate()));
    }

    private Membership Mesh => team.Broker.State;

    public void Dispose() => team.Dispose();

    [Fact]
    public void A_member_goes_back_to_an_earlier_key_of_its_own_and_forth_again()
    {
        Change(bea, second);
        Change(second, bea);
        Assert.Equal((bea.Public, bea.Public), (Mesh.Follow(bea.Public), Mesh.Follow(second.Public)));
        Assert.Equal("bea", Mesh.Members[bea.Public].MemberId);
        Assert.False(Mesh.Members.ContainsKey(second.Public));

        Change(bea, second);
        Change(second, third);
        Change(third, bea);
        foreach (Person one in new[] { bea, second, third })
            Assert.Equal(bea.Public, Mesh.Follow(one.Public));
        Assert.Equal(3, Mesh.Keys[bea.Public].Stays.Count);
        Assert.True(Mesh.WasMemberAt(second.Public, Mesh.Keys[second.Public].Stays[0].FromAt));
    }

    [Fact]
    public void What_was_given_up_as_compromised_or_is_another_members_does_not_come_back()
    {
        Person other = team.Admit("other");
        Person fourth = team.Known(new Person("other", MemberSecretKey.Generate()));
        Change(other, fourth);
        Change(bea, second, compromised: true);

        Assert.Equal(LogRefusal.BadKey, team.DraftOf(second).AddKeyChange(bea.Key, compromised: false));
        Assert.Equal(LogRefusal.BadKey, team.DraftOf(second).AddKeyChange(bea.Key, compromised: true));
        Assert.Equal(LogRefusal.BadKey, team.DraftOf(second).AddKeyChange(other.Key, compromised: false));
        Assert.Equal(LogRefusal.BadKey, team.DraftOf(second).AddKeyChange(second.Key, compromised: false));
        Assert.Equal(LogRefusal.BadKey, team.DraftOf(second).AddKeyChange(fourth.Key, compromised: false));
    }

    [Fact]
    public void The_earlier_key_itself_signs_that_it_comes_back()
    {
        Change(bea, second);
        LogDraft draft = team.DraftOf(second);
        byte[] byAnother = third.Key.Sign(new KeyProofText(Mesh.MeshId, second.Public, bea.Public));

        Assert.Equal(LogRefusal.BadProof, draft.Add(new LogBody.KeyChange(bea.Public, byAnother, Compromised: false)));
        Assert.Equal(LogRefusal.NotMember, Refused(bea));
    }

    [Fact]
    public void A_topic_that_missed_changes_follows_them_by_one_record_and_stays_good_when_they_are_taken_back()
    {
        BeginTopic();
        Change(bea, second);
        Change(second, third);
        Assert.Equal(LogRefusal.NotInWorkspace, Draft(bea).AddKeyChange(second.Key, compromised: false));
        LogDraft follows = Draft(bea);
        Team.AssertTaken(follows.AddKeyChange(third.Key, compromised: false));
        Team.AssertTaken(Append(follows));

        Change(third, bea);
        LogDraft back = Draft(third);
        Team.AssertTaken(back.AddKeyChange(bea.Key, compromised: false));
        Team.AssertTaken(Append(back));
        HeldLog later = new(Vectors.Mesh, Scope, topic.State.Pin);
        Assert.Equal(LogReading.Extended, later.Read(topic.Records, Mesh));
        Assert.Equal([bea.Public], later.State.Members.Keys);
    }

    [Fact]
    public void A_topic_takes_no_key_that_the_workspace_never_named_in_that_order()
    {
        BeginTopic();
        Change(bea, second);

        Assert.Equal(LogRefusal.NotInWorkspace, Draft(bea).AddKeyChange(third.Key, compromised: false));
        Assert.False(Mesh.HasBecome(second.Public, bea.Public));
        Assert.True(Mesh.HasBecome(bea.Public, second.Public));
        Assert.False(Mesh.HasBecome(third.Public, bea.Public));
    }

    private void BeginTopic()
    {
        LogDraft draft = Draft(bea);
        Team.AssertTaken(draft.Add(new LogBody.Genesis(new Digest(RandomBytes.Next(32)), EncryptionRequired: true, "bea")));
        Team.AssertTaken(Append(draft));
    }

    private void Change(Person from, Person to, bool compromised = false)
    {
        LogDraft draft = team.DraftOf(from);
        Team.AssertTaken(draft.AddKeyChange(to.Key, compromised));
        Team.AssertTaken(team.Append(draft));
    }

    private LogRefusal Refused(Person author) => team.DraftOf(author).Add(new LogBody.Remove(author.Public, "bye"));

    private LogDraft Draft(Person person) => new(topic.State, person.Key, team.Now, Mesh);

    private LogRefusal Append(LogDraft draft) => topic.Append([.. draft.Records.Select(record => record.Signed)], team.Now, Mesh);
}
