namespace Claudemesh.Protocol.Tests.Ids;

public sealed class NameTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("daemon-20081_X", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("a b", false)]
    [InlineData("a/b", false)]
    [InlineData("é", false)]
    [InlineData("a\n", false)]
    public void An_id_has_letters_digits_dashes_and_underscores(string? text, bool valid)
    {
        Assert.Equal(valid, SessionId.TryParse(text, out SessionId id));
        Assert.Equal(valid ? text : "", id.Value);
        Assert.Equal(valid, MeshId.TryParse(text, out _));
        Assert.Equal(valid, DeviceId.TryParse(text, out _));
    }

    [Fact]
    public void An_id_has_at_most_64_characters()
    {
        Assert.True(MemberId.TryParse(new string('a', 64), out _));
        Assert.False(MemberId.TryParse(new string('a', 65), out _));
        Assert.Throws<FormatException>(() => InviteId.Parse(new string('a', 65)));
    }

    [Theory]
    [InlineData("2v54VMZdprZkf2z6Tj03tyugnf7jkuDz", true)]
    [InlineData("2v54VMZdprZkf2z6Tj03tyugnf7jkuD", false)]
    [InlineData("2v54VMZdprZkf2z6Tj03tyugnf7jkuDz0", false)]
    [InlineData("2v54VMZdprZkf2z6Tj03tyugnf7jkuD-", false)]
    [InlineData("2v54VMZdprZkf2z6Tj03tyugnf7jkuDé", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_message_id_has_32_letters_and_digits(string? text, bool valid)
    {
        Assert.Equal(valid, MessageId.TryParse(text, out MessageId id));
        Assert.Equal(valid ? text : "", id.Value);
        if (valid)
        {
            Assert.Equal(MessageId.Parse(text!), id);
            Assert.NotEqual(MessageId.Parse(text!.Replace('2', '3')), id);
            Assert.Equal(MessageId.Parse(text).GetHashCode(), id.GetHashCode());
        }
    }

    [Theory]
    [InlineData("alice", true)]
    [InlineData("Zoë von der Höhe", true)]
    [InlineData("devbox-20428", true)]
    [InlineData("👩‍💻", true)]
    [InlineData("", false)]
    [InlineData(" alice", false)]
    [InlineData("alice ", false)]
    [InlineData("a\nb", false)]
    [InlineData("a\u001b[31mb", false)]
    [InlineData("a\u202Eb", false)]
    [InlineData("a\u200Bb", false)]
    [InlineData("a\u2028b", false)]
    [InlineData("a\uD800b", false)]
    public void A_display_name_is_one_visible_line(string text, bool valid) => Assert.Equal(valid, DisplayName.TryParse(text, out _));

    [Theory]
    [InlineData("backend", true)]
    [InlineData("a/b/c", true)]
    [InlineData("équipe_1.2-x", true)]
    [InlineData("all", false)]
    [InlineData("/a", false)]
    [InlineData("a/", false)]
    [InlineData("@a", false)]
    [InlineData("a b", false)]
    [InlineData("a'b", false)]
    [InlineData("", false)]
    public void A_group_name_is_a_word_and_not_all(string text, bool valid) => Assert.Equal(valid, GroupName.TryParse(text, out _));

    [Theory]
    [InlineData("repo:billing", true)]
    [InlineData("branch:feature/#12+x", true)]
    [InlineData("lang:c#", true)]
    [InlineData(":x", false)]
    [InlineData("repo billing", false)]
    [InlineData("", false)]
    public void A_tag_is_a_word_with_colons(string text, bool valid) => Assert.Equal(valid, TagName.TryParse(text, out _));

    [Theory]
    [InlineData("acme", true)]
    [InlineData("acme-2", true)]
    [InlineData("Acme", false)]
    [InlineData("-acme", false)]
    [InlineData("acme-", false)]
    [InlineData("ac me", false)]
    [InlineData("", false)]
    public void A_slug_is_lower_case_with_dashes_inside(string text, bool valid) => Assert.Equal(valid, Slug.TryParse(text, out _));

    [Fact]
    public void Names_have_their_limits()
    {
        Assert.True(DisplayName.TryParse(new string('a', 80), out _));
        Assert.False(DisplayName.TryParse(new string('a', 81), out _));
        Assert.True(GroupName.TryParse(new string('a', 64), out _));
        Assert.False(GroupName.TryParse(new string('a', 65), out _));
        Assert.True(TagName.TryParse(new string('a', 96), out _));
        Assert.False(TagName.TryParse(new string('a', 97), out _));
        Assert.True(Slug.TryParse(new string('a', 64), out _));
        Assert.False(Slug.TryParse(new string('a', 65), out _));
    }

    [Theory]
    [InlineData("1907d45e693e0a9d65d73a0c09c41ccd98e6d889bf4dee282767cf6c9d2099a6", true)]
    [InlineData("1907D45E693E0A9D65D73A0C09C41CCD98E6D889BF4DEE282767CF6C9D2099A6", false)]
    [InlineData("1907d45e693e0a9d65d73a0c09c41ccd98e6d889bf4dee282767cf6c9d2099a", false)]
    [InlineData("zz07d45e693e0a9d65d73a0c09c41ccd98e6d889bf4dee282767cf6c9d2099a6", false)]
    [InlineData("", false)]
    public void A_key_has_64_lower_case_hexadecimal_digits(string text, bool valid)
    {
        Assert.Equal(valid, PublicKey.TryParse(text, out PublicKey key));
        if (valid)
            Assert.Equal(text, key.ToString());
    }
}
