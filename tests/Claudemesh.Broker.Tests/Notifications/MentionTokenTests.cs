using System.Text;
using Claudemesh.Broker.Notifications;

namespace Claudemesh.Broker.Tests.Notifications;

public sealed class MentionTokenTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("@", "")]
    [InlineData("@bob", "bob")]
    [InlineData("hello @Bob-2_x, and @ALICE!", "bob-2_x alice")]
    [InlineData("@bob @bob @BOB", "bob")]
    [InlineData("bob@example.org", "")]
    [InlineData("a-@bob", "")]
    [InlineData("(@bob)", "bob")]
    [InlineData("@@bob", "bob")]
    [InlineData("é@bob é", "bob")]
    [InlineData("@bobé", "bob")]
    [InlineData("@bob@alice", "bob")]
    public void A_name_after_an_at_sign_is_a_mention_and_an_address_is_none(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', MentionTokens.Find(Encoding.UTF8.GetBytes(text))));

    [Fact]
    public void A_name_has_at_most_sixty_four_characters_and_a_text_at_most_sixteen_names()
    {
        string longest = new('x', 64);

        Assert.Equal([longest], MentionTokens.Find(Encoding.UTF8.GetBytes("@" + longest)));
        Assert.Empty(MentionTokens.Find(Encoding.UTF8.GetBytes("@" + longest + "x")));
        Assert.Equal(16, MentionTokens.Find(Encoding.UTF8.GetBytes(string.Join(' ', Enumerable.Range(1, 40).Select(i => $"@n{i}")))).Length);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_looked_through_all_the_same() =>
        Assert.Equal(["bob"], MentionTokens.Find([0xff, 0xc3, (byte)'@', (byte)'b', (byte)'o', (byte)'b', 0xff, 0x00]));
}
