using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Protocol.Tests.Log;

public sealed class LogBodyTests
{
    private static readonly PublicKey Key = PublicKey.Parse("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
    private static readonly Digest Hash = new(new byte[32]);
    private static readonly byte[] Signature = new byte[64];

    private static readonly LogBody[] Bodies =
    [
        new LogBody.Genesis(Hash, EncryptionRequired: true, "m1"),
        new LogBody.Policy(EncryptionRequired: false, TopicId: null, PlainIn: false),
        new LogBody.Policy(EncryptionRequired: true, "topic1", PlainIn: true),
        new LogBody.Invite("i1", Key, LogRole.Admin, UsesMax: 3, ExpiresAt: 5),
        new LogBody.Uninvite("i1"),
        new LogBody.Join("i1", "m2", Signature),
        new LogBody.Admit("m3", Key, LogRole.Observer, MemberKind.Legacy),
        new LogBody.Role(Key, LogRole.Owner),
        new LogBody.Remove(Key, "why"),
        new LogBody.KeyChange(Key, Signature, Compromised: true),
        new LogBody.Epoch(2, Hash, new byte[LogBody.Epoch.BackSize], Hash, "removal"),
        new LogBody.Epoch(1, Hash, default, Hash, string.Empty),
    ];

    public static TheoryData<int> Indexes => [.. Enumerable.Range(0, Bodies.Length)];

    [Theory]
    [MemberData(nameof(Indexes))]
    public void A_body_comes_back_as_it_was_written_and_as_nothing_else(int index)
    {
        LogBody body = Bodies[index];
        byte[] bytes = SignedBytes.Of(body);
        Assert.True(LogBody.TryParse(body.Type, bytes, out LogBody? read));
        Assert.Equal(bytes, SignedBytes.Of(read!));
        Assert.Equal(body.GetType(), read!.GetType());

        for (int length = 0; length < bytes.Length; length++)
            Assert.False(LogBody.TryParse(body.Type, bytes.AsSpan(0, length), out _));
        Assert.False(LogBody.TryParse(body.Type, [.. bytes, 0], out _));
        Assert.False(LogBody.TryParse(body.Type, [.. bytes, 0, 0, 0, 0], out _));
        Assert.All(Bodies.Where(other => other.Type != body.Type), other => Assert.False(LogBody.TryParse(other.Type, bytes, out _)));
        Assert.False(LogBody.TryParse("merge", bytes, out _));
    }

    [Fact]
    public void A_body_that_nobody_may_write_has_no_encoding()
    {
        LogBody[] wrong =
        [
            new LogBody.Genesis(Hash, EncryptionRequired: true, "a/b"),
            new LogBody.Policy(EncryptionRequired: true, TopicId: null, PlainIn: true),
            new LogBody.Policy(EncryptionRequired: true, "a b", PlainIn: true),
            new LogBody.Invite("i1", Key, (LogRole)9, UsesMax: 1, ExpiresAt: 5),
            new LogBody.Invite("i1", Key, LogRole.Member, UsesMax: 0, ExpiresAt: 5),
            new LogBody.Invite("i1", Key, LogRole.Member, UsesMax: 1, ExpiresAt: -1),
            new LogBody.Join("i1", "m2", new byte[63]),
            new LogBody.Admit("", Key, LogRole.Member, MemberKind.Person),
            new LogBody.Admit("m3", Key, LogRole.Member, (MemberKind)9),
            new LogBody.Remove(Key, new string('x', 201)),
            new LogBody.KeyChange(Key, default, Compromised: true),
            new LogBody.Epoch(0, Hash, default, Hash, "start"),
            new LogBody.Epoch(1, Hash, new byte[LogBody.Epoch.BackSize], Hash, "start"),
            new LogBody.Epoch(2, Hash, new byte[1], Hash, "start"),
        ];
        Assert.All(wrong, body => Assert.Throws<ArgumentException>(() => SignedBytes.Of(body)));
    }

    [Theory]
    [InlineData("required", "", "yes")]
    [InlineData("required", "a b", "no")]
    [InlineData("Required", "", "no")]
    [InlineData("none", "", "no")]
    [InlineData("mixed", "topic1", "maybe")]
    public void A_word_or_an_id_that_is_none_is_refused(string encryption, string topic, string plain)
    {
        SignedBytes bytes = new(stackalloc byte[256]);
        bytes.Label("claudemesh/log/policy/1");
        bytes.Text(encryption);
        bytes.Text(topic);
        bytes.Text(plain);
        Assert.False(LogBody.TryParse("policy", bytes.Written, out _));
    }

    [Fact]
    public void A_record_of_no_scope_place_or_mesh_is_refused_and_the_longest_one_is_read()
    {
        byte[] body = SignedBytes.Of(new LogBody.Remove(Key, new string('語', 200)));
        LogRecordText longest = new(
            new string('m', 64), "topic/" + new string('t', 64), SignedBytes.NumberMax, Hash, SignedBytes.NumberMax, Key, "remove", body);
        byte[] bytes = SignedBytes.Of(longest);
        Assert.True(bytes.Length < LogRecordText.BytesMax);
        Assert.True(LogRecordText.TryParse(bytes, out LogRecordText read));
        Assert.Equal(bytes, SignedBytes.Of(read));

        Assert.False(LogRecordText.TryParse(SignedBytes.Of(longest with { Seq = 0 }), out _));
        LogRecordText[] unwritable = [longest with { Scope = "topic/" }, longest with { MeshId = "a/b" }, longest with { At = -1 }];
        Assert.All(unwritable, text => Assert.Throws<ArgumentException>(() => SignedBytes.Of(text)));
    }
}
