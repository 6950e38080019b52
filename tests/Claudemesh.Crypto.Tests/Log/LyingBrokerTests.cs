using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests.Log;

/// <summary>A broker that lies, one test for each lie. It has a key of its own, the whole database, and every frame.</summary>
public sealed class LyingBrokerTests : IDisposable
{
    private readonly Team team = new();
    private readonly Person ann;
    private readonly Person bea;
    private readonly MemberSecretKey brokersOwn = MemberSecretKey.Generate();

    public LyingBrokerTests()
    {
        ann = team.Admit("ann");
        bea = team.Admit("bea");
        team.Pull(ann);
    }

    private Membership Truth => team.Broker.State;

    public void Dispose()
    {
        brokersOwn.Dispose();
        team.Dispose();
    }

    [Fact]
    public void It_inserts_a_member()
    {
        AssertForked(LogRefusal.NotMember, Forged(brokersOwn, new LogBody.Admit("spy", brokersOwn.Public, LogRole.Member, MemberKind.Person)));
        AssertForked(LogRefusal.BadInvite, Forged(brokersOwn, new LogBody.Join("inv1", "spy", new byte[64])));

        // The name of the owner under the broker's signature.
        SignedRecord admit = Forged(team.Owner.Key, new LogBody.Admit("spy", brokersOwn.Public, LogRole.Member, MemberKind.Person));
        AssertForked(LogRefusal.BadSignature, admit with { Signature = brokersOwn.Key.Sign(admit.Record) });
    }

    [Fact]
    public void It_lets_somebody_in_by_an_invite_whose_secret_it_does_not_have()
    {
        OpenInvite("inv1");
        JoinProofText text = new(Vectors.Mesh, Truth.Pin, "inv1", brokersOwn.Public);
        AssertForked(LogRefusal.BadProof, Forged(brokersOwn, new LogBody.Join("inv1", "spy", brokersOwn.Sign(text))));
    }

    [Fact]
    public void It_renames_a_role()
    {
        SignedRecord admission = team.Broker.Records[2];
        byte[] renamed = SignedBytes.Of(Read(admission).Text with
        {
            Body = SignedBytes.Of((LogBody.Admit)Read(admission).Body with { As = LogRole.Admin }),
        });
        HeldLog fresh = Fresh();
        Assert.Equal(LogReading.Forked, fresh.Read([.. team.Broker.Records.Take(2), admission with { Record = renamed }]));
        Assert.Equal(LogRefusal.BadSignature, fresh.Fork!.Refusal);

        AssertForked(LogRefusal.NotMember, Forged(brokersOwn, new LogBody.Role(bea.Public, LogRole.Admin)));
        AssertForked(LogRefusal.NotAllowed, Forged(bea.Key, new LogBody.Role(bea.Public, LogRole.Admin)));
    }

    [Fact]
    public void It_forks_the_log()
    {
        LogHead common = Truth.Head;
        SignedRecord toAnn = Forged(team.Owner.Key, new LogBody.Role(ann.Public, LogRole.Admin));
        SignedRecord toBea = Forged(team.Owner.Key, new LogBody.Role(bea.Public, LogRole.Admin));
        team.Pull(bea);
        Assert.Equal(LogReading.Extended, ann.Log.Read([toAnn]));
        Assert.Equal(LogReading.Extended, bea.Log.Read([toBea]));

        // Both are the owner's. Each keeps what it had, and comparing heads shows it.
        Assert.Equal(LogReading.Forked, ann.Log.Read([toBea]));
        Assert.Equal(new LogFork(common.Seq + 1, LogRefusal.NotNext, toBea), ann.Log.Fork);
        Assert.Equal(LogRole.Admin, ann.Log.State.Members[ann.Public].Role);
        Assert.Equal(LogDistance.Differs, bea.Log.Compare(ann.Log.State.Head));
        Assert.Equal(LogReading.Forked, bea.Log.Read(ann.Log.After(common.Seq)));
        Assert.Equal(LogReading.Forked, bea.Log.Read([toBea]));
    }

    [Fact]
    public void It_substitutes_a_members_key()
    {
        SignedRecord admission = team.Broker.Records[3];
        byte[] other = SignedBytes.Of(Read(admission).Text with
        {
            Body = SignedBytes.Of((LogBody.Admit)Read(admission).Body with { Key = brokersOwn.Public }),
        });
        HeldLog fresh = Fresh();
        Assert.Equal(LogReading.Forked, fresh.Read([.. team.Broker.Records.Take(3), admission with { Record = other }]));

        // A changed key without the old key's record.
        KeyProofText proof = new(Vectors.Mesh, bea.Public, brokersOwn.Public);
        SignedRecord change = Forged(bea.Key, new LogBody.KeyChange(brokersOwn.Public, brokersOwn.Sign(proof), Compromised: false));
        AssertForked(LogRefusal.BadSignature, change with { Signature = brokersOwn.Key.Sign(change.Record) });
        Assert.Null(Truth.Follow(brokersOwn.Public));
        Assert.Equal(bea.Public, Truth.Follow(bea.Public));
    }

