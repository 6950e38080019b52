using Claudemesh.Crypto.Tests.Log;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests.Objects;

/// <summary>State values, memories, summaries and schedules: ciphertext at the broker, never older than seen.</summary>
public sealed class ObjectTests : IDisposable
{
    private static readonly ObjectFrame Frame = new(ObjectKind.State, Vectors.Mesh, "deploy/target", 2);

    private readonly MemberSecretKey member = Vectors.Member();
    private readonly RootKey root = Vectors.Root();
    private readonly RootHistory roots = new();
    private readonly Membership log;

    public ObjectTests()
    {
        log = SampleLog.Start(member, Vectors.At, root);
        roots.TryAdd(log, Vectors.Root());
    }

    private ObjectHeader Header => new(ObjectKind.State, Vectors.Mesh, "deploy/target", 2, member.Public, Vectors.At, 1, root.Id);

    private static SealedMessage Vector => new(Vectors.Bytes("object.header"), Vectors.Nonce, Vectors.Bytes("object.ciphertext"));

    public void Dispose()
    {
        roots.Dispose();
        root.Dispose();
        member.Dispose();
    }

    [Fact]
    public void The_object_of_the_vectors_has_its_bytes_and_opens()
    {
        MessageBody body = new(Vectors.Text("object.type"), Vectors.Text("object.text"));
        SealedMessage made = ObjectSeal.Seal(member, root, Header, body, Vectors.Nonce);
        Assert.Equal(Vector.Header, made.Header);
        Assert.Equal(Vector.Ciphertext, made.Ciphertext);
        Assert.Equal(MessageRefusal.None, Open(Vector, out OpenedObject? opened));
        Assert.Equal(new OpenedObject(Header, body), opened);
    }

    [Fact]
    public void No_bit_of_an_object_may_change()
    {
        Assert.All(Vectors.Flipped(Vector.Header), bad => AssertRefused(Vector with { Header = bad }));
        Assert.All(Vectors.Flipped(Vector.Nonce), bad => AssertRefused(Vector with { Nonce = bad }));
        Assert.All(Vectors.Flipped(Vector.Ciphertext), bad => AssertRefused(Vector with { Ciphertext = bad }));
        AssertRefused(Vector with { Header = [.. Vector.Header, 0] });
        AssertRefused(Vector with { Ciphertext = [] });
    }

    [Fact]
    public void An_object_under_another_name_kind_revision_or_workspace_is_refused()
    {
        ObjectFrame[] wrong =
        [
            Frame with { Name = "other" }, Frame with { Kind = ObjectKind.Memory }, Frame with { Revision = 3 }, Frame with { MeshId = "mesh2" },
        ];
        Assert.All(wrong, frame => Assert.Equal(
            MessageRefusal.FrameMismatch, ObjectSeal.Open(log, roots, frame, seenRevision: 0, Vector, out _)));
    }

    [Fact]
    public void Nothing_older_than_what_was_seen_is_shown()
    {
        Assert.Equal(MessageRefusal.None, ObjectSeal.Open(log, roots, Frame, seenRevision: 2, Vector, out _));
        Assert.Equal(MessageRefusal.OlderThanSeen, ObjectSeal.Open(log, roots, Frame, seenRevision: 3, Vector, out _));
    }

    [Fact]
    public void An_object_is_a_members_and_under_a_root_of_the_log()
    {
        using MemberSecretKey stranger = MemberSecretKey.Generate();
        SealedMessage forged = ObjectSeal.Seal(stranger, root, Header with { Author = stranger.Public }, new MessageBody("text", "mine"));
        Assert.Equal(MessageRefusal.NotAMember, Open(forged, out _));

        using RootKey other = RootKey.Generate(Vectors.Mesh, "mesh", epoch: 1);
        SealedMessage planted = ObjectSeal.Seal(member, other, Header with { RootId = other.Id }, new MessageBody("text", "mine"));
        Assert.Equal(MessageRefusal.WrongRoot, Open(planted, out _));

        using RootHistory none = new();
        Assert.Equal(MessageRefusal.NoRoot, ObjectSeal.Open(log, none, Frame, seenRevision: 0, Vector, out _));
        Assert.Throws<ArgumentException>(() => ObjectSeal.Seal(member, other, Header, new MessageBody("text", "x")));
        Assert.Throws<ArgumentException>(() => ObjectSeal.Seal(stranger, root, Header, new MessageBody("text", "x")));
    }

    [Fact]
    public void A_message_is_no_object_and_an_object_no_message()
    {
        // Same key, same form: the header's label and the signature's keep them apart.
        MessageHeader header = new(
            Vectors.Mesh, new TargetSpec.Topic("topic1"), member.Public, null, "id1", Vectors.At, null, Priority.Next, string.Empty, root.Reference);
        SealedMessage message = MessageSeal.SealShared(member, root, header, new MessageBody("text", "hi"));
        Assert.Equal(MessageRefusal.BadHeader, Open(message, out _));
        MessageFrame frame = new(Vectors.Mesh, null, null, null, null, null);
        Assert.Equal(MessageRefusal.BadHeader, MessageSeal.OpenShared(log, roots, frame, Vector, out _));
    }

    [Fact]
    public void A_header_that_no_author_may_make_has_no_encoding()
    {
        ObjectHeader[] wrong =
        [
            Header with { Kind = (ObjectKind)7 }, Header with { MeshId = "a/b" }, Header with { Name = string.Empty },
            Header with { Name = new string('x', 257) }, Header with { Revision = 0 }, Header with { Epoch = 0 }, Header with { At = -1 },
        ];
        Assert.All(wrong, header => Assert.Throws<ArgumentException>(() => SignedBytes.Of(header)));
        foreach (ObjectKind kind in Enum.GetValues<ObjectKind>())
        {
            Assert.True(ObjectHeader.TryParse(SignedBytes.Of(Header with { Kind = kind }), out ObjectHeader? read));
            Assert.Equal(Header with { Kind = kind }, read);
        }
    }

    private MessageRefusal Open(SealedMessage made, out OpenedObject? opened) => ObjectSeal.Open(log, roots, Frame, seenRevision: 0, made, out opened);

    private void AssertRefused(SealedMessage made)
    {
        Assert.NotEqual(MessageRefusal.None, Open(made, out OpenedObject? opened));
        Assert.Null(opened);
    }
}
