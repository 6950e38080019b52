using System.Text.Json;
using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>A disk without room, on either side: nobody is told that something was kept which was not, and what was acknowledged is not lost.</summary>
public sealed class FullDiskTests
{
    // Long enough that no file has room for it left.
    private static readonly string Long = new('x', 40_000);

    [Fact]
    public async Task On_a_full_disk_the_daemon_says_so_lives_on_and_gets_later_what_came_meanwhile()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(megabytes: 4);
        await using Scene scene = await Scene.SetAsync();
        await using Person carol = new("carol", disk.At("carol"));
        await carol.DoAsync("join", await scene.InviteAsync(), "--as", "carol");
        await carol.DoAsync("send", "bob", "before", "--wait", "delivered");
        int daemon = (await carol.DoAsync("status")).GetProperty("pid").GetInt32();

        disk.Fill();
        for (int i = 0; i < 4; i++)
            TroubleshootingPage.AssertTold("The disk of the daemon is full", await carol.TryAsync("send", "bob", Long));
        Ended record = await carol.TryAsync("send", "bob", Long, "--json");
        JsonElement sent = await scene.Alice.DoAsync("send", "carol", Long);
        JsonElement status = await carol.DoAsync("status");
        Ended sick = await carol.TryAsync("doctor");

        Assert.Equal(LocalErrors.DiskFull, JsonDocument.Parse(record.Output).RootElement.GetProperty("error").GetString());
        Assert.Equal((daemon, 0), (status.GetProperty("pid").GetInt32(), status.GetProperty("pending").GetInt64()));
        Assert.Equal((int)ExitCode.Io, sick.Code);
        Assert.Contains("messages cannot be kept", sick.Output, StringComparison.Ordinal);

        disk.MakeRoom();
        await Eventually.IsAsync("what came meanwhile is delivered", async () =>
            (await scene.Alice.DoAsync("msg-status", sent.GetProperty("client_message_id").GetString()!)).GetProperty("state").GetString() is MessageStates.Delivered ? "so" : null);
        Assert.Equal(Long, Assert.Single(await carol.ReadInboxAsync()).Text);
        await carol.DoAsync("send", "bob", "after", "--wait", "delivered");
        Assert.Equal(["before", "after"], (await scene.Bob.ReadInboxAsync()).Select(item => item.Text));
        Assert.Equal(daemon, (await carol.DoAsync("status")).GetProperty("pid").GetInt32());
    }

    [Fact]
    public async Task On_a_disk_that_is_full_before_it_starts_the_daemon_says_so_too()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(megabytes: 1);
        await using Person carol = new("carol", disk.At("carol"));
        disk.Fill();

        TroubleshootingPage.AssertTold("The disk of the daemon is full", await carol.TryAsync("status"));
        TroubleshootingPage.AssertTold("The disk of the daemon is full", await carol.TryAsync("status", "--no-daemon"));

        disk.MakeRoom();
        await carol.DoAsync("status");
    }

    [Fact]
    public async Task On_a_full_disk_the_broker_refuses_for_now_and_takes_everything_when_there_is_room()
    {
        Assert.SkipWhen(TestPostgres.IsEverywhere, "The broker's messages are with PostgreSQL, not on its disk.");
        await using SmallDisk disk = await SmallDisk.MountAsync(megabytes: 6);
        await using Scene scene = await Scene.SetAsync(dataFolder: disk.At("broker"));
        await using Person dave = new("dave");
        string link = await scene.InviteAsync();
        await scene.Alice.DoAsync("send", "bob", "before", "--wait", "delivered");

        disk.Fill();
        TroubleshootingPage.AssertTold("The disk of the broker is full, for who sends and waits", await scene.Alice.TryAsync("send", "bob", Long, "--wait", "accepted", "--timeout", "1s"));
        await scene.Alice.DoAsync("send", "bob", "behind it");
        TroubleshootingPage.AssertTold("The disk of the broker is full, for who joins", await dave.TryAsync("join", link, "--as", "dave"));
        Assert.Equal(2, (await scene.Alice.DoAsync("status")).GetProperty("pending").GetInt64());
        Assert.Contains("it cannot use its database", (await scene.Alice.TryAsync("doctor")).Output, StringComparison.Ordinal);

        disk.MakeRoom();
        await Eventually.IsAsync("everything has arrived", async () => await scene.Bob.ReadInboxAsync() is { Count: 3 } ? "so" : null);
        Assert.Equal(["before", Long, "behind it"], (await scene.Bob.ReadInboxAsync()).Select(item => item.Text));
        await dave.DoAsync("join", link, "--as", "dave");
    }

    [Fact]
    public async Task A_broker_whose_folder_takes_no_writes_or_is_anothers_does_not_start_and_says_why()
    {
        Assert.SkipWhen(TestPostgres.IsEverywhere, "The broker's messages are with PostgreSQL, not on its disk.");
        await using SmallDisk disk = await SmallDisk.MountAsync(megabytes: 4);
        await using (BrokerProgram first = await BrokerProgram.StartAsync(dataFolder: disk.At("first")))
            TroubleshootingPage.AssertTold("Two brokers have one data folder", await StartBrokerAsync(first.DataFolder));

        disk.Fill();
        TroubleshootingPage.AssertTold("The disk of the broker is full when it starts", await StartBrokerAsync(disk.At("second")));

        await disk.ProtectAsync();
        TroubleshootingPage.AssertTold("The broker's data folder takes no writes", await StartBrokerAsync(disk.At("third")));
    }

    private static Task<Ended> StartBrokerAsync(string folder) => Programs.RunAsync(Programs.Find("claudemesh-broker"), ["--listen", "http://127.0.0.1:0", "--data", folder]);
}
