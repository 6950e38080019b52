using Claudemesh.Broker.Accounts.SecondFactor;

namespace Claudemesh.Broker.Tests.Accounts.SecondFactor;

/// <summary>Codes as RFC 6238 has them.</summary>
public sealed class TotpTests
{
    private static readonly byte[] Secret = "12345678901234567890"u8.ToArray();

    /// <summary>RFC 6238, appendix B, its last six digits.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void The_vectors_of_the_standard_are_met(long seconds, string code) =>
        Assert.Equal(code, Totp.Code(Secret, Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(seconds))));

    [Fact]
    public void A_clock_may_be_one_step_off_either_way_and_no_more()
    {
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_010);
        long step = Totp.StepAt(now);
        foreach (int off in (int[])[-1, 0, 1])
            Assert.Equal(step + off, Totp.FindStep(Secret, Totp.Code(Secret, step + off), now, lastUsed: 0));
        foreach (int off in (int[])[-2, 2])
            Assert.Null(Totp.FindStep(Secret, Totp.Code(Secret, step + off), now, lastUsed: 0));
    }

    [Fact]
    public void A_step_that_was_used_is_over_and_so_is_every_one_before()
    {
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_010);
        long step = Totp.StepAt(now);

        Assert.Null(Totp.FindStep(Secret, Totp.Code(Secret, step), now, lastUsed: step));
        Assert.Null(Totp.FindStep(Secret, Totp.Code(Secret, step - 1), now, lastUsed: step));
        Assert.Equal(step + 1, Totp.FindStep(Secret, Totp.Code(Secret, step + 1), now, lastUsed: step));
    }

    /// <summary>RFC 4648, section 10, without its padding.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Secrets_are_written_in_base32(string bytes, string text) => Assert.Equal(text, Totp.Write(System.Text.Encoding.ASCII.GetBytes(bytes)));

    [Theory]
    [InlineData("ABCD-EFGH-JKMN-PQRS")]
    [InlineData("abcdefghjkmnpqrs")]
    [InlineData(" abcd efgh jkmn pqrs ")]
    public void A_recovery_code_is_read_as_people_type_it(string typed)
    {
        Assert.True(RecoveryCode.TryParse(typed, out RecoveryCode code));
        Assert.Equal("abcd-efgh-jkmn-pqrs", code.Reveal());
    }

    [Theory]
    [InlineData("")]
    [InlineData("abcd-efgh-jkmn-pqr")]
    [InlineData("abcd-efgh-jkmn-pqrst")]
    [InlineData("abcd-efgh-jkmn-pqru")]
    public void What_is_no_recovery_code_is_none(string typed) => Assert.False(RecoveryCode.TryParse(typed, out _));
}
