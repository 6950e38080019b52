using System.Text.Json;
using Microsoft.Playwright;

namespace Claudemesh.EndToEnd.Page.Tests;

/// <summary>The page for whoever has no mouse, no storage, a dark room or a phone.</summary>
public sealed class EverybodyTests(Chromium chromium)
{
    [Fact]
    public async Task A_broker_is_set_up_with_the_keyboard_alone()
    {
        await using PageScene scene = await PageScene.SetAsync(chromium);
        await using Visitor visitor = await scene.ComeAsync();
        await visitor.Page.GotoAsync(await scene.FindSetUpLinkAsync());
        await visitor.SeeTitleAsync("Set up this broker");
        await visitor.TabToAsync("Username");
        await visitor.Page.Keyboard.TypeAsync("alice");
        await visitor.TabToAsync("Your name");
        await visitor.Page.Keyboard.TypeAsync("Alice");
        await visitor.TabToAsync("Go on with a passkey");
        await visitor.Page.Keyboard.PressAsync("Enter");
        await visitor.SeeTitleAsync("Hello, Alice");
        await visitor.TabToAsync("Account");
        await visitor.Page.Keyboard.PressAsync("Enter");
        await visitor.SeeTitleAsync("Account");
        await visitor.TabToAsync("Make one");
        await visitor.Page.Keyboard.PressAsync("Enter");
        await visitor.SeeAsync("This is your recovery key");
    }

    [Fact]
    public async Task A_browser_that_keeps_nothing_is_told_so_and_looks_after_the_account_all_the_same()
    {
        await using PageScene scene = await PageScene.SetAsync(chromium);
        await using Visitor visitor = await scene.ComeAsync();
        await visitor.Page.AddInitScriptAsync("Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('blocked', 'SecurityError'); } })");
        await visitor.Page.GotoAsync(await scene.FindSetUpLinkAsync());
        await visitor.Field("Username").FillAsync("alice");
        await visitor.Field("Your name").FillAsync("Alice");
        await visitor.ClickAsync("Go on with a passkey");
        await visitor.SeeTitleAsync("Hello, Alice");
        await visitor.SeeAsync("This browser does not have your keys");
        await visitor.GoAsync("/account");
        await visitor.SeeAsync("This browser keeps nothing");
        await Assertions.Expect(visitor.Button("Set one")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task Every_page_is_readable_by_everybody_in_light_and_dark_on_desk_and_phone(ColorScheme scheme, int width)
    {
        await using PageScene scene = await PageScene.SetAsync(chromium);
        await using Visitor visitor = await scene.ComeAsync(
            new BrowserNewContextOptions { ColorScheme = scheme, ViewportSize = new ViewportSize { Width = width, Height = 800 } });
        List<string> faults = [];
        foreach (string path in new[] { "/setup", new Uri(await scene.FindSetUpLinkAsync()).PathAndQuery })
        {
            await visitor.GoAsync(path);
            await visitor.Page.Locator("h1").First.WaitForAsync();
            faults.AddRange(await visitor.FindBarriersAsync(path));
        }

        await visitor.Page.GotoAsync(await scene.FindSetUpLinkAsync());
        await visitor.Field("Username").FillAsync("alice");
        await visitor.ClickAsync("Go on with a passkey");
        await visitor.SeeTitleAsync("Hello, alice");
        foreach (string path in new[] { "/", "/account", "/device", "/i/abcdefgh" })
        {
            await visitor.GoAsync(path);
            await visitor.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            faults.AddRange(await visitor.FindBarriersAsync(path));
            Assert.True(
                await visitor.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"{path} is wider than {width} pixels.");
        }

        await visitor.GoAsync("/");
        await visitor.ClickAsync("Sign out alice");
        await visitor.SeeTitleAsync("Sign in");
        faults.AddRange(await visitor.FindBarriersAsync("/sign-in"));
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }
}
