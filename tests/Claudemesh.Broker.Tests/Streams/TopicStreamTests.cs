using System.Diagnostics.Metrics;
using System.Text;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Streams;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Tests.Streams;

/// <summary>From what is read to what is told: nothing twice, nothing left out.</summary>
public sealed class TopicStreamTests : IDisposable
{
    private readonly MemoryStream sent = new();
    private readonly TopicStream stream;

    public TopicStreamTests()
    {
        IMeterFactory meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
        stream = new TopicStream(caller: null!, only: null, self => new Outbox(sent, self, new SocketMetrics(meters)), new StreamMetrics(meters));
    }

    [Fact]
    public async Task What_is_told_while_the_last_page_is_read_comes_behind_it_and_what_the_page_has_is_passed_over()
    {
        Begin(from: 10);
        Assert.False(Offer(11));
        Assert.True(stream.BeginPage(maybeLast: true));
        Assert.False(Offer(12));
        Assert.False(Offer(13));
        Assert.False(Offer(14));

        Assert.True(stream.TakePage(new StreamPage([], Through: 13, More: false), Frame(11, 12, 13)));
        Assert.False(Offer(14));
        Assert.True(Offer(15));

        Assert.Equal("ready10 11 12 13 14 15 ", await SentAsync());
    }

    [Fact]
    public async Task What_is_told_while_there_is_more_to_read_is_read()
    {
        Begin(from: 0);
        stream.BeginPage(maybeLast: true);
        Offer(5);
        Assert.False(stream.TakePage(new StreamPage([], Through: 2, More: true), Frame(1, 2)));
        Assert.False(Offer(6));

        stream.BeginPage(maybeLast: false);
        Assert.False(stream.TakePage(new StreamPage([], Through: 6, More: false), Frame(3, 4, 5, 6)));
        stream.BeginPage(maybeLast: true);
        Offer(7);
        Assert.True(stream.TakePage(new StreamPage([], Through: 6, More: false), frame: null));

        Assert.Equal("ready0 1 2 3 4 5 6 7 ", await SentAsync());
    }

    [Fact]
    public async Task More_than_is_held_meanwhile_is_read_once_more()
    {
        Begin(from: 0);
        stream.BeginPage(maybeLast: true);
        Assert.False(stream.Offer(1, Large(1), turn: 1));
        Assert.False(stream.Offer(2, Large(2), turn: 1));
        Assert.False(stream.TakePage(new StreamPage([], Through: 0, More: false), frame: null));

        stream.BeginPage(maybeLast: true);
        Assert.True(stream.TakePage(new StreamPage([], Through: 2, More: false), Frame(1, 2)));

        Assert.Equal("ready0 1 2 ", await SentAsync());
    }

    [Fact]
    public async Task A_commit_that_may_yet_have_happened_is_looked_for_in_the_store()
    {
        Begin(from: null);
        Assert.True(Offer(8));
        Task woken = stream.WokenAsync();
        Assert.False(woken.IsCompleted);

        stream.Doubt();
        await woken;
        Assert.False(Offer(10));
        stream.BeginPage(maybeLast: true);
        Assert.True(stream.TakePage(new StreamPage([], Through: 10, More: false), Frame(9, 10)));
        Assert.True(Offer(11));

        Assert.Equal("ready7 8 9 10 11 ", await SentAsync());
        Assert.False(stream.WokenAsync().IsCompleted);
    }

    [Fact]
    public async Task What_has_ended_takes_nothing_more()
    {
        Begin(from: null);
        stream.End();

        Assert.False(Offer(9));
        Assert.False(stream.BeginPage(maybeLast: true));
        Assert.False(stream.TakePage(new StreamPage([], Through: 9, More: false), Frame(9)));
        Assert.True(stream.WokenAsync().IsCompleted);
        Assert.Equal("ready7 ", await SentAsync());
    }

    public void Dispose() => sent.Dispose();

    private void Begin(long? from) => stream.Begin(from, new TopicFeed(lastPosition: 7), place => Text($"ready{place} "));

    private bool Offer(long position)
    {
        SharedFrame frame = Frame(position);
        bool isSent = stream.Offer(position, frame, turn: 1);
        frame.Release();
        stream.Outbox.Kick();
        return isSent;
    }

    private async Task<string> SentAsync()
    {
        stream.Outbox.Kick();
        await stream.Outbox.IdleAsync();
        return Encoding.UTF8.GetString(sent.ToArray());
    }

    private static SharedFrame Frame(params long[] positions) => Text(string.Concat(positions.Select(position => $"{position} ")));

    private static SharedFrame Large(long position) => Text(position + new string(' ', 700_000));

    private static SharedFrame Text(string text)
    {
        FrameEncoder.PooledWriter writer = FrameEncoder.Start();
        Encoding.UTF8.GetBytes(text, writer);
        return writer.FinishBare();
    }
}
