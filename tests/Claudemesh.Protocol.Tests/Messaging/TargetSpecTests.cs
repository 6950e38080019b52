namespace Claudemesh.Protocol.Tests.Messaging;

public sealed class TargetSpecTests
{
    private const string Member = "1907d45e693e0a9d65d73a0c09c41ccd98e6d889bf4dee282767cf6c9d2099a6";
    private const string Session = "067258b1496103909123e0ce2d17786b2702059e3c754798b7d53c176105f800";

    [Fact]
    public void Every_kind_of_target_is_told_apart()
    {
        Assert.IsType<TargetSpec.Everyone>(Parse("*"));
        Assert.IsType<TargetSpec.Everyone>(Parse("@all"));
        Assert.Equal(new TargetSpec.Group(GroupName.Parse("a/b")), Parse("@a/b"));
        Assert.Equal(new TargetSpec.Tag(TagName.Parse("repo:billing")), Parse("tag:repo:billing"));
        Assert.Equal(new TargetSpec.Topic("Kq3"), Parse("#Kq3"));
        Assert.Equal(new TargetSpec.Direct(PublicKey.Parse(Member)), Parse(Member));
        Assert.Equal(new TargetSpec.MemberSession(PublicKey.Parse(Member), PublicKey.Parse(Session)), Parse(Member + Session));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("@a/b")]
    [InlineData("tag:repo:billing")]
    [InlineData("#Kq3")]
    [InlineData(Member)]
    [InlineData(Member + Session)]
    public void A_target_is_written_as_it_was_read(string text) => Assert.Equal(text, Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("alice")]
    [InlineData("**")]
    [InlineData("@")]
    [InlineData("@a b")]
    [InlineData("@a' OR 1=1")]
    [InlineData("#")]
    [InlineData("#general deploys")]
    [InlineData("tag:")]
    [InlineData("tag")]
    [InlineData("1907d45e")]
    [InlineData("1907D45E693E0A9D65D73A0C09C41CCD98E6D889BF4DEE282767CF6C9D2099A6")]
    [InlineData(Member + "067258b1496103909123e0ce2d17786b2702059e3c754798b7d53c176105f80g")]
    [InlineData(Member + Session + "00")]
    public void What_can_address_nobody_is_not_a_target(string text) => Assert.False(TargetSpec.TryParse(text, out _));

    [Fact]
    public void A_very_long_target_is_not_copied_to_be_refused()
    {
        string text = "@" + new string('a', 1_000_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(TargetSpec.TryParse(text, out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
    }

    private static TargetSpec Parse(string text) => TargetSpec.TryParse(text, out TargetSpec? target) ? target : throw new FormatException(text);
}
