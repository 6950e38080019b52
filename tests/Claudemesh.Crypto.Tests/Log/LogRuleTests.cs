using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests.Log;

/// <summary>Who may write what into the log of a workspace, and what follows from it.</summary>
public sealed class LogRuleTests : IDisposable
{
    private readonly Team team = new();
    private readonly Person admin;
    private readonly Person member;

    public LogRuleTests()
    {
        admin = team.Admit("admin", LogRole.Admin);
        member = team.Admit("member");
    }

    private static PublicKey Stranger => MemberSecretKey.Generate().Public;

    public void Dispose() => team.Dispose();

    [Fact]
    public void Each_role_may_do_what_the_table_says()
    {
        Person other = team.Admit("other");
        Person secondAdmin = team.Admit("second", LogRole.Admin);
        using InviteSecret open = Open("open", LogRole.Admin, uses: 1);
        (LogBody Body, bool Owner, bool Admin, bool Member)[] table =
        [
            (new LogBody.Policy(EncryptionRequired: false, TopicId: null, PlainIn: false), true, true, false),
            (new LogBody.Policy(EncryptionRequired: true, "topic1", PlainIn: true), true, true, false),
            (Invite("i1", LogRole.Member), true, true, false),
            (Invite("i2", LogRole.Admin), true, false, false),
            (new LogBody.Uninvite("open"), true, true, false),
            (new LogBody.Admit("m1", Stranger, LogRole.Member, MemberKind.Bot), true, true, false),
            (new LogBody.Admit("m2", Stranger, LogRole.Admin, MemberKind.Person), true, false, false),
            (new LogBody.Role(other.Public, LogRole.Admin), true, false, false),
            (new LogBody.Role(other.Public, LogRole.Owner), true, false, false),
            (new LogBody.Remove(other.Public, "why"), true, true, false),
            (new LogBody.Remove(secondAdmin.Public, "why"), true, false, false),
        ];
        foreach ((LogBody body, bool byOwner, bool byAdmin, bool byMember) in table)
        {
            AssertMay(team.Owner, body, byOwner);
            AssertMay(admin, body, byAdmin);
            AssertMay(member, body, byMember);
        }
    }

    [Fact]
    public void Anyone_leaves_but_the_owner_who_hands_over_first()
    {
        Assert.Equal(LogRefusal.OwnerStays, team.Do(team.Owner, new LogBody.Remove(team.Owner.Public, "bye")));
        Assert.Equal(LogRefusal.OwnerStays, team.Do(team.Owner, new LogBody.Role(team.Owner.Public, LogRole.Member)));
        Team.AssertTaken(team.Do(team.Owner, new LogBody.Role(member.Public, LogRole.Owner)));
        Assert.Equal(LogRole.Admin, team.Broker.State.Members[team.Owner.Public].Role);
        Team.AssertTaken(team.Do(team.Owner, new LogBody.Remove(team.Owner.Public, "bye")));
        Team.AssertTaken(team.Do(admin, new LogBody.Remove(admin.Public, "bye")));
    }

    [Fact]
    public void A_removed_key_comes_back_by_an_admission_only_and_under_its_own_id()
    {
        Team.AssertTaken(team.Do(admin, new LogBody.Remove(member.Public, LogBody.Remove.Banned)));
        Assert.Equal(LogRefusal.NotMember, Refused(member, new LogBody.Remove(member.Public, "again")));

        using InviteSecret secret = Open("i1", LogRole.Member, uses: 9);
        Assert.Equal(LogRefusal.BadKey, Joining.Draft(team.DraftOf(member), secret, "i1", "fresh"));
        Assert.Equal(LogRefusal.IdTaken, team.Do(admin, new LogBody.Admit("fresh", member.Public, LogRole.Member, MemberKind.Person)));
        Assert.Equal(LogRefusal.IdTaken, team.Do(admin, new LogBody.Admit("member", Stranger, LogRole.Member, MemberKind.Person)));
        Team.AssertTaken(team.Do(admin, new LogBody.Admit("member", member.Public, LogRole.Member, MemberKind.Person)));
        Assert.Equal(LogRefusal.BadKey, team.Do(admin, new LogBody.Admit("member", member.Public, LogRole.Member, MemberKind.Person)));
    }

