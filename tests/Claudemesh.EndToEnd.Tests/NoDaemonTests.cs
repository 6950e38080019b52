using System.Text.Json;
using Claudemesh.Local;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>In a CI there is no daemon and shall be none: a verb with <c>--no-daemon</c> does its work and leaves nothing running.</summary>
public sealed class NoDaemonTests
{
    [Fact]
    public async Task A_message_arrives_nobody_sees_the_sender_come_and_no_process_stays()
    {
        await using Scene scene = await Scene.SetAsync();
        await using Person job = new("job");
        string link = (await scene.Alice.DoAsync("invite")).GetProperty("url").GetString()!;
        using CancellationTokenSource watching = new();
        Task<List<PeerChange>> news = WatchPeersAsync(scene.Alice, watching.Token);

        await job.DoAsync("join", link, "--as", "job", "--no-daemon");
        JsonElement sent = await job.DoAsync("send", "bob", "the build is red", "--no-daemon");

        AssertAccepted(sent);
        IReadOnlyList<InboxItem> inbox = await Eventually.IsAsync("it is in bob's inbox", async () => await scene.Bob.ReadInboxAsync() is { Count: > 0 } items ? items : null);
        Assert.Equal(("the build is red", "job", true), (inbox[0].Text, inbox[0].Sender, inbox[0].Verified));
        Assert.False(File.Exists(new DaemonHome(job.Folder).Socket));
        Assert.Empty(ProcessesOf(job));

        // A join that is seen comes after one that would not have been: by then news of the job would have come too.
        await using Person carol = new("carol");
        await carol.DoAsync("join", (await scene.Alice.DoAsync("invite")).GetProperty("url").GetString()!, "--as", "carol");
        await carol.DoAsync("send", "alice", "hello", "--wait", "delivered");
        await Eventually.IsAsync("alice sees carol", async () => (await scene.Alice.Client.ListPeersAsync(null, CancellationToken.None)).Value?.Peers.FirstOrDefault(peer => peer.Name == "carol"));
        await watching.CancelAsync();
        Assert.DoesNotContain(await news, change => change.Name == "job");
    }

    [Fact]
    public async Task The_inbox_and_outbox_are_those_of_a_daemon_that_runs_later()
    {
        await using Scene scene = await Scene.SetAsync();
        await scene.Bob.DoAsync("daemon", "down");

        JsonElement sent = await scene.Bob.DoAsync("send", "alice", "from the job", "--no-daemon");
        string id = sent.GetProperty("client_message_id").GetString()!;

        JsonElement status = await scene.Bob.DoAsync("msg-status", id);
        Assert.Equal(id, status.GetProperty("client_message_id").GetString());
    }

    [Fact]
    public async Task Beside_a_daemon_that_runs_it_says_what_to_do()
    {
        await using Scene scene = await Scene.SetAsync();

        Ended ended = await scene.Alice.TryAsync("send", "bob", "hi", "--no-daemon");

        Assert.Equal((int)ExitCode.Exists, ended.Code);
        Assert.Contains("leave out --no-daemon", ended.Error, StringComparison.Ordinal);
        await scene.Alice.DoAsync("send", "bob", "still well", "--wait", "delivered");
    }

    [Fact]
    public async Task Several_calls_at_once_take_turns()
    {
        await using Scene scene = await Scene.SetAsync();
        await scene.Bob.DoAsync("daemon", "down");

        JsonElement[] sent = await Task.WhenAll(Enumerable.Range(1, 3).Select(number => scene.Bob.DoAsync("send", "alice", $"job {number}", "--no-daemon")));

        Assert.All(sent, AssertAccepted);
        await Eventually.IsAsync("all three are there", async () => await scene.Alice.ReadInboxAsync() is { Count: 3 } items ? items : null);
        Assert.Empty(ProcessesOf(scene.Bob));
    }

    [Fact]
    public async Task Without_its_broker_it_says_that_the_message_waits_and_ends_with_code_4()
    {
        await using Scene scene = await Scene.SetAsync();
        await scene.Bob.DoAsync("peers");
        await scene.Bob.DoAsync("daemon", "down");
        await scene.Broker.KillAsync();

        Ended ended = await scene.Bob.TryAsync("send", "alice", "later", "--no-daemon", "--timeout", "2s");

        Assert.Equal((int)ExitCode.Network, ended.Code);
        Assert.Contains("It waits in your outbox", ended.Output, StringComparison.Ordinal);
        Assert.Empty(ProcessesOf(scene.Bob));
    }

    [Fact]
    public async Task Whom_only_the_broker_may_know_is_not_said_to_be_nobody_while_it_is_away()
    {
        await using Scene scene = await Scene.SetAsync();
        await scene.Bob.DoAsync("daemon", "down");
        await scene.Broker.KillAsync();

        Ended ended = await scene.Bob.TryAsync("send", "carol", "later", "--no-daemon", "--timeout", "2s");

        Assert.Equal((int)ExitCode.Network, ended.Code);
        Assert.Contains("cannot be reached", ended.Error, StringComparison.Ordinal);
    }

    /// <summary>At least that: who is online may have stored it already.</summary>
    private static void AssertAccepted(JsonElement sent)
    {
        Assert.True(sent.GetProperty("waited").GetBoolean());
        Assert.Contains(sent.GetProperty("state").GetString(), (string?[])["accepted", "delivered"]);
    }

    /// <summary>Collects who comes and goes, until it is told to stop.</summary>
    private static async Task<List<PeerChange>> WatchPeersAsync(Person person, CancellationToken cancellationToken)
    {
        List<PeerChange> seen = [];
        try
        {
            await foreach (LocalReply<LocalEvent> reply in person.Client.FollowAsync(null, null, null, cancellationToken))
            {
                if (reply.Value?.Peer is { } change)
                    seen.Add(change);
            }
        }
        catch (OperationCanceledException)
        {
            // Enough seen.
        }

        return seen;
    }

    /// <summary>The daemons that have this person's folder, as the operating system knows them.</summary>
    private static string[] ProcessesOf(Person person) =>
    [
        .. Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])).Where(folder =>
        {
            try
            {
                return File.ReadAllText(Path.Combine(folder, "comm")).StartsWith("claudemeshd", StringComparison.Ordinal)
                    && File.ReadAllText(Path.Combine(folder, "environ")).Contains(person.Folder, StringComparison.Ordinal);
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }),
    ];
}
