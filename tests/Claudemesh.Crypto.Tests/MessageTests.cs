using System.Text.Json;
using Claudemesh.Crypto.Tests.Log;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto.Tests;

public sealed class MessageTests : IDisposable
{
    private readonly MemberSecretKey member = Vectors.Member();
    private readonly MemberSecretKey b = new(Vectors.B());
    private readonly RootKey root = Vectors.Root();
    private readonly RootHistory roots = new();
    private readonly Membership log;
    private readonly PairKeys memberPairs;
    private readonly PairKeys bPairs;
    private readonly DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(Vectors.At + 1000);

    public MessageTests()
    {
        memberPairs = new PairKeys(member.Key, Vectors.Mesh);
        bPairs = new PairKeys(b.Key, Vectors.Mesh);
        log = SampleLog.Start(member, Vectors.At, root);
        roots.TryAdd(log, Vectors.Root());
    }

    private static PublicKey Session => Vectors.Key("keys.session_pub");

    private MessageHeader DirectHeader => new(
        Vectors.Mesh, new TargetSpec.Direct(b.Public), member.Public, Session, "cmid2", Vectors.At, null, Priority.Next, string.Empty, null);

    public void Dispose()
    {
        memberPairs.Dispose();
        bPairs.Dispose();
        member.Dispose();
        b.Dispose();
        root.Dispose();
        roots.Dispose();
    }

    [Theory]
    [InlineData("topic", "#topic1", "cmid1", "hello topic")]
    [InlineData("group", "@backend", "cmid3", "hello group")]
    [InlineData("tag", "tag:repo:billing", "cmid4", "hello tag")]
    [InlineData("broadcast", "*", "cmid5", "hello all")]
    public void A_shared_message_has_the_bytes_of_its_vector_and_opens(string name, string spec, string id, string text)
    {
        Assert.True(TargetSpec.TryParse(spec, out TargetSpec? target));
        MessageHeader header = new(
            Vectors.Mesh, target, member.Public, Session, id, Vectors.At, null, Priority.Next, string.Empty, root.Reference);
        using SecretBytes key = root.DeriveMessageKey(target);
        SealedMessage made = MessageSeal.Seal(member, key.Expose(), header, new MessageBody("text", text), Vectors.Nonce);
        AssertVector(name, made);

        Assert.Equal(MessageRefusal.None, MessageSeal.OpenShared(log, roots, Frame(header), made, out OpenedMessage? opened));
        Assert.Equal(text, opened!.Body.Text);
        Assert.Equal(header, opened.Header);
    }

    [Fact]
    public void A_direct_message_has_the_bytes_of_its_vector_and_opens_on_the_other_side()
    {
        byte[] key = new byte[32];
        Assert.True(memberPairs.TryCopyDirectKey(b.Public, key));
        Assert.Equal(Vectors.Bytes("keys.direct_key_member_b"), key);
        Assert.True(memberPairs.TryCopyBoxKey(b.Public, key));
        Assert.Equal(Vectors.Bytes("keys.box_key_member_b"), key);

        Assert.True(memberPairs.TryCopyDirectKey(b.Public, key));
        SealedMessage made = MessageSeal.Seal(member, key, DirectHeader, new MessageBody("text", "hello mesh"), Vectors.Nonce);
        AssertVector("direct", made);
        Assert.Equal(MessageRefusal.None, Open(made, DirectHeader, out OpenedMessage? opened));
        Assert.Equal("hello mesh", opened!.Body.Text);
    }

    [Fact]
    public void A_direct_message_may_name_a_session_and_is_still_written_to_the_member()
    {
        MessageHeader header = DirectHeader with
        {
            Target = new TargetSpec.MemberSession(b.Public, Vectors.Key("legacy.s_pub")),
            SenderSession = null,
            ClientMessageId = "cmid6",
        };
        byte[] key = new byte[32];
        Assert.True(memberPairs.TryCopyDirectKey(b.Public, key));
        SealedMessage made = MessageSeal.Seal(member, key, header, new MessageBody("text", "hello session"), Vectors.Nonce);
        AssertVector("direct_to_session", made);
        Assert.Equal(MessageRefusal.None, Open(made, header, out _));
    }

    [Fact]
    public void No_bit_of_header_nonce_or_ciphertext_may_change()
    {
        SealedMessage made = SealDirect(DirectHeader);
        Assert.All(Vectors.Flipped(made.Header), bad => AssertRefused(made with { Header = bad }));
        Assert.All(Vectors.Flipped(made.Nonce), bad => AssertRefused(made with { Nonce = bad }));
        Assert.All(Vectors.Flipped(made.Ciphertext), bad => AssertRefused(made with { Ciphertext = bad }));
        AssertRefused(made with { Ciphertext = made.Ciphertext[..^1] });
        AssertRefused(made with { Ciphertext = [] });
        AssertRefused(made with { Nonce = [] });
        AssertRefused(made with { Header = [] });
        AssertRefused(made with { Header = [.. made.Header, 0] });
    }