    [Fact]
    public void A_key_change_moves_member_role_and_pin_and_closes_the_old_key_to_everybody_else()
    {
        MemberSecretKey fresh = MemberSecretKey.Generate();
        LogDraft draft = team.DraftOf(admin);
        Team.AssertTaken(draft.AddKeyChange(fresh, compromised: false));
        Team.AssertTaken(team.Append(draft));

        Membership state = team.Broker.State;
        Assert.Equal(new LogMember("admin", LogRole.Admin, MemberKind.Person), state.Members[fresh.Public]);
        Assert.Equal(fresh.Public, state.Follow(admin.Public));
        Assert.Null(state.Follow(Stranger));
        Assert.False(state.IsRotationDue());
        Assert.Equal(LogRefusal.NotMember, Refused(admin, new LogBody.Remove(admin.Public, "bye")));
        Assert.Equal(LogRefusal.BadKey, team.Do(team.Owner, new LogBody.Admit("admin", admin.Public, LogRole.Admin, MemberKind.Person)));
        Assert.Equal(LogRefusal.BadKey, team.DraftOf(member).AddKeyChange(admin.Key, compromised: false));

        Person moved = team.Known(new Person("admin", fresh));
        draft = team.DraftOf(moved);
        Team.AssertTaken(draft.AddKeyChange(MemberSecretKey.Generate(), compromised: true));
        Assert.True(draft.State.IsRotationDue());
    }

    [Fact]
    public void A_legacy_key_that_moves_is_a_person_with_a_client_of_ours()
    {
        Person legacy = team.Admit("old", LogRole.Member, MemberKind.Legacy);
        Assert.True(team.Broker.State.IsLegacy(legacy.Public));
        Assert.Contains(legacy.Public, team.Broker.State.RecipientsAt(team.Now));

        MemberSecretKey fresh = MemberSecretKey.Generate();
        LogDraft draft = team.DraftOf(legacy);
        Team.AssertTaken(draft.AddKeyChange(fresh, compromised: false));
        Assert.False(draft.State.IsLegacy(fresh.Public));
        Assert.False(draft.State.IsLegacy(legacy.Public));
        Assert.True(draft.State.IsLegacy(Stranger));
    }

    [Fact]
    public void Nothing_is_said_of_a_member_or_an_invite_that_is_not_there()
    {
        Assert.Equal(LogRefusal.UnknownMember, team.Do(team.Owner, new LogBody.Role(Stranger, LogRole.Admin)));
        Assert.Equal(LogRefusal.UnknownMember, team.Do(team.Owner, new LogBody.Remove(Stranger, "who")));
        Assert.Equal(LogRefusal.BadInvite, team.Do(team.Owner, new LogBody.Uninvite("none")));
        Assert.Equal(LogRefusal.InviteClosed, team.Do(team.Owner, Invite("late", LogRole.Member) with { ExpiresAt = team.Now + 1000 }));
        Team.AssertTaken(team.Do(team.Owner, Invite("late", LogRole.Member) with { ExpiresAt = team.Now + 1001 }));
    }

    [Fact]
    public void The_key_of_an_invite_is_no_members_and_no_other_invites()
    {
        using InviteSecret secret = Open("i1", LogRole.Member, uses: 2);
        Person holder = team.Known(new Person("holder", new MemberSecretKey(secret.DeriveKey("i1"))));
        Assert.Equal(LogRefusal.BadKey, Joining.Draft(team.DraftOf(holder), secret, "i1", "holder"));
        Assert.Equal(LogRefusal.BadKey, team.Do(team.Owner, new LogBody.Admit("holder", holder.Public, LogRole.Member, MemberKind.Person)));
        Assert.Equal(LogRefusal.BadKey, team.Do(team.Owner, new LogBody.Invite("i2", holder.Public, LogRole.Member, 1, Vectors.At + 1_000_000_000)));
        Assert.Equal(LogRefusal.BadKey, team.Do(team.Owner, new LogBody.Invite("i2", member.Public, LogRole.Member, 1, Vectors.At + 1_000_000_000)));
        Assert.Equal(LogRefusal.BadKey, team.DraftOf(member).AddKeyChange(holder.Key, compromised: false));
    }

    [Fact]
    public void A_scope_without_an_epoch_is_due_for_one()
    {
        LogDraft draft = new(Membership.Empty(Vectors.Mesh, "mesh"), member.Key, team.Now);
        Team.AssertTaken(draft.Add(new LogBody.Genesis(new Digest(RandomBytes.Next(32)), EncryptionRequired: true, "m")));
        Assert.True(draft.State.IsRotationDue());
        Assert.False(draft.State.TakesBodiesOf(0));
        Team.AssertTaken(Rotation.Draft(draft, old: null, "start", out RootKey? root));
        using (root)
            Assert.True(draft.State.TakesBodiesOf(1));
    }