    [Fact]
    public void It_substitutes_the_root_key()
    {
        using RootKey planted = RootKey.Generate(Vectors.Mesh, "mesh", epoch: 1);
        using RootHistory roots = new();
        Assert.False(roots.TryOpen(Truth, 1, ann.Key.Key, Rotation.SealCopy(planted, ann.Public).Copy));
        Assert.Null(roots.Find(Truth, 1));

        LogBody.Epoch epoch = Rotation.Announce(Truth, RootKey.Generate(Vectors.Mesh, "mesh", epoch: 2), old: null, team.Now, "mine");
        AssertForked(LogRefusal.NotMember, Forged(brokersOwn, epoch));
        AssertForked(LogRefusal.NotAllowed, Forged(bea.Key, epoch));
    }

    [Fact]
    public void It_has_the_root_sealed_to_a_key_of_its_own()
    {
        // Even a member whose rotation is due cannot name more recipients than the log has.
        Team.AssertTaken(team.Do(bea, new LogBody.Remove(bea.Public, "bye")));
        using RootKey root = RootKey.Generate(Vectors.Mesh, "mesh", epoch: 2);
        PublicKey[] more = [.. Truth.RecipientsAt(team.Now).Append(brokersOwn.Public).Order()];
        LogBody.Epoch epoch = new(2, root.Id, default, Membership.HashOf(more), "removal");
        team.Pull(ann);
        AssertForked(LogRefusal.WrongRecipients, Forged(ann.Key, epoch));
    }

    [Fact]
    public void It_withholds_an_epoch()
    {
        Team.AssertTaken(team.Remove(team.Owner, bea));
        SealedMessage message = Post(team.Owner, "after the removal");

        // The reader has the old log: nothing of the new epoch is shown, and the owner's head tells that something is missing.
        Assert.Equal(MessageRefusal.WrongRoot, Open(ann, message, out _));
        Assert.Equal(LogDistance.OtherIsAhead, ann.Log.Compare(team.Owner.Log.State.Head));
        team.Pull(ann);
        Assert.Equal(MessageRefusal.None, Open(ann, message, out _));
    }

    [Fact]
    public void It_replays_an_epoch()
    {
        Team.AssertTaken(team.Rotate(team.Owner));
        team.Pull(ann);
        SignedRecord first = team.Broker.Records[1];
        LogBody body = Read(first).Body;

        Assert.Equal(LogReading.Known, ann.Log.Read([first]));
        Assert.Equal(2, ann.Log.State.Epoch);
        AssertForked(LogRefusal.WrongEpoch, Forged(team.Owner.Key, body));

        // The copy of the first root under the name of the second.
        using RootHistory roots = new();
        SealedCopy old = team.Broker.Copies.First(copy => copy.Copy.Recipient == ann.Public && copy.Epoch == 1).Copy;
        Assert.False(roots.TryOpen(Truth, 2, ann.Key.Key, old.Copy));
    }

    [Fact]
    public void It_shows_an_older_log_to_who_holds_a_newer_one()
    {
        Team.AssertTaken(team.Remove(team.Owner, bea));
        team.Pull(ann);
        Assert.Equal(LogReading.Known, ann.Log.Read(team.Broker.Records.Take(2)));
        Assert.Equal(LogDistance.OtherIsBehind, ann.Log.Compare(new LogHead(2, Read(team.Broker.Records[1]).Hash, 0)));
        Assert.False(ann.Log.State.Members.ContainsKey(bea.Public));
    }

