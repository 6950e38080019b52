using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Topics;

/// <summary>
/// Tells connections of ours that a topic which they may know of is new or different, or is no longer for them. Who comes and goes in one is
/// told to himself alone: in a large workspace everybody else would hear of little else.
/// </summary>
internal static class TopicNews
{
    /// <summary>A topic as a caller may see it. Positions are left out where they are not known without asking the store.</summary>
    public static TopicInfo InfoFor(Workspace workspace, Topic topic, MemberNo member, TopicFigures? figures) => new(
        topic.Id,
        topic.Name,
        topic.Description,
        topic.Visibility,
        topic.Seats.Seats.Length,
        topic.CreatedAt.ToTime(),
        topic.RoleOf(member),
        topic.ArchivedAt?.ToTime(),
        figures?.LastPosition,
        figures is null ? null : figures.Value.LastReadPosition ?? 0,
        topic.RetentionDays,
        TopicPolicy.TakesPlain(workspace, topic),
        figures?.Unread);

    public static TopicInfo LegacyInfo(Topic topic) => new(
        topic.Id, topic.Name, topic.Description, topic.Visibility, topic.Seats.Seats.Length, topic.CreatedAt.ToTime());

    /// <summary>To the member's own connections.</summary>
    /// <param name="figures">How far he has read it now; null where that has not changed.</param>
    public static void Tell(Workspace workspace, Topic topic, MemberNo member, TopicFigures? figures = null)
    {
        if (!workspace.Sockets.Connections.Any(connection => IsOf(connection, member)))
            return;

        TopicInfo? info = topic.IsKnownTo(member) ? InfoFor(workspace, topic, member, figures) : null;
        SharedFrame frame = FrameEncoder.Encode(new TopicChanged(topic.Id, info));
        foreach (SocketConnection connection in workspace.Sockets.Connections.Where(connection => IsOf(connection, member)))
            Send(connection, frame);

        frame.Release();
    }

    /// <summary>To whoever may know of it, or might until now. One frame for all that have the same role in it.</summary>
    public static void Tell(Workspace workspace, Topic? before, Topic after)
    {
        Dictionary<(bool Known, TopicRole? Role), SharedFrame> frames = [];
        foreach (SocketConnection connection in workspace.Sockets.Connections)
        {
            if (connection is not { IsOurs: true, Caller: { Member.Removed: false } caller })
                continue;

            bool isKnown = after.IsKnownTo(caller.MemberNo);
            if (!isKnown && before?.IsKnownTo(caller.MemberNo) != true)
                continue;

            (bool, TopicRole?) form = (isKnown, after.RoleOf(caller.MemberNo));
            if (!frames.TryGetValue(form, out SharedFrame? frame))
            {
                TopicInfo? info = isKnown ? InfoFor(workspace, after, caller.MemberNo, figures: null) : null;
                frames.Add(form, frame = FrameEncoder.Encode(new TopicChanged(after.Id, info)));
            }

            Send(connection, frame);
        }

        foreach (SharedFrame frame in frames.Values)
            frame.Release();
    }

    private static bool IsOf(SocketConnection connection, MemberNo member) =>
        connection is { IsOurs: true, Caller: { } caller } && caller.MemberNo == member;

    private static void Send(SocketConnection connection, SharedFrame frame)
    {
        connection.Outbox.EnqueueEvent(frame.Share());
        connection.Outbox.Kick();
    }
}
