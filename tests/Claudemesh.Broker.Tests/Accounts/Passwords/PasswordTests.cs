using System.Text;
using Claudemesh.Broker.Accounts.Passwords;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Accounts.Passwords;

/// <summary>What is kept of a password, and which may be set.</summary>
public sealed class PasswordTests
{
    private static readonly PasswordCost Cheap = new(MemoryKib: 8, Passes: 1);

    [Theory]
    [InlineData("short one!!", "at least 12 characters")]
    [InlineData("ananananananan", "different characters")]
    [InlineData("my name is alice b", "username")]
    [InlineData("my name is ALICE b", "username")]
    [InlineData("passwordpassword", "many people")]
    [InlineData("Password2024!", "many people")]
    [InlineData("!!Basketball123", "many people")]
    [InlineData("1qaz2wsx3edc4rfv", "many people")]
    [InlineData("tr0ub4-tr0ub4-", "piece several times")]
    public void A_password_that_is_easily_guessed_is_refused_and_it_is_said_why(string password, string why)
    {
        MeshError refusal = PasswordRules.Refuse(Password.Parse(password), "Alice")!;

        Assert.Equal("password_refused", refusal.Code);
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("seven brown otters sing")]
    [InlineData("löwenzahn über berge")]
    [InlineData("tr0ub4dor&3xyz")]
    [InlineData("🐟🐠🐡🦈🐙🐚🦀🦞🦐🦑🐌🦋")]
    public void A_long_password_of_any_letters_is_good(string password) => Assert.Null(PasswordRules.Refuse(Password.Parse(password), "al"));

    [Fact]
    public async Task A_password_of_more_than_1024_bytes_is_refused_before_it_is_hashed()
    {
        await using TestBroker broker = await SignIn.SignInBench.StartAsync();
        using TestBrowser browser = new(broker);

        Assert.Equal("invalid_args", (await browser.SignUpAsync("ann", new string('ü', 513))).Code);
        Assert.Equal("invalid_args", (await browser.SignInAsync("ann", new string('x', 1025))).Code);
        Assert.Equal("password_refused", (await browser.SignUpAsync("ann", "password1234")).Code);
    }

    [Fact]
    public void What_is_stored_is_read_again_and_fits_its_password_alone()
    {
        PasswordHash made = PasswordHash.Of("one"u8, Cheap);
        Assert.StartsWith("$argon2id$v=19$m=8,t=1,p=1$", made.Write(), StringComparison.Ordinal);

        Assert.True(PasswordHash.TryParse(made.Write(), out PasswordHash? read));
        Assert.True(read.Verify("one"u8));
        Assert.False(read.Verify("two"u8));
        Assert.Equal(Cheap, read.Cost);
        Assert.NotEqual(made.Write(), PasswordHash.Of("one"u8, Cheap).Write());
        Assert.DoesNotContain("one", made.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("$argon2i$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=99999999,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=8,t=99,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=8,t=1,p=2$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$")]
    public void What_is_not_of_the_form_is_no_hash(string text) => Assert.False(PasswordHash.TryParse(text, out _));

    [Fact]
    public async Task A_hash_says_the_cost_that_it_was_made_with_and_one_of_another_cost_is_old()
    {
        using PasswordHashing usual = new(new PasswordOptions { Cost = new PasswordCost(MemoryKib: 16, Passes: 1) });
        string old = PasswordHash.Of(Encoding.UTF8.GetBytes("one"), Cheap).Write();

        Assert.Equal((true, true), await usual.VerifyAsync(Password.Parse("one"), old, CancellationToken.None));
    }

    [Fact]
    public async Task Without_a_stored_hash_no_password_is_right()
    {
        using PasswordHashing hashing = new(new PasswordOptions { Cost = Cheap });

        Assert.Equal((false, false), await hashing.VerifyAsync(Password.Parse("one"), stored: null, CancellationToken.None));
        Assert.Equal((false, false), await hashing.VerifyAsync(Password.Parse("one"), "nonsense", CancellationToken.None));
    }

    [Fact]
    public async Task More_than_may_wait_are_told_to_come_again()
    {
        using PasswordHashing hashing = new(new PasswordOptions { Cost = new PasswordCost(MemoryKib: 16 * 1024, Passes: 1) });

        string?[] answers = await Task.WhenAll(Enumerable.Range(0, PasswordHashing.WaitingMax * 2 + 8)
            .Select(_ => hashing.HashAsync(Password.Parse("one"), CancellationToken.None).AsTask()));

        Assert.Contains(answers, answer => answer is null);
        Assert.Contains(answers, answer => answer is not null);
        Assert.NotNull(await hashing.HashAsync(Password.Parse("one"), CancellationToken.None));
    }
}
