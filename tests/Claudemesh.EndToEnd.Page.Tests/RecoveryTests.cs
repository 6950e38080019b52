using System.Text;

namespace Claudemesh.EndToEnd.Page.Tests;

/// <summary>Every device is gone: a paper or a passkey brings the keys back, and nothing else does.</summary>
public sealed class RecoveryTests(Chromium chromium)
{
    [Fact]
    public async Task The_printed_key_opens_the_account_in_another_browser()
    {
        await using PageScene scene = await PageScene.SetAsync(chromium);
        string printed;
        string password = "correct horse battery staple";
        await using (Visitor before = await scene.SetUpAsync())
        {
            await before.SetPasswordAsync(password);
            printed = await before.PrintRecoveryKeyAsync();
        }

        await using Visitor after = await scene.ComeAsync(authenticator: false);
        await after.SignInByPasswordAsync("alice", password);
        await after.GoAsync("/device");
        await after.ClickAsync("Type the recovery key");
        await after.Field("Recovery key").FillAsync(Mistyped(printed));
        await after.SeeAsync("A character is mistyped");
        await after.Field("Recovery key").FillAsync(printed.Replace("-", " ", StringComparison.Ordinal).ToLowerInvariant());
        await after.ClickAsync("Open my keys");
        await after.ProveByPasswordAsync(password, after.Page.GetByText("Type what the machine shows that wants to be let in"));

        // The key itself went nowhere, in whatever form.
        byte[] sent = await after.ReadSentAsync();
        Assert.Equal(-1, sent.AsSpan().IndexOf(Encoding.UTF8.GetBytes(printed)));
        Assert.Equal(-1, sent.AsSpan().IndexOf(Encoding.UTF8.GetBytes(printed[..9])));
    }

    [Fact]
    public async Task A_passkey_opens_the_account_in_a_browser_that_has_lost_everything_and_its_secret_is_never_sent()
    {
        await using PageScene scene = await PageScene.SetAsync(chromium);
        await using Visitor alice = await scene.SetUpAsync();
        await alice.GoAsync("/account");
        await alice.Page.GetByText("Let it recover", new() { Exact = true }).ClickAsync();
        await alice.ProveIfAskedAsync(alice.Page.GetByText("1 recovers"));
        List<byte[]> derived = [.. await alice.ReadDerivedAsync()];

        await alice.LoseEverythingKeptAsync();
        await alice.GoAsync("/sign-in");
        await alice.ClickAsync("Sign in with a passkey");
        await alice.SeeAsync("This browser does not have your keys");
        await alice.GoAsync("/device");
        await alice.ClickAsync("Recover with a passkey");
        await alice.ProveIfAskedAsync(alice.Page.GetByText("Type what the machine shows that wants to be let in"));
        derived.AddRange(await alice.ReadDerivedAsync());

        Assert.NotEmpty(derived);
        byte[] sent = await alice.ReadSentAsync();
        foreach (byte[] secret in derived)
        {
            Assert.Equal(32, secret.Length);
            foreach (string form in Forms(secret))
                Assert.Equal(-1, sent.AsSpan().IndexOf(Encoding.UTF8.GetBytes(form)));
            Assert.Equal(-1, sent.AsSpan().IndexOf(secret));
        }
    }

    private static string[] Forms(byte[] secret) =>
    [
        Convert.ToHexStringLower(secret), Convert.ToHexString(secret), Convert.ToBase64String(secret).TrimEnd('='),
        Convert.ToBase64String(secret).Replace('+', '-').Replace('/', '_').TrimEnd('='), string.Join(',', secret), string.Join(", ", secret),
        $"\"0\":{secret[0]},\"1\":{secret[1]},\"2\":{secret[2]}",
    ];

    private static string Mistyped(string printed) => (printed[0] == '7' ? '8' : '7') + printed[1..];
}