    [Fact]
    public void It_invites_into_a_workspace_of_its_own()
    {
        using InviteSecret secret = OpenInvite("inv1", out byte[] package);
        using InviteSecret guessed = InviteSecret.Generate();
        Assert.True(Invitation.TryOpenPackage(secret, "inv1", package, out InvitePackageText text));

        // The same mesh id, the same invite id, an invite key of its own.
        using Team its = new();
        LogDraft draft = its.DraftOf(its.Owner);
        Team.AssertTaken(Invitation.Draft(
            draft, guessed, "inv1", LogRole.Member, 1, its.Now + 1000, its.Owner.Roots.Newest, out Invitation? invitation));
        Team.AssertTaken(its.Append(draft));
        Assert.False(Invitation.TryOpenPackage(secret, "inv1", invitation!.Package, out _));

        HeldLog log = new(text.MeshId, "mesh", text.Pin);
        log.Read(its.Broker.Records);
        Assert.Equal(JoinRefusal.OtherWorkspace, Joining.Check(log, text, secret, "inv1"));
        HeldLog unpinned = new(text.MeshId, "mesh", pin: null);
        unpinned.Read(its.Broker.Records);
        Assert.Equal(JoinRefusal.OtherWorkspace, Joining.Check(unpinned, text, secret, "inv1"));
    }

    [Fact]
    public void It_hides_from_a_joiner_what_came_before_his_invite()
    {
        using InviteSecret secret = OpenInvite("inv1", out byte[] package);
        Assert.True(Invitation.TryOpenPackage(secret, "inv1", package, out InvitePackageText text));
        HeldLog log = new(text.MeshId, "mesh", text.Pin);
        log.Read(team.Broker.Records.SkipLast(1));
        Assert.Equal(JoinRefusal.OtherLog, Joining.Check(log, text, secret, "inv1"));
        log.Read(team.Broker.Records);
        Assert.Equal(JoinRefusal.None, Joining.Check(log, text, secret, "inv1"));
        Assert.Equal(JoinRefusal.OtherInvite, Joining.Check(log, text, secret, "inv2"));
        using InviteSecret another = InviteSecret.Generate();
        Assert.Equal(JoinRefusal.OtherInvite, Joining.Check(log, text, another, "inv1"));
    }

    [Fact]
    public void It_vouches_for_a_session_key_of_its_own()
    {
        using SessionSecretKey session = new(SigningKey.Generate());
        SessionText text = new(Vectors.Mesh, bea.Public, session.Public, "sess1", Vectors.At);
        Assert.False(brokersOwn.Attest(session, Vectors.Mesh, "sess1", Vectors.At).Verifies(text));

        // Written to the session that the broker made up, a message is still the member's: only bea opens it.
        using PairKeys annPairs = new(ann.Key.Key, Vectors.Mesh);
        using PairKeys sessionPairs = new(session.Key, Vectors.Mesh);
        using PairKeys beaPairs = new(bea.Key.Key, Vectors.Mesh);
        MessageHeader header = Header(ann, new TargetSpec.MemberSession(bea.Public, session.Public), root: null);
        Assert.True(MessageSeal.TrySealDirect(ann.Key, annPairs, header, new MessageBody("text", "for bea"), out SealedMessage? message));
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(team.Now);
        Assert.Equal(MessageRefusal.DoesNotOpen, MessageSeal.OpenDirect(bea.Public, sessionPairs, Frame(header), message!, now, out _));
        Assert.Equal(MessageRefusal.None, MessageSeal.OpenDirect(bea.Public, beaPairs, Frame(header), message!, now, out _));

        // And written by it, a message is nobody's.
        Assert.Equal(MessageRefusal.NotAMember, Truth.Check(header with { SenderMember = session.Public }));
        Assert.Equal(MessageRefusal.None, Truth.Check(header));
    }

    [Fact]
    public void It_says_that_a_member_uses_1x_now()
    {
        Assert.False(Truth.IsLegacy(bea.Public));
        AssertForked(LogRefusal.NotMember, Forged(brokersOwn, new LogBody.Admit("bea", bea.Public, LogRole.Member, MemberKind.Legacy)));
        Team.AssertTaken(team.Remove(team.Owner, bea));
        Assert.False(Truth.IsLegacy(bea.Public));
    }

    [Fact]
    public void It_lets_a_removed_member_write_on()
    {
        Team.AssertTaken(team.Remove(team.Owner, bea));
        team.Pull(bea);
        Assert.Null(bea.Roots.Find(Truth, 2));
        team.Pull(ann);
        MessageHeader header = Header(bea, new TargetSpec.Topic("topic1"), Truth.FindRoot(2));
        Assert.Equal(MessageRefusal.NotAMember, ann.Log.State.Check(header));
        Assert.Equal(MessageRefusal.NotAMember, ann.Log.State.Check(Header(bea, new TargetSpec.Direct(ann.Public), root: null) with { SentAt = team.Now + 1 }));
        Assert.Equal(LogRefusal.NotMember, Truth.Append([Forged(bea.Key, new LogBody.Remove(ann.Public, "revenge"))], team.Now).Refusal);
    }

