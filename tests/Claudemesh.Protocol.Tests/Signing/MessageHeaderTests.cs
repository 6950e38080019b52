using Claudemesh.Protocol.Signing;

namespace Claudemesh.Protocol.Tests.Signing;

public sealed class MessageHeaderTests
{
    private static readonly PublicKey A = PublicKey.Parse("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
    private static readonly PublicKey B = PublicKey.Parse("29acbae141bccaf0b22e1a94d34d0bc7361e526d0bfe12c89794bc9322966dd7");
    private static readonly RootReference Root = new("mesh", 3, new Digest(new byte[32]));

    private static readonly MessageHeader Direct =
        new("mesh1", new TargetSpec.Direct(B), A, B, "id1", 1700000000000, "earlier", Priority.Now, "ann,bob", null);

    public static TheoryData<string> Specs =>
    [
        "*", "#topic1", "@backend", "@a/b/c", "tag:repo:billing", B.ToString(), $"{B}{A}",
    ];

    [Theory]
    [MemberData(nameof(Specs))]
    public void A_header_comes_back_as_it_was_written(string spec)
    {
        Assert.True(TargetSpec.TryParse(spec, out TargetSpec? target));
        Assert.Equal(spec, target.ToString());
        MessageHeader header = Direct with { Target = target, Root = target is TargetSpec.Direct or TargetSpec.MemberSession ? null : Root };
        Assert.True(MessageHeader.TryParse(SignedBytes.Of(header), out MessageHeader? read));
        Assert.Equal(header, read);
    }

    [Fact]
    public void A_header_that_no_sender_may_make_has_no_encoding()
    {
        MessageHeader[] wrong =
        [
            Direct with { MeshId = "a/b" },
            Direct with { Priority = (Priority)7 },
            Direct with { ClientMessageId = string.Empty },
            Direct with { ClientMessageId = new string('x', 129) },
            Direct with { SentAt = -1 },
            Direct with { Root = Root },
            Direct with { Target = new TargetSpec.Topic("topic1") },
            Direct with { Target = new TargetSpec.Topic("a b"), Root = Root },
            Direct with { Target = new TargetSpec.Group(default), Root = Root },
            Direct with { Target = new TargetSpec.Topic("topic1"), Root = Root with { Scope = "topic/" } },
        ];
        Assert.All(wrong, header => Assert.Throws<ArgumentException>(() => SignedBytes.Of(header)));
    }

    [Fact]
    public void A_header_with_a_cut_or_an_extra_byte_is_refused()
    {
        byte[] whole = SignedBytes.Of(Direct);
        for (int length = 0; length < whole.Length; length++)
            Assert.False(MessageHeader.TryParse(whole.AsSpan(0, length), out _));
        Assert.False(MessageHeader.TryParse([.. whole, 0, 0, 0, 0], out _));
    }

    [Fact]
    public void No_single_changed_bit_gives_the_same_header()
    {
        byte[] whole = SignedBytes.Of(Direct);
        for (int bit = 0; bit < whole.Length * 8; bit++)
        {
            byte[] bad = [.. whole];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(!MessageHeader.TryParse(bad, out MessageHeader? read) || read != Direct);
        }
    }

    [Fact]
    public void Mentions_are_written_in_one_form() =>
        Assert.Equal("ann,bob,zoë", MessageHeader.JoinMentions(["Bob", "zoë", "ann", "BOB"]));

    [Theory]
    [InlineData("mesh", true)]
    [InlineData("topic/abc", true)]
    [InlineData("topic/", false)]
    [InlineData("topic/a/b", false)]
    [InlineData("Mesh", false)]
    [InlineData("", false)]
    public void A_scope_has_one_of_two_forms(string scope, bool valid) => Assert.Equal(valid, RootReference.IsScope(scope));
}
