using System.Collections.Concurrent;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Streams;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;
using Push = Claudemesh.Broker.Messaging.Delivery.Push;

namespace Claudemesh.Broker.Messaging;

/// <summary>Lets the core's effects out to the sockets of this process, encoded once per form and shared.</summary>
internal sealed class SocketEffects(PushFrames frames, MessageIds ids, AddressBook addresses, TopicBook topics, MemberBook members, TopicFeed feed) : IEffects
{
    private readonly ConcurrentDictionary<ConnectionNo, SocketConnection> connections = new();
    private readonly ConcurrentDictionary<MemberNo, ConcurrentDictionary<ConnectionNo, SocketConnection>> wantReceipts = new();
    private readonly OutboxFlush flush = new();

    private Action? broken;

    public ICollection<SocketConnection> Connections => connections.Values;

    /// <summary>For what is submitted without a socket.</summary>
    public AwaitedAnswers Answers { get; } = new();

    public int Count => connections.Count;

    public void Add(SocketConnection connection, MemberNo member, bool receipts)
    {
        connections[connection.No] = connection;
        if (receipts)
            wantReceipts.GetOrAdd(member, _ => new()).TryAdd(connection.No, connection);
    }

    public void Remove(SocketConnection connection, MemberNo member)
    {
        connections.TryRemove(connection.No, out _);
        if (wantReceipts.TryGetValue(member, out ConcurrentDictionary<ConnectionNo, SocketConnection>? wanting))
            wanting.TryRemove(connection.No, out _);
    }

    public bool Has(SocketConnection connection) => connections.ContainsKey(connection.No);

    public void Answer(Answer answer)
    {
        if (answer.Origin.Connection is not { } no)
        {
            Answers.Answer(answer.Origin.Ticket, answer.Result);
            return;
        }

        if (!connections.TryGetValue(no, out SocketConnection? connection))
            return;

        PendingSend send = connection.PendingSends.Take(answer.Origin.Ticket);
        if (answer.Result is SubmitResult.Accepted accepted)
            connection.Outbox.Enqueue(PushFrames.Accepted(accepted, ids.Of(accepted.Message), send));
        else if (answer.Result is SubmitResult.Refused refused)
            connection.Refuse(refused.Error, send);

        flush.Add(connection.Outbox);
    }

    public void Push(Push push)
    {
        if (!connections.TryGetValue(push.Connection, out SocketConnection? connection))
            return;

        if (PushFrames.IsOfTopic(push))
            connection.Outbox.Enqueue(frames.PushTopic(push, connection.IsOurs));
        else if (connection.FindReader(push.Reader) is { } reader)
            connection.Outbox.Enqueue(frames.Push(push, reader, connection.IsOurs));
        else
            return;

        flush.Add(connection.Outbox);
    }

    public void Notify(Notify notify)
    {
        if (!wantReceipts.TryGetValue(notify.Sender, out ConcurrentDictionary<ConnectionNo, SocketConnection>? wanting) || wanting.IsEmpty)
            return;

        MailboxOwner? recipient = notify.Mailbox is { } mailbox ? addresses.Find(mailbox) ?? FindSeated(mailbox) : null;
        SharedFrame frame = PushFrames.Receipt(notify, ids.Of(notify.Message), recipient);
        foreach (SocketConnection connection in wanting.Values)
        {
            connection.Outbox.EnqueueEvent(frame.Share());
            flush.Add(connection.Outbox);
        }

        frame.Release();
    }

    public void Cut(Cut cut)
    {
        if (!connections.TryGetValue(cut.Connection, out SocketConnection? connection))
            return;

        (int code, string reason) = cut.Why switch
        {
            CloseReason.Replaced => (1000, "session_replaced"),
            CloseReason.Removed => (4002, "banned"),
            CloseReason.SlowConsumer => (1013, "try again later"),
            _ => (1012, "restarting"),
        };
        _ = connection.CloseAsync(code, reason);
    }

    public void Posted(Message post, MailboxNo topic) => feed.Publish(post, topic);

    public void Mentioned(Append post)
    {
        SharedFrame? frame = null;
        foreach (SocketConnection connection in connections.Values)
        {
            if (connection is not { IsOurs: true, Caller: { } caller } || !post.Mentioned.Contains(caller.MemberNo))
                continue;

            frame ??= NotificationFrame(post);
            connection.Outbox.EnqueueEvent(frame.Share());
            flush.Add(connection.Outbox);
        }

        frame?.Release();
    }

    public void PostsDoubted() => feed.Doubt();

    /// <param name="close">Takes the workspace out of use, so that the next to ask opens it anew.</param>
    public void WhenBroken(Action close) => broken = close;

    public void Broken()
    {
        flush.Release();
        Answers.Break();
        broken?.Invoke();
        foreach (SocketConnection connection in connections.Values)
            _ = connection.CloseAsync(1012, "restarting");
    }

    private SharedFrame NotificationFrame(Append post)
    {
        Topic topic = topics.Find(post.Entries[0].Mailbox)!;
        return FrameEncoder.Encode(new Notified(
            new Notification(NotificationKind.Mention, topic.Id, topic.Name, PostRecords.Of(ids, members, post.Message, ours: true))));
    }

    private MailboxOwner? FindSeated(MailboxNo seat) =>
        topics.FindOwner(seat) is { } member && members.Find(member) is { } row ? row.Address with { Mailbox = seat } : null;

    public void Flush()
    {
        flush.Release();
        feed.Flush();
    }
}