    [Fact]
    public void A_frame_that_differs_from_the_header_is_refused()
    {
        SealedMessage made = SealDirect(DirectHeader);
        MessageFrame frame = Frame(DirectHeader);
        MessageFrame[] changed =
        [
            frame with { MeshId = "mesh2" },
            frame with { TargetSpec = Session.ToString() },
            frame with { TargetSpec = "#topic1" },
            frame with { TargetSpec = "nonsense" },
            frame with { SenderMember = b.Public },
            frame with { SenderKey = member.Public },
            frame with { ClientMessageId = "other" },
            frame with { Priority = Priority.Now },
            frame with { ReplyTo = "other" },
        ];
        Assert.All(changed, wrong => Assert.Equal(
            MessageRefusal.FrameMismatch, MessageSeal.OpenDirect(b.Public, bPairs, wrong, made, now, out _)));
        Assert.Equal(MessageRefusal.None, MessageSeal.OpenDirect(b.Public, bPairs, frame, made, now, out _));
    }

    [Fact]
    [Trait("wire", "7.3 #23")]
    public void A_message_to_somebody_else_is_refused()
    {
        SealedMessage made = SealDirect(DirectHeader);
        Assert.Equal(
            MessageRefusal.WrongTarget,
            MessageSeal.OpenDirect(Vectors.Key("legacy.a_pub"), bPairs, Frame(DirectHeader), made, now, out _));
        Assert.Equal(MessageRefusal.WrongTarget, MessageSeal.OpenShared(log, roots, Frame(DirectHeader), made, out _));
    }

    [Fact]
    public void A_direct_message_is_refused_when_it_is_too_old_or_from_the_future()
    {
        SealedMessage made = SealDirect(DirectHeader);
        DateTimeOffset sent = DateTimeOffset.FromUnixTimeMilliseconds(Vectors.At);
        Assert.Equal(MessageRefusal.None, OpenAt(sent + MessageSeal.DirectAgeMax - TimeSpan.FromMilliseconds(1)));
        Assert.Equal(MessageRefusal.TooOld, OpenAt(sent + MessageSeal.DirectAgeMax));
        Assert.Equal(MessageRefusal.None, OpenAt(sent - MessageSeal.ClockAheadMax));
        Assert.Equal(MessageRefusal.TooFarAhead, OpenAt(sent - MessageSeal.ClockAheadMax - TimeSpan.FromMilliseconds(1)));

        MessageRefusal OpenAt(DateTimeOffset at) => MessageSeal.OpenDirect(b.Public, bPairs, Frame(DirectHeader), made, at, out _);
    }

    [Fact]
    [Trait("wire", "7.3 #23")]
    public void A_recipient_cannot_make_a_message_that_the_sender_did_not_sign()
    {
        // Both sides of a pair have its key; only the signature inside says which of them wrote.
        byte[] key = new byte[32];
        Assert.True(bPairs.TryCopyDirectKey(member.Public, key));
        byte[] header = SignedBytes.Of(DirectHeader);
        byte[] payload = SignedBytes.Of(new MessageBody("text", "I owe you 100"));
        byte[] signature = b.Sign(new BodySignatureText(BodySignatureText.OfMessage, header, payload));
        byte[] text = [.. signature, .. payload];
        int length = text.Length;
        Array.Resize(ref text, Padding.PaddedLength(length));
        Padding.Pad(text, length);
        byte[] ciphertext = new byte[text.Length + XChaCha20Poly1305.Overhead];
        XChaCha20Poly1305.Seal(key, Vectors.Nonce, text, header, ciphertext);

        Assert.Equal(MessageRefusal.BadSignature, Open(new SealedMessage(header, Vectors.Nonce, ciphertext), DirectHeader, out _));
    }

    [Fact]
    public void What_opens_and_is_no_padded_body_is_refused()
    {
        byte[] key = new byte[32];
        Assert.True(memberPairs.TryCopyDirectKey(b.Public, key));
        byte[] header = SignedBytes.Of(DirectHeader);
        byte[] short63 = new byte[64];
        short63[63] = 0x80;
        Assert.All([new byte[64], short63], text =>
        {
            byte[] ciphertext = new byte[text.Length + XChaCha20Poly1305.Overhead];
            XChaCha20Poly1305.Seal(key, Vectors.Nonce, text, header, ciphertext);
            Assert.Equal(MessageRefusal.BadPayload, Open(new SealedMessage(header, Vectors.Nonce, ciphertext), DirectHeader, out _));
        });
    }

