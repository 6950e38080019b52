using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Messaging;

/// <summary>Where the core's effects go: the sockets of this process, or of other nodes. Called by the loop, one at a time.</summary>
internal interface IEffects
{
    void Answer(Answer answer);

    void Push(Push push);

    void Notify(Notify notify);

    void Cut(Cut cut);

    /// <summary>A post in a topic is durable. Told in the order of positions, before any push of it.</summary>
    void Posted(Message post, MailboxNo topic);

    /// <summary>A post that mentions members is durable, and so is that they are notified.</summary>
    void Mentioned(Append post);

    /// <summary>The commit of posts was reported as failed. They may be in the store all the same, and are not told.</summary>
    void PostsDoubted();

    /// <summary>The core failed: every socket of the workspace is closed and comes back to a new activation.</summary>
    void Broken();

    /// <summary>The turn is over: what was queued for sockets may go out, many frames in one write.</summary>
    void Flush();
}
