using System.Text.Json;
using Claudemesh.Local;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>An owner runs a workspace by verbs, and the others' programs obey and say why.</summary>
public sealed class ModerationTests
{
    [Fact]
    public async Task A_kicked_person_stays_away_until_he_reconnects()
    {
        await using Scene scene = await Scene.SetAsync();

        await StateAsync(scene.Bob, ConnectionStates.Open);
        JsonElement kicked = await scene.Alice.DoAsync("kick", "bob", "--yes");
        await StateAsync(scene.Bob, ConnectionStates.Kicked);
        Ended send = await scene.Bob.TryAsync("send", "alice", "hello?");
        JsonElement back = await scene.Bob.DoAsync("daemon", "reconnect");
        await scene.Bob.DoAsync("send", "alice", "here again", "--wait", "delivered");

        Assert.Equal("bob", kicked.GetProperty("affected")[0].GetProperty("name").GetString());
        Assert.Equal((int)ExitCode.Denied, send.Code);
        Assert.Contains("alice ended your connection to acme", send.Error, StringComparison.Ordinal);
        Assert.Contains("claudemesh daemon reconnect -w acme", send.Error, StringComparison.Ordinal);
        Assert.Equal("open", back.GetProperty("workspaces")[0].GetProperty("state").GetString());
        Assert.Equal("here again", Assert.Single(await scene.Alice.ReadInboxAsync()).Text);
    }

    [Fact]
    public async Task A_banned_person_is_out_until_he_is_let_in_again()
    {
        await using Scene scene = await Scene.SetAsync();
        JsonElement held = await scene.Alice.DoAsync("invite", "--uses", "5");

        Ended unsure = await scene.Alice.TryAsync("ban", "bob");
        await scene.Alice.DoAsync("ban", "bob", "--reason", "spam", "--yes");
        await StateAsync(scene.Bob, ConnectionStates.Removed);
        Ended send = await scene.Bob.TryAsync("send", "alice", "why?");
        Ended peers = await scene.Bob.TryAsync("peers");
        Ended toBob = await scene.Alice.TryAsync("send", "bob", "bye");
        await using Person mallory = new("mallory");
        Ended evading = await mallory.TryAsync("join", held.GetProperty("url").GetString()!);

        Assert.Equal((int)ExitCode.BadArguments, unsure.Code);
        Assert.Contains("claudemesh ban bob --yes", unsure.Error, StringComparison.Ordinal);
        Assert.Equal(((int)ExitCode.Denied, (int)ExitCode.Denied), (send.Code, peers.Code));
        Assert.Contains("alice removed you from acme: spam", send.Error, StringComparison.Ordinal);
        Assert.Equal((int)ExitCode.NotFound, toBob.Code);
        Assert.Equal((int)ExitCode.BadArguments, evading.Code);
        Assert.Contains("withdrawn", evading.Error, StringComparison.Ordinal);

        Assert.Equal("bob", (await scene.Alice.DoAsync("bans")).GetProperty("bans")[0].GetProperty("name").GetString());
        await scene.Alice.DoAsync("unban", "bob");
        await scene.Bob.DoAsync("daemon", "reconnect");
        await scene.Bob.DoAsync("send", "alice", "thank you", "--wait", "delivered");
        Assert.Equal("thank you", Assert.Single(await scene.Alice.ReadInboxAsync()).Text);
    }

    [Fact]
    public async Task A_blocked_person_is_told_so_until_he_is_unblocked()
    {
        await using Scene scene = await Scene.SetAsync();

        await scene.Alice.DoAsync("block", "bob");
        Ended refused = await scene.Bob.TryAsync("send", "alice", "hello", "--wait", "delivered", "--json");
        JsonElement grants = await scene.Alice.DoAsync("grants");
        await scene.Alice.DoAsync("unblock", "bob");
        await scene.Bob.DoAsync("send", "alice", "hello again", "--wait", "delivered");

        Assert.Equal((int)ExitCode.Denied, refused.Code);
        Assert.Contains("blocked by recipient grants", refused.Output, StringComparison.Ordinal);
        Assert.Equal(0, grants.GetProperty("grants")[0].GetProperty("capabilities").GetArrayLength());
        Assert.Equal("hello again", Assert.Single(await scene.Alice.ReadInboxAsync()).Text);
    }

