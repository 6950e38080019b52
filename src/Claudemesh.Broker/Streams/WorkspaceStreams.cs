using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Streams;

/// <summary>
/// The open streams of one workspace. A post is encoded once, when the first stream wants it, and the same bytes go to all. Streams of other topics
/// cost a post nothing.
/// </summary>
internal sealed class WorkspaceStreams : ITopicListener
{
    private readonly Workspace workspace;
    private readonly Lock gate = new();
    private readonly Dictionary<MailboxNo, List<TopicStream>> ofTopic = [];
    private readonly List<TopicStream> ofAll = [];
    private readonly OutboxFlush flush = new();
    private long turn = 1;
    private long membersVersion;
    private MeshError? ended;

    public WorkspaceStreams(Workspace workspace)
    {
        this.workspace = workspace;
        workspace.Topics.FollowWith(CheckTopic);
        workspace.Feed.Add(this);
    }

    /// <summary>From here on it is offered what is told, and ended when it is to end; at once if that is so already.</summary>
    public void Add(TopicStream stream)
    {
        lock (gate)
        {
            if ((ended ?? Permissions.Refuse(stream.Caller, Operation.ReadTopics)) is { } why)
                stream.End(why);
            else if (stream.Only is { } only && !IsShown(stream, only))
                stream.End(MeshError.TopicNotFound);

            List<TopicStream> list = stream.Only is { } topic ? ListOf(topic.Mailbox) : ofAll;
            stream.Index = list.Count;
            list.Add(stream);
        }
    }

    public void Remove(TopicStream stream)
    {
        lock (gate)
        {
            List<TopicStream> list = stream.Only is { } topic ? ListOf(topic.Mailbox) : ofAll;
            if (stream.Index < list.Count && list[stream.Index] == stream)
            {
                list[stream.Index] = list[^1];
                list[stream.Index].Index = stream.Index;
                list.RemoveAt(list.Count - 1);
            }

            if (stream.Only is { } gone && list.Count == 0)
                ofTopic.Remove(gone.Mailbox);
        }
    }

    public void OnPosted(Message post, MailboxNo mailbox)
    {
        lock (gate)
        {
            List<TopicStream>? own = ofTopic.GetValueOrDefault(mailbox);
            if ((own is null && ofAll.Count == 0) || workspace.Topics.Find(mailbox) is not { } topic)
                return;

            SharedFrame? frame = null;
            Offer(own ?? [], topic, post, ref frame);
            Offer(ofAll, topic, post, ref frame);
            frame?.Release();
        }
    }

    public void OnDoubted()
    {
        lock (gate)
        {
            foreach (TopicStream stream in All())
                stream.Doubt();
        }
    }

    public void OnTold()
    {
        turn++;
        flush.Release();
    }

    /// <summary>Members may have been removed, or may have less of a role: their streams end at once.</summary>
    public void CheckMembers()
    {
        lock (gate)
        {
            long version = workspace.Members.Version;
            if (version == membersVersion)
                return;

            membersVersion = version;
            foreach (TopicStream stream in All())
            {
                if (Permissions.Refuse(stream.Caller, Operation.ReadTopics) is { } why)
                    stream.End(why);
            }
        }
    }

    public void EndAll(MeshError why)
    {
        workspace.Feed.Remove(this);
        lock (gate)
        {
            ended = why;
            foreach (TopicStream stream in All())
                stream.End(why);
        }
    }

    /// <summary>Who has been taken out of a private topic is told what who never was in it is told.</summary>
    private void CheckTopic(Topic topic)
    {
        lock (gate)
        {
            foreach (TopicStream stream in ofTopic.GetValueOrDefault(topic.Mailbox) ?? [])
            {
                if (!stream.Caller.MaySee(topic))
                    stream.End(MeshError.TopicNotFound);
            }
        }
    }

    private bool IsShown(TopicStream stream, Topic topic) => workspace.Topics.Find(topic.No) is { } now && stream.Caller.MaySee(now);

    private void Offer(List<TopicStream> streams, Topic topic, Message post, ref SharedFrame? frame)
    {
        foreach (TopicStream stream in streams)
        {
            if (!stream.Caller.MaySee(topic))
                continue;

            frame ??= StreamFrames.Message(workspace, topic, post);
            if (stream.Offer(post.Id.Position, frame, turn))
                flush.Add(stream.Outbox);
        }
    }

    private List<TopicStream> ListOf(MailboxNo topic)
    {
        if (!ofTopic.TryGetValue(topic, out List<TopicStream>? list))
            ofTopic.Add(topic, list = []);
        return list;
    }

    private IEnumerable<TopicStream> All() => ofTopic.Values.SelectMany(static list => list).Concat(ofAll);
}
