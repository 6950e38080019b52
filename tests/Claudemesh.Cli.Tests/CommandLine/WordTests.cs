using Claudemesh.Cli.CommandLine;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.CommandLine;

/// <summary>Times as they are typed, and the word that was meant.</summary>
public sealed class WordTests
{
    [Theory]
    [InlineData("30s", 30)]
    [InlineData("15m", 900)]
    [InlineData("12h", 43_200)]
    [InlineData("7d", 604_800)]
    public void A_time_is_a_number_and_its_unit(string text, int seconds)
    {
        Assert.True(Duration.TryParse(text, out TimeSpan value));
        Assert.Equal(TimeSpan.FromSeconds(seconds), value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("d")]
    [InlineData("0d")]
    [InlineData("-1d")]
    [InlineData("1.5h")]
    [InlineData("7 d")]
    [InlineData("7w")]
    [InlineData("2147483647d")]
    [InlineData("99999999999s")]
    public void What_is_no_time_is_refused(string text) => Assert.False(Duration.TryParse(text, out _));

    [Theory]
    [InlineData("sned", "send")]
    [InlineData("pers", "peers")]
    [InlineData("stat", "status")]
    [InlineData("msgstatus", "msg-status")]
    [InlineData("xyzzy", null)]
    [InlineData("a", null)]
    public void The_nearest_word_is_near_or_it_is_none(string typed, string? expected) =>
        Assert.Equal(expected, NearestMatch.Find(typed, ["send", "peers", "status", "msg-status", "inbox"]));
}
