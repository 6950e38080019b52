using System.Collections.Immutable;
using Claudemesh.Broker.Handshake;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Topics;

/// <summary>How a connection reads its member's topics.</summary>
/// <param name="Device">Its name among the readers of each seat.</param>
internal sealed record TopicReading(ReaderKind Kind, string Device);

/// <summary>
/// Brings an open workspace to what the store says of topics: the book, the core, and the connections of whoever came in, which read from
/// then on. Who is out reads nothing more as soon as the core has heard of it.
/// </summary>
internal sealed class TopicSeating(TopicStore store, SeatReaders readers)
{
    /// <summary>A connection begins to read its member's topics, each from where its device stood.</summary>
    public async ValueTask OpenAsync(SocketConnection connection, Caller caller, TopicReading reading, CancellationToken cancellationToken)
    {
        // From here on whoever lets the member into a topic attaches this connection too.
        connection.TopicReading = reading;
        await AttachAsync(connection, caller, only: null, cancellationToken);
    }

    /// <summary>Which topics a member is in may have changed; for whoever does not have the turn of the workspace's logs.</summary>
    public async ValueTask EnterAndRefreshAsync(Workspace workspace, MemberNo member, CancellationToken cancellationToken)
    {
        using (await workspace.Logs.EnterAsync(cancellationToken))
            await RefreshAsync(workspace, member, cancellationToken);
    }

    /// <summary>Which topics a member is in may have changed. In turn only.</summary>
    public async ValueTask RefreshAsync(Workspace workspace, MemberNo member, CancellationToken cancellationToken)
    {
        Dictionary<TopicNo, Seat> seats = (await store.ListSeatsAsync(member, cancellationToken)).ToDictionary(one => one.Topic, one => one.Seat);
        List<TopicNo> changed = [];
        HashSet<MailboxNo> entered = [];
        foreach (Topic topic in workspace.Topics.All)
        {
            Seat? before = topic.Seats.Find(member);
            Seat? after = seats.TryGetValue(topic.No, out Seat seat) ? seat : null;
            if (before == after)
                continue;

            workspace.Topics.Reseat(topic, member, after);
            changed.Add(topic.No);
            if (after is { } taken && taken.Mailbox != before?.Mailbox)
                entered.Add(taken.Mailbox);
        }

        await LetReadAsync(workspace, member, entered, cancellationToken);
        foreach (TopicNo topic in changed)
            TopicNews.Tell(workspace, workspace.Topics.Find(topic)!, member);
    }

    /// <summary>A topic is new, or anything of it has changed. In turn only.</summary>
    public async ValueTask<Topic> RefreshAsync(Workspace workspace, string id, CancellationToken cancellationToken)
    {
        Topic? before = workspace.Topics.FindById(id);
        Topic after = await store.FindAsync(workspace.Row.No, id, cancellationToken)
            ?? throw new InvalidOperationException($"Topic {id} was written and is not there.");
        workspace.Topics.Put(after);
        foreach (Seat seat in after.Seats.Seats)
        {
            if (before is null || !before.Seats.HasSeat(seat.Mailbox, seat.Owner))
                await LetReadAsync(workspace, seat.Owner, [seat.Mailbox], cancellationToken);
        }

        TopicNews.Tell(workspace, before, after);
        return after;
    }

    private async ValueTask LetReadAsync(Workspace workspace, MemberNo member, HashSet<MailboxNo> seats, CancellationToken cancellationToken)
    {
        if (seats.Count == 0)
            return;

        foreach (SocketConnection connection in workspace.Sockets.Connections)
        {
            if (connection is { TopicReading: not null, Caller: { } caller } && caller.MemberNo == member)
                await AttachAsync(connection, caller, seats, cancellationToken);
        }
    }

    /// <param name="only">These seats; null: all of the member's.</param>
    private async ValueTask AttachAsync(SocketConnection connection, Caller caller, HashSet<MailboxNo>? only, CancellationToken cancellationToken)
    {
        Workspace workspace = caller.Workspace;
        TopicReading reading = connection.TopicReading!;
        List<SeatReader> seats = reading.Kind is ReaderKind.Peek
            ? Peeking(workspace, caller.MemberNo)
            : await readers.OpenAsync(workspace.Row.No, caller.MemberNo, reading.Device, cancellationToken);
        LaneGate gate = Gates.Of(reading.Kind, caller.Self?.Details.Status ?? PresenceStatus.Idle);
        foreach (SeatReader seat in seats)
        {
            if (only?.Contains(seat.Seat) == false || workspace.Topics.Find(seat.Topic) is not { } topic)
                continue;

            if (reading.Kind is not ReaderKind.Peek)
                connection.AddTopicReader(seat.Reader);
            workspace.Loop.Post(new Attach(
                connection.No,
                seat.Reader,
                reading.Kind,
                caller.MemberNo,
                gate,
                new Source(seat.Seat, topic.Mailbox),
                seat.Cursors,
                Receipts: false,
                seat.Aside));
        }

        // It may have been lost meanwhile, and its end was told before.
        if (!workspace.Sockets.Has(connection))
            workspace.Loop.Post(new Detach(connection.No));
    }

    /// <summary>Who keeps no place gets what comes from now on.</summary>
    private static List<SeatReader> Peeking(Workspace workspace, MemberNo member)
    {
        List<SeatReader> seats = [];
        foreach (Topic topic in workspace.Topics.All)
        {
            if (topic.Seats.Find(member) is { } seat)
                seats.Add(new SeatReader(topic.No, seat.Mailbox, Admission.NextPeek(), AtTheEnd(seat.Mailbox), []));
        }

        return seats;
    }

    private static ImmutableArray<CursorAt> AtTheEnd(MailboxNo seat) =>
    [
        new CursorAt(seat, Lane.Now, MessageRef.PositionMax),
        new CursorAt(seat, Lane.Next, MessageRef.PositionMax),
        new CursorAt(seat, Lane.Low, MessageRef.PositionMax),
    ];
}
