using Claudemesh.EndToEnd.Tests;
using Microsoft.Playwright;

namespace Claudemesh.EndToEnd.Page.Tests;

/// <summary>What a person sees and must do before another machine becomes him.</summary>
public sealed class ApprovalTests(Chromium chromium)
{
    [Fact]
    public async Task A_remote_device_is_approved_only_by_typing_its_name()
    {
        await using PageScene scene = await PageScene.SetAsync(chromium);
        await using Visitor alice = await scene.SetUpAsync();
        await using Person machine = new("m");
        using LoginTerminal login = await LoginTerminal.StartAsync(machine, scene.Home, "far-away", "--remote");

        await alice.Page.GotoAsync(login.Link);
        await alice.SeeAsync("Remote: another machine will become you");
        Assert.DoesNotContain("#", alice.Page.Url, StringComparison.Ordinal);
        await alice.ProveAndAsync("Show that it is you, then approve");
        ILocator name = alice.Field("Type the device's name to approve it: far-away");
        await name.FillAsync("far-awry");
        await alice.ClickAsync("Approve this remote device");
        await alice.SeeRefusalAsync();
        await name.FillAsync("far-away");
        await alice.ClickAsync("Approve this remote device");
        await alice.SeeAsync("The device fetches its keys now");
        await login.FinishAsync();
    }

    [Fact]
    public async Task A_link_that_lost_its_last_part_leads_to_typing_and_works_then()
    {
        await using PageScene scene = await PageScene.SetAsync(chromium);
        await using Visitor alice = await scene.SetUpAsync();
        await using Person machine = new("m");
        using LoginTerminal login = await LoginTerminal.StartAsync(machine, scene.Home, "chatty", "--remote");

        await alice.Page.GotoAsync(login.Link.Split('#')[0]);
        await alice.SeeAsync("The link came without its last part");
        await Assertions.Expect(alice.Field("Code")).ToHaveValueAsync(login.Code);
        await alice.Field("Pairing secret").FillAsync("6CSK6CSK6CSK6CSK6CSK6CSK6D");
        await alice.ClickAsync("Look at the request");
        await alice.SeeAsync("The pairing secret has 26 letters and digits");
        await alice.Field("Pairing secret").FillAsync(login.Pairing);
        await alice.ClickAsync("Look at the request");
        await alice.ProveAndAsync("Show that it is you, then approve");
        await alice.Field("Type the device's name to approve it: chatty").FillAsync("chatty");
        await alice.ClickAsync("Approve this remote device");
        await login.FinishAsync();
    }

    [Fact]
    public async Task A_pairing_secret_that_is_another_gives_the_machine_nothing()
    {
        await using PageScene scene = await PageScene.SetAsync(chromium);
        await using Visitor alice = await scene.SetUpAsync();
        await using Person machine = new("m");
        using LoginTerminal login = await LoginTerminal.StartAsync(machine, scene.Home, "victim", "--remote");

        await alice.GoAsync("/device");
        await alice.Field("Code").FillAsync(login.Code);
        await alice.Field("Pairing secret").FillAsync("6CSK6CSK6CSK6CSK6CSK6CSK6C");
        await alice.ClickAsync("Look at the request");
        await alice.ProveAndAsync("Show that it is you, then approve");
        await alice.Field("Type the device's name to approve it: victim").FillAsync("victim");
        await alice.ClickAsync("Approve this remote device");

        Assert.NotEqual(0, await login.EndAsync());
        Assert.Equal(0, (await machine.DoAsync("whoami")).GetProperty("accounts").GetArrayLength());
    }

    [Fact]
    public async Task A_request_that_is_denied_gives_the_machine_nothing()
    {
        await using PageScene scene = await PageScene.SetAsync(chromium);
        await using Visitor alice = await scene.SetUpAsync();
        await using Person machine = new("m");
        using LoginTerminal login = await LoginTerminal.StartAsync(machine, scene.Home, "stranger");

        await alice.Page.GotoAsync(login.Link);
        await alice.ClickAsync("Deny");
        await alice.SeeAsync("The device got nothing");
        Assert.NotEqual(0, await login.EndAsync());
        Assert.Equal(0, (await machine.DoAsync("whoami")).GetProperty("accounts").GetArrayLength());
    }
}