    [Fact]
    public void It_brings_a_message_from_another_workspace()
    {
        MessageHeader header = Header(ann, new TargetSpec.Topic("topic1"), Truth.FindRoot(1));
        Assert.Equal(MessageRefusal.None, Truth.Check(header));
        Assert.Equal(MessageRefusal.FrameMismatch, Truth.Check(header with { MeshId = "mesh2" }));
        ObjectHeader state = new(ObjectKind.State, Vectors.Mesh, "name", 1, ann.Public, team.Now, 1, Truth.FindRoot(1)!.RootId);
        Assert.Equal(MessageRefusal.None, Truth.Check(state));
        Assert.Equal(MessageRefusal.FrameMismatch, Truth.Check(state with { MeshId = "mesh2" }));
        Assert.Equal(MessageRefusal.NotAMember, Truth.Check(state with { Author = brokersOwn.Public }));
    }

    [Fact]
    public void It_takes_a_private_topic_for_a_public_one()
    {
        // With a log of its own the topic is read under its own root only, the rest under the workspace's only.
        LogDraft draft = new(Membership.Empty(Vectors.Mesh, "topic/topic1"), ann.Key, team.Now, Truth);
        Team.AssertTaken(draft.Add(new LogBody.Genesis(new Digest(RandomBytes.Next(32)), EncryptionRequired: true, "ann")));
        Team.AssertTaken(Rotation.Draft(draft, old: null, "start", out RootKey? root));
        using (root)
        {
            MessageHeader underMesh = Header(ann, new TargetSpec.Topic("topic1"), Truth.FindRoot(1));
            Assert.Equal(MessageRefusal.WrongRoot, draft.State.Check(underMesh));
            Assert.Equal(MessageRefusal.WrongRoot, Truth.Check(underMesh with { Root = root!.Reference }));
            Assert.Equal(MessageRefusal.WrongRoot, draft.State.Check(underMesh with { Target = new TargetSpec.Topic("topic2"), Root = root.Reference }));
            Assert.Equal(MessageRefusal.None, draft.State.Check(underMesh with { Root = root.Reference }));
        }
    }

    private static LogRecord Read(SignedRecord signed)
    {
        Team.AssertTaken(LogRecord.TryRead(signed, out LogRecord? record));
        return record!;
    }

    private static MessageFrame Frame(MessageHeader header) => new(
        Vectors.Mesh, header.Target.ToString(), header.SenderMember, header.SenderMember, header.ClientMessageId, header.Priority);

    private static MessageRefusal Open(Person reader, SealedMessage message, out OpenedMessage? opened) => MessageSeal.OpenShared(
        reader.Log.State, reader.Roots, new MessageFrame(Vectors.Mesh, "#topic1", null, null, null, null), message, out opened);

    private HeldLog Fresh() => new(Vectors.Mesh, "mesh", Truth.Pin);

    /// <summary>A record on the true head, however little its author may write it.</summary>
    private SignedRecord Forged(MemberSecretKey author, LogBody body) =>
        LogRecord.Sign(author, Vectors.Mesh, "mesh", Truth.Head, team.Now, body).Signed;

    private void AssertForked(LogRefusal expected, SignedRecord forged)
    {
        HeldLog log = Fresh();
        Assert.Equal(LogReading.Extended, log.Read(team.Broker.Records));
        Assert.Equal(LogReading.Forked, log.Read([forged]));
        Assert.Equal(expected, log.Fork!.Refusal);
        Assert.Equal(Truth.Head, log.State.Head);
    }

    private MessageHeader Header(Person from, TargetSpec target, RootReference? root) => new(
        Vectors.Mesh, target, from.Public, null, "id1", team.Now, null, Priority.Next, string.Empty, root);

    private SealedMessage Post(Person from, string text)
    {
        RootKey root = from.Roots.Newest!;
        return MessageSeal.SealShared(from.Key, root, Header(from, new TargetSpec.Topic("topic1"), root.Reference), new MessageBody("text", text));
    }

    private InviteSecret OpenInvite(string id) => OpenInvite(id, out _);

    private InviteSecret OpenInvite(string id, out byte[] package)
    {
        InviteSecret secret = InviteSecret.Generate();
        LogDraft draft = team.DraftOf(team.Owner);
        RootKey? root = team.Owner.Roots.Find(draft.State, draft.State.Epoch);
        Team.AssertTaken(Invitation.Draft(draft, secret, id, LogRole.Member, 1, team.Now + 100_000, root, out Invitation? invitation));
        Team.AssertTaken(team.Append(draft));
        package = invitation!.Package;
        return secret;
    }
}
