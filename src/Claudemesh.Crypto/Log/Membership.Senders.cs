using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

public sealed partial record Membership
{
    public bool WasMemberIn(PublicKey key, long epoch) =>
        Keys.TryGetValue(key, out KeyPast? past)
        && past.Stays.Exists(stay => stay.FromEpoch <= epoch && !(stay.UntilEpoch < epoch));

    /// <summary>By the clocks of those who wrote: whoever let the member in may have been 5 minutes ahead of it.</summary>
    public bool WasMemberAt(PublicKey key, long at) =>
        Keys.TryGetValue(key, out KeyPast? past)
        && past.Stays.Exists(stay => stay.FromAt - (long)MessageSeal.ClockAheadMax.TotalMilliseconds <= at && !(stay.UntilAt < at));

    /// <summary>
    /// The key that a pinned one has become by signed changes: the pin moves there, and what was verified is so no more. Null when its
    /// member is gone. A member under any other key is somebody else, whatever a broker says.
    /// </summary>
    public PublicKey? Follow(PublicKey pinned)
    {
        PublicKey key = pinned;
        while (Keys.TryGetValue(key, out KeyPast? past) && past.Successor is { } next)
            key = next;
        return Members.ContainsKey(key) ? key : null;
    }

    /// <summary>
    /// Whether one key took the place of another at any time, directly or by those between. What is true once stays so: a topic that missed some of the changes
    /// follows them at once.
    /// </summary>
    public bool HasBecome(PublicKey earlier, PublicKey later)
    {
        HashSet<PublicKey> seen = [];
        Queue<PublicKey> open = new([earlier]);
        while (open.TryDequeue(out PublicKey key))
        {
            foreach (PublicKey follower in Keys.TryGetValue(key, out KeyPast? past) ? past.Followers : [])
            {
                if (follower == later)
                    return true;
                if (seen.Add(follower))
                    open.Enqueue(follower);
            }
        }

        return false;
    }

    /// <summary>
    /// Whether a direct message to this key may be the <c>crypto_box</c> of 1.x: the log calls it legacy, or has never had it. That a
    /// broker says so of anybody else changes nothing.
    /// </summary>
    public bool IsLegacy(PublicKey key) => Members.TryGetValue(key, out LogMember? member)
        ? member.Kind is MemberKind.Legacy
        : !Keys.ContainsKey(key);

    /// <summary>
    /// The checks of a message that only the log can make: of this workspace and scope, under a root of the log, from a member of that
    /// epoch; a direct message from somebody who was a member when it was sent.
    /// </summary>
    public MessageRefusal Check(MessageHeader header)
    {
        if (header.MeshId != MeshId)
            return MessageRefusal.FrameMismatch;
        if (header.Root is not { } root)
            return !IsTopic && WasMemberAt(header.SenderMember, header.SentAt) ? MessageRefusal.None : MessageRefusal.NotAMember;
        if (!IsWrittenHere(header.Target) || root != FindRoot(root.Epoch))
            return MessageRefusal.WrongRoot;
        return WasMemberIn(header.SenderMember, root.Epoch) ? MessageRefusal.None : MessageRefusal.NotAMember;
    }

    /// <summary>The checks of an object that only the log can make.</summary>
    public MessageRefusal Check(ObjectHeader header)
    {
        if (header.MeshId != MeshId)
            return MessageRefusal.FrameMismatch;
        if (IsTopic || FindRoot(header.Epoch) is not { } root || root.RootId != header.RootId)
            return MessageRefusal.WrongRoot;
        return WasMemberIn(header.Author, header.Epoch) ? MessageRefusal.None : MessageRefusal.NotAMember;
    }

    /// <summary>A topic with a log of its own is written under its own root only, everything else under the workspace's.</summary>
    private bool IsWrittenHere(TargetSpec target) => target is TargetSpec.Topic topic && IsTopic
        ? Scope == RootReference.TopicScope(topic.Id)
        : !IsTopic;
}
