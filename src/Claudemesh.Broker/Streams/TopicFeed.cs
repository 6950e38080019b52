using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Streams;

/// <summary>Told of each post once it is durable, in the order of positions, by the workspace's loop: it must not wait.</summary>
internal interface ITopicListener
{
    void OnPosted(Message post, MailboxNo topic);

    /// <summary>Posts may be in the store that were not told: their commit was reported as failed, and may yet have happened.</summary>
    void OnDoubted();

    /// <summary>For now all has been told: what was gathered for sockets may go out.</summary>
    void OnTold();
}

/// <summary>
/// Every post of a workspace as it is committed, for whoever follows topics without a mailbox's cursor. What a listener missed it finds in the
/// store: a post is in the store before it is told here.
/// </summary>
/// <param name="lastPosition">The newest position when the workspace was opened.</param>
internal sealed class TopicFeed(long lastPosition)
{
    private ImmutableArray<ITopicListener> listeners = [];
    private long last = lastPosition;

    /// <summary>Every post at or before this position was told, or was in the store when the workspace was opened.</summary>
    public long LastPosition => Interlocked.Read(ref last);

    public void Add(ITopicListener listener) => ImmutableInterlocked.Update(ref listeners, static (list, added) => list.Add(added), listener);

    public void Remove(ITopicListener listener) => ImmutableInterlocked.Update(ref listeners, static (list, gone) => list.Remove(gone), listener);

    /// <summary>By the loop only, as the two below.</summary>
    public void Publish(Message post, MailboxNo topic)
    {
        Interlocked.Exchange(ref last, post.Id.Position);
        foreach (ITopicListener listener in listeners)
            listener.OnPosted(post, topic);
    }

    public void Doubt()
    {
        foreach (ITopicListener listener in listeners)
            listener.OnDoubted();
    }

    public void Flush()
    {
        foreach (ITopicListener listener in listeners)
            listener.OnTold();
    }
}
