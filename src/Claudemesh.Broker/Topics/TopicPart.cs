using Claudemesh.Broker.Log;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Broker.Topics;

/// <summary>An append to a private topic's log: its seats become what the log says.</summary>
internal sealed class TopicPart(LogChange change, TopicSeating seating) : ILogPart
{
    /// <summary>A seat is a mailbox, where it begins in three lanes, and the stay; together they keep the write under 1,000 rows.</summary>
    private const int NewSeatsMax = 180;

    private static readonly string Prefix = "topic/";

    private string Id => change.Scope[Prefix.Length..];

    public MeshError? Write(WriteScope write)
    {
        if (TopicStore.Find(write.Sql, change.Workspace.Row.No, Id) is not { } topic)
            return MeshError.TopicNotFound;
        if (topic.IsPublic)
            return MeshError.LogRefused.With("The records are invalid: a public topic has no log of its own. Its key comes from the workspace's.");
        if (topic.Visibility is TopicVisibility.Dm && change.After.Members.Count > 2)
            return MeshError.LogRefused.With("The records are invalid: a dm topic is between two. Make a private topic for more.");

        Dictionary<MemberNo, TopicRole> wanted = Wanted();
        foreach (Seat seat in topic.Seats.Seats)
        {
            if (!wanted.Remove(seat.Owner, out TopicRole role))
                TopicRows.Leave(write, topic.No, seat.Owner);
            else if (role != seat.Role)
                TopicRows.SetRole(write, topic.No, seat.Owner, role);
        }

        if (wanted.Count > NewSeatsMax)
            return MeshError.BatchTooLarge.With($"The records are invalid as one batch: they admit {wanted.Count}, and {NewSeatsMax} at once may be. Admit the others with further ones.");

        foreach ((MemberNo member, TopicRole role) in wanted)
        {
            if (!TopicRows.SeatIn(write, change.Workspace.Row.No, (topic.No, topic.Id), member, role))
                return MeshError.JoinedTopicLimit.With("The records are invalid: they admit a member who is in as many topics as he may be. He must leave some first.");
        }

        return null;
    }

    public async ValueTask CommittedAsync() => await seating.RefreshAsync(change.Workspace, Id, CancellationToken.None);

    public void Answered()
    {
    }

    /// <summary>A member is known by its id: keys change in each log by themselves.</summary>
    private Dictionary<MemberNo, TopicRole> Wanted()
    {
        Dictionary<string, MemberNo> numbers = change.Workspace.Members.All
            .Where(member => !member.Removed).ToDictionary(member => member.Id.Value, member => member.No, StringComparer.Ordinal);
        Dictionary<MemberNo, TopicRole> wanted = [];
        foreach (LogMember member in change.After.Members.Values)
        {
            if (numbers.TryGetValue(member.MemberId, out MemberNo no))
                wanted[no] = RoleOf(member.Role);
        }

        return wanted;
    }

    private static TopicRole RoleOf(LogRole role) => role switch
    {
        LogRole.Lead => TopicRole.Lead,
        LogRole.Observer => TopicRole.Observer,
        _ => TopicRole.Member,
    };
}

/// <summary>An append to the workspace's log that lets members in or out: their rows were written with it.</summary>
internal sealed class WorkspacePart(LogChange change, TopicSeating seating) : ILogPart
{
    public MeshError? Write(WriteScope write) => null;

    public async ValueTask CommittedAsync()
    {
        foreach (LogRecord record in change.Records)
        {
            PublicKey? key = record.Body switch
            {
                LogBody.Join => record.Author,
                LogBody.Admit admit => admit.Key,
                LogBody.Remove remove => remove.Key,
                _ => null,
            };
            if (key is { } found && change.Workspace.Members.Find(found) is { } member)
                await seating.RefreshAsync(change.Workspace, member.No, CancellationToken.None);
        }
    }

    public void Answered()
    {
    }
}
