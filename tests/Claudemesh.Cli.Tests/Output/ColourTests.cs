using Claudemesh.Cli.Output;

namespace Claudemesh.Cli.Tests.Output;

/// <summary>Colours are for terminals that can, and people who have not said no.</summary>
public sealed class ColourTests
{
    [Theory]
    [InlineData(true, null, "xterm-256color", true)]
    [InlineData(true, "", "xterm-256color", true)]
    [InlineData(true, null, null, true)]
    [InlineData(true, "1", "xterm-256color", false)]
    [InlineData(true, null, "dumb", false)]
    [InlineData(false, null, "xterm-256color", false)]
    public void Colours_are_given_only_where_they_are_wanted_and_seen(bool isInteractive, string? noColour, string? terminal, bool expected) =>
        Assert.Equal(expected, Terminal.HasColour(isInteractive, noColour, terminal));
}
