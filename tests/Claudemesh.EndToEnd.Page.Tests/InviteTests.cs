using System.Text;
using Claudemesh.EndToEnd.Tests;
using Microsoft.Playwright;

namespace Claudemesh.EndToEnd.Page.Tests;

/// <summary>Somebody gets a link, has no account, and opens it in a browser.</summary>
public sealed class InviteTests(Chromium chromium)
{
    [Fact]
    public async Task Whoever_accepts_an_invite_in_the_browser_reads_on_his_machine_what_was_written_before()
    {
        await using PageScene scene = await PageScene.SetAsync(chromium);
        await using Visitor alice = await scene.SetUpAsync();
        await using Person desk = new("d");
        string link = await InviteAsync(scene, alice, desk);
        await desk.DoAsync("topic", "post", "general", "written before bob came", "--wait", "accepted");

        await using Visitor bob = await scene.ComeAsync();
        await bob.Page.GotoAsync(link);
        await bob.SeeTitleAsync("Join acme");
        Assert.DoesNotContain("#", bob.Page.Url, StringComparison.Ordinal);
        await bob.Field("Username").FillAsync("bob");
        await bob.Field("Your name").FillAsync("Bob");
        await bob.ClickAsync("Go on with a passkey");
        await Assertions.Expect(bob.Field("Your name there")).ToHaveValueAsync("Bob");
        await bob.ClickAsync("Join");
        await bob.SeeTitleAsync("You are in acme");

        await using Person laptop = new("l");
        await scene.LetInAsync(bob, laptop, "laptop");
        await Eventually.IsAsync("bob's machine reads what was before him", async () =>
            (await laptop.TryAsync("topic", "history", "general")).Output.Contains("written before bob came", StringComparison.Ordinal) ? "so" : null);
        Assert.Contains("Bob", (await desk.TryAsync("member", "list")).Output, StringComparison.Ordinal);

        byte[] sent = await bob.ReadSentAsync();
        Assert.Equal(-1, sent.AsSpan().IndexOf(Encoding.UTF8.GetBytes(link.Split("#3.")[1])));
    }

    [Fact]
    public async Task A_link_without_its_secret_asks_to_join_and_an_admin_lets_him_in()
    {
        await using PageScene scene = await PageScene.SetAsync(chromium);
        await using Visitor alice = await scene.SetUpAsync();
        await using Person desk = new("d");
        string link = await InviteAsync(scene, alice, desk);

        await using Visitor bob = await scene.ComeAsync();
        await bob.Page.GotoAsync(link.Split('#')[0]);
        await bob.SeeAsync("The link came without its secret");
        await bob.Field("Username").FillAsync("bob");
        await bob.Field("Your name").FillAsync("Bob");
        await bob.ClickAsync("Go on with a passkey");
        await bob.ClickAsync("Ask to join");
        await bob.SeeTitleAsync("You asked to join");
        await Eventually.IsAsync("alice can let bob in", async () => (await desk.TryAsync("member", "admit", "Bob")).Code == 0 ? "so" : null);
        Assert.Contains("Bob", (await desk.TryAsync("member", "list")).Output, StringComparison.Ordinal);

        // He is in now, in his browser and on whatever machine he lets in.
        await bob.GoAsync("/");
        await bob.SeeAsync("acme");
        await using Person laptop = new("l");
        await scene.LetInAsync(bob, laptop, "laptop");
        await desk.DoAsync("topic", "post", "general", "welcome", "--wait", "accepted");
        await Eventually.IsAsync("bob's machine reads", async () =>
            (await laptop.TryAsync("topic", "history", "general")).Output.Contains("welcome", StringComparison.Ordinal) ? "so" : null);
    }

    [Fact]
    public async Task A_link_that_was_changed_on_its_way_is_said_to_be_none()
    {
        await using PageScene scene = await PageScene.SetAsync(chromium);
        await using Visitor alice = await scene.SetUpAsync();
        await using Person desk = new("d");
        string link = await InviteAsync(scene, alice, desk);

        await using Visitor bob = await scene.ComeAsync();
        await bob.Page.GotoAsync(link[..^1]);
        await bob.SeeTitleAsync("This is no invite");
        string other = link[..^22] + (link[^22] == 'A' ? 'B' : 'A') + link[^21..];
        await bob.Page.GotoAsync("about:blank");
        await bob.Page.GotoAsync(other);
        await bob.SeeAsync("The broker shows another workspace than the one that you were invited to");
    }

    private static async Task<string> InviteAsync(PageScene scene, Visitor alice, Person desk)
    {
        await scene.LetInAsync(alice, desk, "desk");
        await desk.DoAsync("new", "acme", "--as", "alice");
        return (await desk.DoAsync("invite")).GetProperty("url").GetString()!;
    }
}
