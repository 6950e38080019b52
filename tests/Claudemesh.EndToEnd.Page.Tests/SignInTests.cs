using System.Security.Cryptography;
using Microsoft.Playwright;

namespace Claudemesh.EndToEnd.Page.Tests;

/// <summary>The ways in, as they are clicked and typed.</summary>
public sealed class SignInTests(Chromium chromium)
{
    private const string Password = "correct horse battery staple";

    [Fact]
    public async Task A_password_and_a_code_of_the_authenticator_sign_in()
    {
        await using PageScene scene = await PageScene.SetAsync(chromium);
        string secret;
        await using (Visitor before = await scene.SetUpAsync())
        {
            await before.SetPasswordAsync(Password);
            await before.ClickAsync("Set up an authenticator");
            await before.ProveIfAskedAsync(before.Field("Code"));
            secret = (await before.Page.Locator("form").Filter(new() { HasText = "Scan this with your authenticator" }).Locator("code, .mono, input[readonly]").First.InnerTextAsync()).Trim();
            await before.Field("Code").FillAsync(Totp(secret, TimeProvider.System.GetUtcNow()));
            await before.ClickAsync("Turn on");
            await Assertions.Expect(before.Button("Turn off the authenticator")).ToBeVisibleAsync();
        }

        await using Visitor after = await scene.ComeAsync(authenticator: false);
        await after.GoAsync("/sign-in");
        await after.Field("Username").FillAsync("alice");
        await after.Field("Password").FillAsync("wrong horse battery staple");
        await after.ClickAsync("Sign in");
        await after.SeeRefusalAsync();
        await after.Field("Password").FillAsync(Password);
        await after.ClickAsync("Sign in");

        // A code is good once: the one that turned it on is over, so the next one is taken.
        await after.Field("Code of your authenticator").FillAsync(Totp(secret, TimeProvider.System.GetUtcNow().AddSeconds(30)));
        await after.ClickAsync("Go on");
        await after.SeeTitleAsync("Hello, Alice");
    }

    [Fact]
    public async Task Who_signs_out_is_out_and_comes_back_with_his_passkey()
    {
        await using PageScene scene = await PageScene.SetAsync(chromium);
        await using Visitor alice = await scene.SetUpAsync();
        await alice.ClickAsync("Sign out Alice");
        await alice.SeeTitleAsync("Sign in");
        await alice.GoAsync("/account");
        await alice.SeeTitleAsync("Sign in");
        await alice.ClickAsync("Sign in with a passkey");
        await alice.SeeTitleAsync("Account");
    }

    [Fact]
    public async Task A_browser_that_offers_its_passkeys_in_the_field_signs_in_without_a_click()
    {
        await using PageScene scene = await PageScene.SetAsync(chromium);
        await using Visitor alice = await scene.ComeAsync(offersInField: true);
        await alice.SetUpByAsync(await scene.FindSetUpLinkAsync(), "alice", "Alice");
        await alice.LoseEverythingKeptAsync();
        await alice.GoAsync("/sign-in");
        await alice.SeeTitleAsync("Hello, Alice");
    }

    [Fact]
    public async Task The_set_up_link_makes_one_account_and_no_second()
    {
        await using PageScene scene = await PageScene.SetAsync(chromium);
        string link = await scene.FindSetUpLinkAsync();
        await using Visitor alice = await scene.SetUpAsync();
        await using Visitor late = await scene.ComeAsync();
        await late.Page.GotoAsync(link);
        await late.SeeTitleAsync("This broker is set up");
        await late.GoAsync("/sign-up");
        await late.SeeAsync("On this broker an account is made by an invite");
    }

    private static string Totp(string base32, DateTimeOffset at)
    {
        List<byte> key = [];
        int value = 0, bits = 0;
        foreach (char c in base32.Where(char.IsLetterOrDigit))
        {
            value = (value << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal);
            bits += 5;
            if (bits < 8)
                continue;
            bits -= 8;
            key.Add((byte)(value >> bits));
            value &= (1 << bits) - 1;
        }

        byte[] step = new byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(step, at.ToUnixTimeSeconds() / 30);
#pragma warning disable CA5350 // Authenticators speak SHA-1 (RFC 6238).
        byte[] hash = HMACSHA1.HashData(key.ToArray(), step);
#pragma warning restore CA5350
        int offset = hash[^1] & 0xf;
        int number = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(offset)) & 0x7fffffff;
        return (number % 1_000_000).ToString("D6", System.Globalization.CultureInfo.InvariantCulture);
    }
}
