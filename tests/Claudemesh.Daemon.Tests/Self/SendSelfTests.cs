using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Self;

/// <summary>What one writes to oneself, with the broker itself.</summary>
public sealed class SendSelfTests : IAsyncLifetime
{
    private TestBroker broker = null!;
    private RunningDaemon alice = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync();
        alice = await RunningDaemon.StartAsync();
        await Ok.Async(alice.Client.CreateWorkspaceAsync(new CreateWorkspace("Acme", broker.Url.ToString(), "alice"), default));
        await Eventually.TrueAsync("alice is there", async () => (await Ok.Async(alice.Client.ListPeersAsync(null, default))).Peers.Count == 1);
    }

    public async ValueTask DisposeAsync()
    {
        await alice.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Theory]
    [InlineData("s1", new[] { "the end" })]
    [InlineData("s2", new[] { "the build is done", "the end" })]
    public async Task It_is_put_before_each_of_my_sessions_but_the_one_that_sends(string session, string[] heard)
    {
        foreach (string id in new[] { "s1", "s2" })
            await Ok.Async(alice.Client.OpenSessionAsync(new OpenSession(id, "session " + id, "/src", Environment.ProcessId), default));
        await SendAsync("the build is done", session: "s1");
        await SendAsync("the end", session: null);

        var texts = new List<string?>();
        await foreach (LocalReply<LocalEvent> happened in alice.Client.FollowAsync(null, session, "0", default))
        {
            if (happened.Value?.Message is { } message)
                texts.Add(message.Text);
            if (texts.LastOrDefault() == "the end")
                break;
        }

        Assert.Equal(heard, texts);
        Assert.Equal(2, (await Ok.Async(alice.Client.ReadInboxAsync(new InboxQuery(), default))).Items.Count);
    }

    [Fact]
    public async Task Without_sessions_it_is_a_note_on_all_of_my_devices()
    {
        SendResult sent = await Ok.Async(alice.Client.SendAsync(new SendMessage(SendMessage.Yourself, "milk", ToSelf: true, Wait: "delivered"), default));
        Assert.Equal(("delivered", "alice"), (sent.State, Assert.Single(sent.Recipients).Name));
        Assert.Equal("milk", Assert.Single((await Ok.Async(alice.Client.ReadInboxAsync(new InboxQuery(), default))).Items).Text);
    }

    [Fact]
    [Trait("cli", "7 silent loss: a message to oneself by mistake")]
    public async Task Ones_own_name_as_a_recipient_is_taken_for_a_mistake_and_told_how_it_is_meant()
    {
        LocalReply<SendResult> reply = await alice.Client.SendAsync(new SendMessage("alice", "hi"), default);
        Assert.Equal((LocalErrors.RecipientIsSelf, (int)ExitCode.BadArguments), (reply.Problem?.Error, reply.Problem?.ExitCode));
        Assert.Contains("claudemesh send --self TEXT", reply.Problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_several_workspaces_it_is_said_which_is_meant()
    {
        await Ok.Async(alice.Client.CreateWorkspaceAsync(new CreateWorkspace("Other", broker.Url.ToString(), "alice"), default));
        LocalReply<SendResult> reply = await alice.Client.SendAsync(new SendMessage(SendMessage.Yourself, "hi", ToSelf: true), default);
        Assert.Equal(LocalErrors.WorkspaceRequired, reply.Problem?.Error);
    }

    private async Task SendAsync(string text, string? session) => Assert.Equal(
        "delivered",
        (await Ok.Async(alice.Client.SendAsync(new SendMessage(SendMessage.Yourself, text, ToSelf: true, Wait: "delivered", Session: session), default))).State);
}
