using System.Collections.Immutable;
using System.Threading.Channels;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Events;

/// <summary>
/// Hands events to those who follow. A message is only a signal here, its text is read from the inbox by each follower, so that nobody misses one
/// however slow he is; other events wait in a bounded queue of the follower and are replaced by one <c>resync</c> when it is full.
/// </summary>
internal sealed class EventFeed
{
    // Each session may have one, and then some.
    public const int FollowersMax = 320;
    private const int WaitingMax = 1024;

    private ImmutableArray<Follower> followers = [];

    /// <summary>False: making an event would be for nobody.</summary>
    public bool HasFollowers => followers.Length > 0;

    /// <param name="messagesOnly">Nothing of comings and goings, receipts and connections.</param>
    /// <returns>Null when too many follow already.</returns>
    public Follower? Follow(string? workspace, bool messagesOnly = false)
    {
        var follower = new Follower(this, workspace, messagesOnly);
        ImmutableInterlocked.Update(ref followers, all => all.Length < FollowersMax ? all.Add(follower) : all);
        return followers.Contains(follower) ? follower : null;
    }

    /// <summary>Messages were stored in this workspace.</summary>
    public void MessagesStored(string workspace)
    {
        foreach (Follower follower in followers)
        {
            if (follower.Wants(workspace))
                follower.SignalMessages();
        }
    }

    /// <summary>Posts have arrived in this workspace.</summary>
    public void PostsStored(string workspace)
    {
        foreach (Follower follower in followers)
        {
            if (!follower.MessagesOnly && follower.Wants(workspace))
                follower.SignalPosts();
        }
    }

    public void Publish(string workspace, LocalEvent happened)
    {
        foreach (Follower follower in followers)
        {
            if (!follower.MessagesOnly && follower.Wants(workspace))
                follower.Offer(happened);
        }
    }

    /// <summary>One reader of the feed. Disposed, it is gone from it.</summary>
    internal sealed class Follower(EventFeed feed, string? workspace, bool messagesOnly) : IDisposable
    {
        private static readonly LocalEvent Resync = new(EventKinds.Resync, null);

        private readonly Channel<LocalEvent> waiting = Channel.CreateBounded<LocalEvent>(WaitingMax);
        private readonly Channel<bool> messages = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        private readonly Channel<bool> posts = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        private int dropped;

        public bool MessagesOnly => messagesOnly;

        public bool Wants(string of) => workspace is null || string.Equals(workspace, of, StringComparison.Ordinal);

        public void SignalMessages() => messages.Writer.TryWrite(true);

        public void SignalPosts() => posts.Writer.TryWrite(true);

        public void Offer(LocalEvent happened)
        {
            if (!waiting.Writer.TryWrite(happened))
                Interlocked.Exchange(ref dropped, 1);
        }

        /// <summary>Waits until there is something to look at: stored messages, posts, or events.</summary>
        public async Task WaitAsync(CancellationToken cancellationToken)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(
                messages.Reader.WaitToReadAsync(either.Token).AsTask(),
                posts.Reader.WaitToReadAsync(either.Token).AsTask(),
                waiting.Reader.WaitToReadAsync(either.Token).AsTask());
            await either.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }

        /// <summary>True once after messages were stored.</summary>
        public bool TakeMessageSignal() => messages.Reader.TryRead(out _);

        /// <summary>True once after posts have arrived.</summary>
        public bool TakePostSignal() => posts.Reader.TryRead(out _);

        public bool TryTake(out LocalEvent happened)
        {
            if (waiting.Reader.TryRead(out happened!))
                return true;
            if (Interlocked.Exchange(ref dropped, 0) == 0)
                return false;
            happened = Resync;
            return true;
        }

        public void Dispose() => ImmutableInterlocked.Update(ref feed.followers, all => all.Remove(this));
    }
}
