using Claudemesh.Broker.Accounts.Devices;

namespace Claudemesh.Broker.Tests.Accounts.Devices;

/// <summary>The codes of the device flow: what a person types is read kindly, what opens a door does not print.</summary>
public sealed class UserCodeTests
{
    [Fact]
    public void A_code_is_read_however_it_is_typed()
    {
        UserCode code = UserCode.Generate();
        string bare = code.Value.Replace("-", "", StringComparison.Ordinal);
        foreach (string typed in new[] { code.Value, bare, code.Value.ToLowerInvariant(), $" {bare[..2]} {bare[2..]} " })
        {
            Assert.True(UserCode.TryParse(typed, out UserCode read), typed);
            Assert.Equal(code, read);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("BCDF-GHJ")]
    [InlineData("BCDF-GHJKL")]
    [InlineData("ABCD-EFGH")]
    [InlineData("BCDF-GHJ1")]
    [InlineData("BCDF_GHJK")]
    [InlineData("ＢＣＤＦ-GHJK")]
    [InlineData("B-C-D-F-G-H-J-K-------")]
    public void What_is_no_code_is_not_read(string? typed) => Assert.False(UserCode.TryParse(typed, out _));

    [Fact]
    public void Codes_differ_and_use_every_letter_of_theirs()
    {
        string[] codes = [.. Enumerable.Range(0, 500).Select(_ => UserCode.Generate().Value)];

        Assert.Equal(codes.Length, codes.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal("-BCDFGHJKLMNPQRSTVWXZ", new string([.. string.Concat(codes).Distinct().Order()]));
    }

    [Fact]
    public void A_one_time_code_is_found_by_its_hash_and_does_not_print()
    {
        OneTimeCode code = OneTimeCode.Generate();

        Assert.True(OneTimeCode.TryParse(code.Reveal(), out OneTimeCode read));
        Assert.True(read.IsOf(code.Hash()));
        Assert.False(OneTimeCode.Generate().IsOf(code.Hash()));
        Assert.DoesNotContain(code.Reveal(), $"{code}", StringComparison.Ordinal);
        Assert.False(OneTimeCode.TryParse(code.Reveal()[1..], out _));
        Assert.False(OneTimeCode.TryParse(code.Reveal()[1..] + "+", out _));
    }
}
