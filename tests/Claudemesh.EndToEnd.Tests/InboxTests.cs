using System.Text.Json;
using Claudemesh.Local;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>Deleting from the inbox, and what one writes to oneself.</summary>
public sealed class InboxTests
{
    [Fact]
    public async Task A_flush_without_a_word_removes_nothing_and_says_which_words_there_are()
    {
        await using Scene scene = await Scene.SetAsync();
        await scene.Alice.DoAsync("send", "bob", "one", "--wait", "delivered");
        await scene.Alice.DoAsync("send", "bob", "two", "--wait", "delivered");

        Ended refused = await scene.Bob.TryAsync("inbox", "flush");
        Assert.Equal((int)ExitCode.BadArguments, refused.Code);
        Assert.Contains("--before TIME, --from PEER, or --all", refused.Error, StringComparison.Ordinal);

        InboxItem first = (await scene.Bob.ReadInboxAsync())[0];
        Assert.Equal(1, await RemovedAsync(scene.Bob, "inbox", "delete", first.MessageId));
        Assert.Equal(0, await RemovedAsync(scene.Bob, "inbox", "flush", "--before", "1d"));
        Assert.Equal("two", Assert.Single(await scene.Bob.ReadInboxAsync()).Text);

        Assert.Equal(1, await RemovedAsync(scene.Bob, "inbox", "flush", "--from", "alice"));
        Assert.Equal("0 messages deleted from the inbox of acme.\n", (await scene.Bob.TryAsync("inbox", "flush", "--all")).Output);
        Assert.Empty(await scene.Bob.ReadInboxAsync());
    }

    [Fact]
    public async Task What_one_session_writes_to_its_person_is_put_before_the_other_session_and_not_before_itself()
    {
        await using Scene scene = await Scene.SetAsync();
        foreach (string id in new[] { "s1", "s2" })
        {
            LocalReply<Session> opened = await scene.Alice.Client.OpenSessionAsync(
                new OpenSession(id, "session " + id, scene.Alice.Folder, Environment.ProcessId), CancellationToken.None);
            Assert.True(opened.Succeeded, opened.Problem?.Detail);
        }

        Ended sent = await scene.Alice.TryInAsync([("CLAUDEMESH_SESSION_ID", "s1")], "send", "--self", "the build is done", "--wait", "delivered");
        await scene.Bob.DoAsync("send", "alice", "the end", "--wait", "delivered");

        Assert.Equal((0, ""), (sent.Code, sent.Error));
        Assert.StartsWith("delivered to your devices and sessions", sent.Output, StringComparison.Ordinal);
        Assert.Equal(["the build is done", "the end"], await PutBeforeAsync(scene.Alice, "s2", until: "the end"));
        Assert.Equal(["the end"], await PutBeforeAsync(scene.Alice, "s1", until: "the end"));
    }

    /// <summary>Follows a session from the beginning of the inbox.</summary>
    private static async Task<List<string?>> PutBeforeAsync(Person person, string session, string until)
    {
        List<string?> texts = [];
        await foreach (LocalReply<LocalEvent> happened in person.Client.FollowAsync(null, session, "0", CancellationToken.None))
        {
            if (happened.Value?.Message is { } message)
                texts.Add(message.Text);
            if (texts.LastOrDefault() == until)
                break;
        }

        return texts;
    }

    private static async Task<int> RemovedAsync(Person person, params string[] verb) => (await person.DoAsync(verb)).GetProperty("removed").GetInt32();
}