    [Fact]
    public void A_removal_ends_every_open_invite()
    {
        using InviteSecret one = Open("i1", LogRole.Member, uses: 2);
        using InviteSecret two = Open("i2", LogRole.Admin, uses: 2);
        Team.AssertTaken(team.Remove(admin, member));
        Person joiner = team.Known(new Person("joiner", MemberSecretKey.Generate()));
        Assert.Equal(LogRefusal.InviteClosed, Joining.Draft(team.DraftOf(joiner), one, "i1", "joiner"));
        Assert.Equal(LogRefusal.InviteClosed, Joining.Draft(team.DraftOf(joiner), two, "i2", "joiner"));
        Assert.Equal(LogRefusal.InviteClosed, team.Do(team.Owner, new LogBody.Uninvite("i1")));
        Assert.Equal(team.Broker.State.Members.Keys.Order(), team.Broker.State.RecipientsAt(team.Now));
    }

    [Fact]
    public void Who_sends_first_rotates_when_a_rotation_is_due_and_nobody_else_may()
    {
        Assert.Equal(LogRefusal.NotAllowed, team.Rotate(member));
        Team.AssertTaken(team.Rotate(admin));
        Assert.True(team.Broker.State.TakesBodiesOf(2));
        Assert.False(team.Broker.State.TakesBodiesOf(1));

        Person leaver = team.Admit("leaver");
        Team.AssertTaken(team.Do(leaver, new LogBody.Remove(leaver.Public, "bye")));
        Assert.True(team.Broker.State.IsRotationDue());
        Assert.False(team.Broker.State.TakesBodiesOf(2));

        Team.AssertTaken(team.Rotate(member));
        Assert.False(team.Broker.State.IsRotationDue());
        Assert.True(team.Broker.State.TakesBodiesOf(3));
        Assert.Equal(LogRefusal.NotAllowed, team.Rotate(member));
    }

    [Fact]
    public void Of_two_who_rotate_at_once_the_second_does_it_again()
    {
        LogDraft first = team.DraftOf(team.Owner);
        LogDraft second = team.DraftOf(admin);
        RootKey old = admin.Roots.Find(admin.Log.State, 1)!;
        Team.AssertTaken(team.Finish(team.Owner, first, team.Owner.Roots.Find(team.Owner.Log.State, 1), "one"));
        Assert.Equal(LogRefusal.NotNext, team.Finish(admin, second, old, "two"));
        Team.AssertTaken(team.Rotate(admin));
        Assert.Equal(3, team.Broker.State.Epoch);
    }

    [Fact]
    public void A_batch_is_taken_whole_or_not_at_all()
    {
        LogHead before = team.Broker.State.Head;
        LogDraft draft = team.DraftOf(admin);
        Team.AssertTaken(draft.Add(new LogBody.Remove(member.Public, "removed")));
        LogRecord second = LogRecord.Sign(
            admin.Key, Vectors.Mesh, "mesh", draft.State.Head, team.Now, new LogBody.Role(admin.Public, LogRole.Owner));
        Assert.Equal(LogRefusal.NotAllowed, team.Broker.Append([draft.Records[0].Signed, second.Signed], team.Now));
        Assert.Equal(before, team.Broker.State.Head);
        Assert.True(team.Broker.State.Members.ContainsKey(member.Public));
    }

    [Fact]
    public void The_last_use_of_an_invite_is_one_joiners_only()
    {
        using InviteSecret secret = Open("i1", LogRole.Member, uses: 1);
        Person[] joiners = [team.Known(new Person("j1", MemberSecretKey.Generate())), team.Known(new Person("j2", MemberSecretKey.Generate()))];
        LogDraft[] drafts = [.. joiners.Select(team.DraftOf)];
        Team.AssertTaken(Joining.Draft(drafts[0], secret, "i1", "j1"));
        Team.AssertTaken(Joining.Draft(drafts[1], secret, "i1", "j2"));
        Team.AssertTaken(team.Append(drafts[0]));
        Assert.Equal(LogRefusal.NotNext, team.Append(drafts[1]));
        Assert.Equal(LogRefusal.InviteClosed, Joining.Draft(team.DraftOf(joiners[1]), secret, "i1", "j2"));
    }

    [Fact]
    public void A_clock_that_is_behind_the_log_does_not_stop_its_author()
    {
        long before = team.Broker.State.Head.At;
        LogDraft draft = new(team.Broker.State, admin.Key, before - 1_000_000_000);
        Team.AssertTaken(draft.Add(new LogBody.Policy(EncryptionRequired: true, "topic1", PlainIn: true)));
        Team.AssertTaken(team.Append(draft));
        Assert.Equal(before, team.Broker.State.Head.At);
    }

