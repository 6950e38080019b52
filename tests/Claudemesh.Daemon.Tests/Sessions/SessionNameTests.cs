using Claudemesh.Daemon.Sessions;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Tests.Sessions;

public sealed class SessionNameTests
{
    [Theory]
    [InlineData("billing", "billing")]
    [InlineData("billing", "billing-2", "Billing")]
    [InlineData("billing", "billing-3", "billing", "billing-2", "billing-4")]
    public void A_name_that_is_taken_gets_the_first_free_number(string wanted, string given, params string[] taken) =>
        Assert.Equal(given, SessionName.MakeDistinct(wanted, taken));

    [Fact]
    public void A_numbered_name_is_still_a_name_and_never_cuts_a_character_in_two()
    {
        string longest = new string('a', DisplayName.CharsMax - 3) + "\U0001F600b";
        string name = SessionName.MakeDistinct(longest, [longest]);
        Assert.True(DisplayName.TryParse(name, out _), name);
        Assert.EndsWith("a-2", name, StringComparison.Ordinal);
    }
}
