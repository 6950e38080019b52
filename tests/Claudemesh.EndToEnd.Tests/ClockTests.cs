using System.Text.Json;
using Claudemesh.Local;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>A clock that goes wrong, and what ends by the clock.</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task With_a_clock_two_minutes_wrong_every_verb_says_that_it_is_the_clock_and_what_is_sent_waits_for_it()
    {
        await using Scene scene = await Scene.SetAsync();
        await scene.Bob.DoAsync("peers");
        await scene.Bob.DoAsync("daemon", "down");
        (string, string)[] late = await WrongClock.AheadAsync(TimeSpan.FromMinutes(-2));

        Ended peers = await scene.Bob.TryInAsync(late, "peers");
        Ended sent = await scene.Bob.TryInAsync(late, "send", "alice", "from the past");
        TroubleshootingPage.AssertTold("The clock is two minutes wrong", await scene.Bob.TryInAsync(late, "send", "carol", "who?"));
        TroubleshootingPage.AssertTold("The clock is two minutes wrong", await scene.Bob.TryInAsync(late, "send", "@backend", "who?"));
        TroubleshootingPage.AssertTold("The clock is two minutes wrong, by the doctor", await scene.Bob.TryInAsync(late, "doctor"));

        Assert.Contains("Set the clock", peers.Error, StringComparison.Ordinal);
        Assert.Equal(0, sent.Code);
        await scene.Bob.DoAsync("daemon", "down");
        await scene.Bob.DoAsync("status");
        Assert.Equal("from the past", (await Eventually.IsAsync("it arrives once the clock is right", async () => await scene.Alice.ReadInboxAsync() is [var only] ? only : null)).Text);
    }

    [Fact]
    public async Task An_invite_that_has_expired_says_so_by_the_clock_of_either_side()
    {
        await using Scene scene = await Scene.SetAsync();
        await using Person late = new("late");
        await using Person early = new("early");
        string link = (await scene.Alice.DoAsync("invite", "--expires", "1m")).GetProperty("url").GetString()!;

        TroubleshootingPage.AssertTold("The invite has expired", await late.TryInAsync(await WrongClock.AheadAsync(TimeSpan.FromHours(1)), "join", link));

        await scene.Broker.KillAsync();
        await scene.Broker.StartAgainAsync(await WrongClock.AheadAsync(TimeSpan.FromMinutes(5)));
        TroubleshootingPage.AssertTold("The invite has expired", await early.TryAsync("join", link));
        Assert.Empty((await early.DoAsync("list")).GetProperty("workspaces").EnumerateArray().ToArray());
    }
}
