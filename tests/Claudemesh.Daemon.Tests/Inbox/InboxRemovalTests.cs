using Claudemesh.Daemon.Tests.Brokers;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Tests.Inbox;

/// <summary>What is deleted is gone from the disk, and does not come back.</summary>
public sealed class InboxRemovalTests : IAsyncLifetime
{
    private ScriptedBroker broker = null!;
    private RunningDaemon alice = null!;
    private RunningDaemon bob = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await ScriptedBroker.StartAsync();
        (alice, bob) = await RunningDaemon.StartAliceAndBobAsync(broker.Address);
        await Eventually.TrueAsync("both are connected", () => broker.ConnectionCount == 2);
    }

    public async ValueTask DisposeAsync()
    {
        await bob.DisposeAsync();
        await alice.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    [Trait("cli", "7 secrets: texts that stay in the file")]
    public async Task What_is_flushed_is_in_no_file_any_more()
    {
        const string Canary = "canary-5f2d9a";
        await SendAsync(Canary);
        Assert.Contains(Files(), file => File.ReadAllText(file, System.Text.Encoding.Latin1).Contains(Canary, StringComparison.Ordinal));

        Assert.Equal(1, await FlushAsync(all: true));

        Assert.Empty(await TextsAsync());
        Assert.DoesNotContain(Files(), file => File.ReadAllText(file, System.Text.Encoding.Latin1).Contains(Canary, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_that_was_deleted_does_not_come_back_when_it_is_pushed_again()
    {
        await SendAsync("hi");
        InboxItem item = Assert.Single((await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(), default))).Items);
        Assert.Equal(1, (await Ok.Async(bob.Client.DeleteFromInboxAsync(item.MessageId[..8], null, default))).Removed);

        broker.Forget(item.MessageId);
        broker.LoseConnections();
        await Eventually.TrueAsync("it is acknowledged again", () => broker.Acknowledged.Count == 2);

        Assert.Empty(await TextsAsync());
    }

    [Fact]
    public async Task Only_what_matches_all_that_was_said_is_deleted()
    {
        await SendAsync("one");
        DateTimeOffset between = (await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(), default))).Items.Single().ReceivedAt.AddMilliseconds(1);
        await Eventually.TrueAsync("the clock has moved", () => TimeProvider.System.GetUtcNow() > between.AddMilliseconds(1));
        await SendAsync("two");

        Assert.Equal(0, await FlushAsync(from: "carol"));
        Assert.Equal(1, await FlushAsync(from: "ALICE", before: between));
        Assert.Equal(["two"], await TextsAsync());
        Assert.Equal(1, await FlushAsync(from: (await Ok.Async(alice.Client.ListWorkspacesAsync(default))).Workspaces[0].MemberKey[..6]));
    }

    [Fact]
    public async Task More_than_a_slice_is_deleted_whole()
    {
        const int Count = 520;
        await Task.WhenAll(Enumerable.Range(0, Count).Select(i => Ok.Async(alice.Client.SendAsync(new SendMessage("bob", $"n{i}"), default))));
        await Eventually.TrueAsync("all are there", async () => (await Ok.Async(bob.Client.GetStatusAsync(default))).Unread == Count);
        Assert.Equal(Count, await FlushAsync(all: true));
    }

    [Fact]
    public async Task Nothing_said_removes_nothing()
    {
        await SendAsync("hi");
        LocalReply<InboxRemoved> nothing = await bob.Client.FlushInboxAsync(null, null, null, all: false, default);
        LocalReply<InboxRemoved> both = await bob.Client.FlushInboxAsync(null, "alice", null, all: true, default);

        Assert.Equal(((int)ExitCode.BadArguments, (int)ExitCode.BadArguments), (nothing.Problem?.ExitCode, both.Problem?.ExitCode));
        Assert.Single(await TextsAsync());
    }

    [Theory]
    [InlineData("short", LocalErrors.InvalidRequest)]
    [InlineData("00000000000000000000000000000009", LocalErrors.MessageNotFound)]
    [InlineData("00000000", LocalErrors.AmbiguousName)]
    [Trait("cli", "7 ids: done, said of what changed nothing")]
    public async Task What_names_no_single_message_deletes_none(string id, string error)
    {
        await SendAsync("one");
        await SendAsync("two");
        Assert.Equal(error, (await bob.Client.DeleteFromInboxAsync(id, null, default)).Problem?.Error);
        Assert.Equal(2, (await TextsAsync()).Length);
    }

    [Fact]
    [Trait("cli", "7 scoping: a change in the first workspace there is")]
    public async Task In_several_workspaces_it_is_said_which_inbox_is_meant()
    {
        await Ok.Async(bob.Client.CreateWorkspaceAsync(new CreateWorkspace("Other", broker.Address, "bob"), default));
        Assert.Equal(LocalErrors.WorkspaceRequired, (await bob.Client.FlushInboxAsync(null, null, null, all: true, default)).Problem?.Error);
        Assert.Equal("other", (await Ok.Async(bob.Client.FlushInboxAsync("other", null, null, all: true, default))).Workspace);
    }

    private async Task SendAsync(string text) =>
        Assert.Equal("delivered", (await Ok.Async(alice.Client.SendAsync(new SendMessage("bob", text, Wait: "delivered"), default))).State);

    private async Task<int> FlushAsync(string? from = null, DateTimeOffset? before = null, bool all = false) =>
        (await Ok.Async(bob.Client.FlushInboxAsync(null, from, before, all, default))).Removed;

    private async Task<string?[]> TextsAsync() => [.. (await Ok.Async(bob.Client.ReadInboxAsync(new InboxQuery(), default))).Items.Select(item => item.Text)];

    private string[] Files() => [bob.Home.Database, bob.Home.Database + "-wal"];
}
