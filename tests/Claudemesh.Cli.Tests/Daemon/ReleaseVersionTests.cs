using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Daemon;

public sealed class ReleaseVersionTests
{
    [Theory]
    [InlineData("1.9.9", "2.0.0")]
    [InlineData("2.0.9", "2.0.10")]
    [InlineData("2.0.0-rc.1", "2.0.0")]
    [InlineData("2.0.0-rc.9", "2.0.0-rc.10")]
    [InlineData("2.0.0-rc.1", "2.0.0-rc.1.1")]
    [InlineData("2.0.0-1", "2.0.0-alpha")]
    [InlineData("2.0.0-alpha+7", "2.0.0-beta+1")]
    public void The_earlier_one_is_older_and_never_the_later_one(string earlier, string later)
    {
        Assert.True(ReleaseVersion.IsOlder(earlier, later));
        Assert.False(ReleaseVersion.IsOlder(later, earlier));
    }

    [Theory]
    [InlineData("2.0.0", "2.0.0")]
    [InlineData("2.0.0+a", "2.0.0+b")]
    [InlineData(null, "2.0.0")]
    [InlineData("2.0.0", null)]
    [InlineData("unknown", "2.0.0")]
    public void The_same_or_none_is_not_older(string? version, string? other) => Assert.False(ReleaseVersion.IsOlder(version, other));
}