    [Fact]
    public async Task Each_invite_that_cannot_be_used_says_why()
    {
        await using Scene scene = await Scene.SetAsync();
        JsonElement once = await scene.Alice.DoAsync("invite");
        await using Person carol = new("carol");
        await using Person dave = new("dave");
        await carol.DoAsync("join", once.GetProperty("url").GetString()!, "--as", "carol");
        JsonElement withdrawn = await scene.Alice.DoAsync("invite", "--uses", "3");
        string id = Assert.Single((await scene.Alice.DoAsync("invite", "list")).GetProperty("invites").EnumerateArray().ToArray()).GetProperty("id").GetString()!;

        await scene.Alice.DoAsync("invite", "revoke", id[..8]);
        Ended reused = await dave.TryAsync("join", once.GetProperty("url").GetString()!);
        Ended revoked = await dave.TryAsync("join", withdrawn.GetProperty("url").GetString()!);
        Ended notMine = await scene.Bob.TryAsync("invite", "list");

        TroubleshootingPage.AssertTold("The invite was used up", reused);
        Assert.Equal((int)ExitCode.BadArguments, revoked.Code);
        Assert.Contains("withdrawn", revoked.Error, StringComparison.Ordinal);
        Assert.Equal((int)ExitCode.Denied, notMine.Code);
    }

    [Fact]
    public async Task Who_leaves_is_no_member_any_more_and_keeps_nothing_here()
    {
        await using Scene scene = await Scene.SetAsync();
        await scene.Alice.DoAsync("send", "bob", "before you go", "--wait", "delivered");

        Ended owner = await scene.Alice.TryAsync("leave", "acme", "--yes");
        await scene.Bob.DoAsync("leave", "acme", "--yes");
        await scene.Alice.DoAsync("peers");
        Ended toBob = await scene.Alice.TryAsync("send", "bob", "still there?");

        Assert.Equal((int)ExitCode.Denied, owner.Code);
        Assert.Contains("claudemesh member role PEER owner", owner.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await scene.Bob.DoAsync("list")).GetProperty("workspaces").GetArrayLength());
        Assert.Empty(await scene.Bob.ReadInboxAsync());
        Assert.Equal((int)ExitCode.NotFound, toBob.Code);
        await scene.Alice.DoAsync("leave", "acme", "--yes");
        Assert.Equal(0, (await scene.Alice.DoAsync("list")).GetProperty("workspaces").GetArrayLength());
    }

    [Fact]
    public async Task Who_comes_without_the_secret_of_a_link_waits_and_is_let_in_by_name()
    {
        await using Scene scene = await Scene.SetAsync();
        await using Person carol = new("carol");
        string link = (await scene.Alice.DoAsync("invite")).GetProperty("url").GetString()!;

        JsonElement joined = await carol.DoAsync("join", link[..link.IndexOf('#', StringComparison.Ordinal)], "--as", "carol");
        Ended early = await carol.TryAsync("invite");
        JsonElement admitted = await scene.Alice.DoAsync("member", "admit", "carol");
        await carol.DoAsync("daemon", "reconnect");
        await carol.DoAsync("send", "*", "in at last", "--wait", "delivered");

        Assert.True(joined.GetProperty("waiting").GetBoolean());
        TroubleshootingPage.AssertTold("Nobody has admitted you yet", early);
        Assert.Equal("member", admitted.GetProperty("role").GetString());
        Assert.Equal("in at last", Assert.Single(await scene.Bob.ReadInboxAsync()).Text);
    }

    [Fact]
    public async Task A_link_of_which_a_part_was_changed_says_so()
    {
        await using Scene scene = await Scene.SetAsync();
        await using Person carol = new("carol");
        string link = await scene.InviteAsync();
        string secret = link[^22..];

        Ended altered = await carol.TryAsync("join", link[..^22] + (secret[0] == 'A' ? 'B' : 'A') + secret[1..]);
        Ended unknown = await carol.TryAsync("join", link.Replace("/i/", "/i/x", StringComparison.Ordinal));
        Ended cut = await carol.TryAsync("join", link[..^5]);

        TroubleshootingPage.AssertTold("The link's secret was changed", altered);
        TroubleshootingPage.AssertTold("The broker does not have the invite", unknown);
        TroubleshootingPage.AssertTold("The link is cut off", cut);
    }

    [Fact]
    public async Task Who_is_removed_does_not_read_what_comes_after_and_the_log_says_who_did_it()
    {
        await using Scene scene = await Scene.SetAsync();

        JsonElement removed = await scene.Alice.DoAsync("member", "remove", "bob", "--reason", "left the company", "--yes");
        await StateAsync(scene.Bob, ConnectionStates.Removed);
        JsonElement log = await scene.Alice.DoAsync("log", "show");
        JsonElement check = await scene.Alice.DoAsync("log", "verify");

        Assert.Equal(("none", 2), (removed.GetProperty("role").GetString(), removed.GetProperty("epoch").GetInt32()));
        Assert.Contains("left the company", log.GetProperty("entries").EnumerateArray().First(entry => entry.GetProperty("type").GetString() == "remove").GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.True(check.GetProperty("sound").GetBoolean());
        Assert.Equal(1, check.GetProperty("members").GetInt32());
    }

    private static Task<string> StateAsync(Person person, string state) => Eventually.IsAsync($"{person.Name}'s connection is {state}", async () =>
    {
        LocalReply<DaemonStatus> status = await person.Client.GetStatusAsync(CancellationToken.None);
        return status.Value?.Workspaces.SingleOrDefault()?.State == state ? state : null;
    });
}