    [Fact]
    public void A_time_far_ahead_is_not_let_into_the_log()
    {
        LogDraft draft = new(team.Broker.State, admin.Key, team.Now + (long)MessageSeal.ClockAheadMax.TotalMilliseconds + 1);
        Team.AssertTaken(draft.Add(new LogBody.Policy(EncryptionRequired: true, "topic1", PlainIn: true)));
        Assert.Equal(LogRefusal.TimeAhead, team.Append(draft));
        team.Now++;
        Team.AssertTaken(team.Append(draft));
    }

    [Fact]
    public void A_member_is_one_from_a_little_before_it_was_let_in_to_the_moment_it_left()
    {
        long joined = team.Broker.State.Keys[member.Public].Stays[0].FromAt;
        long slack = (long)MessageSeal.ClockAheadMax.TotalMilliseconds;
        Team.AssertTaken(team.Do(admin, new LogBody.Remove(member.Public, "removed")));
        Membership state = team.Broker.State;
        long left = state.Head.At;
        Assert.False(state.WasMemberAt(member.Public, joined - slack - 1));
        Assert.True(state.WasMemberAt(member.Public, joined - slack));
        Assert.True(state.WasMemberAt(member.Public, left));
        Assert.False(state.WasMemberAt(member.Public, left + 1));
        Assert.True(state.WasMemberAt(admin.Public, left + 1));
        Assert.False(state.WasMemberIn(member.Public, 0) || state.WasMemberIn(member.Public, 2));
        Assert.True(state.WasMemberIn(member.Public, 1));
        Assert.True(state.WasMemberIn(admin.Public, 2));
    }

    [Fact]
    public void A_record_follows_one_head_of_one_log()
    {
        Membership state = team.Broker.State;
        LogHead head = state.Head;
        LogBody body = new LogBody.Policy(EncryptionRequired: true, "topic1", PlainIn: true);
        Assert.Equal(LogRefusal.WrongScope, Refusal("mesh2", "mesh", head));
        Assert.Equal(LogRefusal.WrongScope, Refusal(Vectors.Mesh, "topic/topic1", head));
        Assert.Equal(LogRefusal.NotNext, Refusal(Vectors.Mesh, "mesh", head with { Seq = head.Seq + 1 }));
        Assert.Equal(LogRefusal.NotNext, Refusal(Vectors.Mesh, "mesh", head with { Hash = state.Pin }));
        Assert.Equal(LogRefusal.None, Refusal(Vectors.Mesh, "mesh", head));

        LogRefusal Refusal(string mesh, string scope, LogHead on) =>
            state.Apply(LogRecord.Sign(admin.Key, mesh, scope, on, team.Now, body)).Refusal;
    }

    [Fact]
    public void A_type_of_a_later_version_is_told_apart_from_nonsense()
    {
        LogRecordText text = new(
            Vectors.Mesh, "mesh", team.Broker.State.Head.Seq + 1, team.Broker.State.Head.Hash, team.Now, team.Owner.Public, "merge", default);
        byte[] bytes = SignedBytes.Of(text);
        SignedRecord later = new(bytes, team.Owner.Key.Key.Sign(bytes));
        Assert.Equal(LogRefusal.UnknownType, LogRecord.TryRead(later, out _));
        Assert.Equal(LogRefusal.Malformed, LogRecord.TryRead(later with { Record = [0, 0, 0, 0] }, out _));
        Assert.Equal(LogRefusal.Malformed, LogRecord.TryRead(later with { Record = new byte[LogRecordText.BytesMax + 1] }, out _));
    }

    private static LogBody.Invite Invite(string id, LogRole role) => new(id, Stranger, role, UsesMax: 1, Vectors.At + 1_000_000_000);

    private InviteSecret Open(string id, LogRole role, int uses)
    {
        InviteSecret secret = InviteSecret.Generate();
        LogDraft draft = team.DraftOf(team.Owner);
        RootKey? root = team.Owner.Roots.Find(draft.State, draft.State.Epoch);
        Team.AssertTaken(Invitation.Draft(draft, secret, id, role, uses, Vectors.At + 1_000_000_000, root, out _));
        Team.AssertTaken(team.Append(draft));
        return secret;
    }

    private void AssertMay(Person person, LogBody body, bool may) =>
        Assert.Equal(may ? LogRefusal.None : LogRefusal.NotAllowed, team.DraftOf(person).Add(body));

    /// <summary>Signed by somebody who would not get it past his own draft.</summary>
    private LogRefusal Refused(Person person, LogBody body)
    {
        Membership state = team.Broker.State;
        return team.Broker.Append([LogRecord.Sign(person.Key, Vectors.Mesh, "mesh", state.Head, team.Now, body).Signed], team.Now);
    }
}