    [Fact]
    public void A_message_under_another_root_or_from_a_bad_key_is_refused()
    {
        MessageHeader header = DirectHeader with { Target = new TargetSpec.Topic("topic1"), Root = root.Reference };
        SealedMessage made = MessageSeal.SealShared(member, root, header, new MessageBody("text", "hi"));
        Membership otherLog = SampleLog.Start(member, Vectors.At, RootKey.Generate(Vectors.Mesh, "mesh", epoch: 1));
        using RootKey other = RootKey.Generate(Vectors.Mesh, "mesh", epoch: 1);
        Assert.Equal(MessageRefusal.WrongRoot, MessageSeal.OpenShared(otherLog, roots, Frame(header), made, out _));
        Assert.Throws<ArgumentException>(() => MessageSeal.SealShared(member, other, header, new MessageBody("text", "hi")));

        PublicKey bad = Vectors.SmallOrderKey;
        MessageHeader forged = header with { SenderMember = bad, SenderSession = null };
        Assert.Equal(
            MessageRefusal.NotAMember,
            MessageSeal.OpenShared(log, roots, Frame(forged), made with { Header = SignedBytes.Of(forged) }, out _));
        MessageHeader fromBad = DirectHeader with { SenderMember = bad, SenderSession = null };
        Assert.Equal(MessageRefusal.BadSenderKey, Open(made with { Header = SignedBytes.Of(fromBad) }, fromBad, out _));
        Assert.False(MessageSeal.TrySealDirect(
            member, memberPairs, DirectHeader with { Target = new TargetSpec.Direct(bad) }, new MessageBody("text", "hi"), out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(100_000)]
    public void Texts_of_any_length_come_back_and_their_ciphertexts_have_few_lengths(int length)
    {
        string text = new('ü', length);
        Assert.True(MessageSeal.TrySealDirect(member, memberPairs, DirectHeader, new MessageBody("text", text), out SealedMessage? made));
        Assert.Equal(MessageRefusal.None, Open(made!, DirectHeader, out OpenedMessage? opened));
        Assert.Equal(text, opened!.Body.Text);
        Assert.Equal(0, (made!.Ciphertext.Length - XChaCha20Poly1305.Overhead) % Padding.BlockSize);
    }

    [Fact]
    public void Texts_that_end_at_and_around_a_block_have_the_bytes_of_their_vectors()
    {
        foreach (JsonElement vector in Vectors.Element("padding").EnumerateArray())
        {
            int length = vector.GetProperty("length").GetInt32();
            byte[] padded = Convert.FromHexString(vector.GetProperty("padded").GetString()!);
            byte[] buffer = new byte[Padding.PaddedLength(length)];
            buffer.AsSpan(0, length).Fill((byte)'a');
            Padding.Pad(buffer, length);
            Assert.Equal(padded, buffer);
            Assert.True(Padding.TryUnpad(padded, out int found));
            Assert.Equal(length, found);
        }

        using SecretBytes key = root.DeriveMessageKey(new TargetSpec.Topic("topic1"));
        foreach (JsonElement vector in Vectors.Element("message_lengths").EnumerateArray())
        {
            MessageHeader header = new(
                Vectors.Mesh, new TargetSpec.Topic("topic1"), member.Public, Session, vector.GetProperty("client_message_id").GetString()!,
                Vectors.At, null, Priority.Next, string.Empty, root.Reference);
            string text = new('a', vector.GetProperty("text_length").GetInt32());
            SealedMessage made = MessageSeal.Seal(member, key.Expose(), header, new MessageBody("text", text), Vectors.Nonce);
            Assert.Equal(vector.GetProperty("header_sha256").GetString(), Sha256.Hash(made.Header).ToString());
            Assert.Equal(vector.GetProperty("ciphertext").GetString(), Convert.ToHexStringLower(made.Ciphertext));
            Assert.Equal(vector.GetProperty("ciphertext_length").GetInt32(), made.Ciphertext.Length);
            Assert.Equal(MessageRefusal.None, MessageSeal.OpenShared(log, roots, Frame(header), made, out OpenedMessage? opened));
            Assert.Equal(text, opened!.Body.Text);
            Assert.All(Vectors.Flipped(made.Ciphertext), bad => AssertSharedRefused(Frame(header), made with { Ciphertext = bad }));
        }
    }

    [Fact]
    public void No_bit_of_a_message_to_a_session_may_change()
    {
        SealedMessage made = new(
            Vectors.Bytes("messages.direct_to_session.header"), Vectors.Nonce, Vectors.Bytes("messages.direct_to_session.ciphertext"));
        MessageHeader header = DirectHeader with
        {
            Target = new TargetSpec.MemberSession(b.Public, Vectors.Key("legacy.s_pub")), SenderSession = null, ClientMessageId = "cmid6",
        };
        Assert.Equal(MessageRefusal.None, Open(made, header, out _));
        Assert.All(Vectors.Flipped(made.Header), bad => Assert.NotEqual(MessageRefusal.None, Open(made with { Header = bad }, header, out _)));
        Assert.All(Vectors.Flipped(made.Ciphertext), bad => Assert.NotEqual(MessageRefusal.None, Open(made with { Ciphertext = bad }, header, out _)));
    }

    [Theory]
    [InlineData("topic", "#topic1", "cmid1")]
    [InlineData("group", "@backend", "cmid3")]
    [InlineData("tag", "tag:repo:billing", "cmid4")]
    [InlineData("broadcast", "*", "cmid5")]
    public void No_bit_of_a_shared_message_may_change(string name, string spec, string id)
    {
        SealedMessage made = new(Vectors.Bytes($"messages.{name}.header"), Vectors.Nonce, Vectors.Bytes($"messages.{name}.ciphertext"));
        MessageFrame frame = new(Vectors.Mesh, spec, member.Public, Session, id, Priority.Next);
        Assert.Equal(MessageRefusal.None, MessageSeal.OpenShared(log, roots, frame, made, out _));
        Assert.All(Vectors.Flipped(made.Header), bad => AssertSharedRefused(frame, made with { Header = bad }));
        Assert.All(Vectors.Flipped(made.Nonce), bad => AssertSharedRefused(frame, made with { Nonce = bad }));
        Assert.All(Vectors.Flipped(made.Ciphertext), bad => AssertSharedRefused(frame, made with { Ciphertext = bad }));
    }

    [Fact]
    public void A_message_under_a_root_that_was_never_given_says_so()
    {
        MessageHeader header = DirectHeader with { Target = new TargetSpec.Topic("topic1"), Root = root.Reference };
        SealedMessage made = MessageSeal.SealShared(member, root, header, new MessageBody("text", "hi"));
        using RootHistory none = new();
        Assert.Equal(MessageRefusal.NoRoot, MessageSeal.OpenShared(log, none, Frame(header), made, out _));
    }

    [Fact]
    public void Two_seals_of_one_message_share_no_nonce()
    {
        Assert.NotEqual(SealDirect(DirectHeader).Nonce, SealDirect(DirectHeader).Nonce);
    }

    private static MessageFrame Frame(MessageHeader header) => new(
        Vectors.Mesh,
        header.Target.ToString(),
        header.SenderMember,
        header.SenderSession ?? header.SenderMember,
        header.ClientMessageId,
        header.Priority,
        header.ReplyTo);

    private static void AssertVector(string name, SealedMessage made)
    {
        Assert.Equal(Vectors.Text($"messages.{name}.header"), Convert.ToHexStringLower(made.Header));
        Assert.Equal(Vectors.Text($"messages.{name}.header_sha256"), Sha256.Hash(made.Header).ToString());
        Assert.Equal(Vectors.Text($"messages.{name}.ciphertext"), Convert.ToHexStringLower(made.Ciphertext));
        Assert.Equal(Vectors.Text($"messages.{name}.ciphertext_sha256"), Sha256.Hash(made.Ciphertext).ToString());
    }

    private SealedMessage SealDirect(MessageHeader header)
    {
        Assert.True(MessageSeal.TrySealDirect(member, memberPairs, header, new MessageBody("text", "hello mesh"), out SealedMessage? made));
        return made!;
    }

    private MessageRefusal Open(SealedMessage message, MessageHeader header, out OpenedMessage? opened) =>
        MessageSeal.OpenDirect(b.Public, bPairs, Frame(header), message, now, out opened);

    private void AssertSharedRefused(MessageFrame frame, SealedMessage message)
    {
        Assert.NotEqual(MessageRefusal.None, MessageSeal.OpenShared(log, roots, frame, message, out OpenedMessage? opened));
        Assert.Null(opened);
    }

    private void AssertRefused(SealedMessage message)
    {
        Assert.NotEqual(MessageRefusal.None, Open(message, DirectHeader, out OpenedMessage? opened));
        Assert.Null(opened);
    }
}
