using System.Text.Json.Nodes;
using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Topics;

/// <summary>Changes a topic's name, description or retention, archives it or brings it back.</summary>
internal sealed class UpdateTopicHandler(TopicStore store, TopicSeating seating, TimeProvider clock) : IRequestHandler<TopicUpdate, TopicUpdated>
{
    public async ValueTask<Reply<TopicUpdated>> HandleAsync(TopicUpdate request, Caller caller, CancellationToken cancellationToken)
    {
        using var turn = await caller.Workspace.Logs.EnterAsync(cancellationToken);
        if (caller.Workspace.Topics.Find(request.Topic, caller.MemberNo) is not { } topic)
            return MeshError.TopicNotFound;
        if (!topic.IsLedBy(caller.MemberNo, caller.Role))
            return MeshError.TopicLeadOnly;

        Topic changed = Change(topic, request);
        if (topic.IsGeneral && !changed.IsGeneral || changed is { Name.Value: TopicName.General, IsPublic: true } && !topic.IsGeneral || topic.IsGeneral && request.Archived == true)
            return MeshError.GeneralStays;
        if (IsTaken(changed, topic, caller))
            return MeshError.TopicNameTaken;
        if (await store.UpdateAsync(caller.Workspace.Row.No, changed, cancellationToken, Tell(topic, changed, caller)) is { } refusal)
            return refusal;

        Topic now = await seating.RefreshAsync(caller.Workspace, topic.Id, cancellationToken);
        TopicFigures figures = await store.ReadFiguresAsync(topic.No, caller.MemberNo, cancellationToken);
        return new TopicUpdated(TopicNews.InfoFor(caller.Workspace, now, caller.MemberNo, figures));
    }

    /// <summary>Null where it was neither archived nor brought back. Who is not in a private topic learns its id at most.</summary>
    private static AuditEvent? Tell(Topic before, Topic after, Caller caller)
    {
        if (before.ArchivedAt is null == after.ArchivedAt is null)
            return null;

        JsonObject facts = new() { ["topic"] = after.Id };
        if (after.IsPublic)
            facts["name"] = after.Name.Value;
        return new AuditEvent(after.ArchivedAt is null ? AuditTypes.TopicUnarchived : AuditTypes.TopicArchived, AuditActor.Of(caller), facts);
    }

    private Topic Change(Topic topic, TopicUpdate request) => topic with
    {
        Name = request.Name ?? topic.Name,
        Description = request.Description is null ? topic.Description : request.Description.Length == 0 ? null : request.Description,
        ArchivedAt = request.Archived switch
        {
            true => topic.ArchivedAt ?? new Instant(clock.GetUtcNow().ToUnixTimeMilliseconds() * 1000),
            false => null,
            null => topic.ArchivedAt,
        },
        RetentionDays = request.RetentionDays is { } days ? (days == 0 ? null : days) : topic.RetentionDays,
    };

    /// <summary>By one that the caller may know of; of others he is not told.</summary>
    private static bool IsTaken(Topic changed, Topic before, Caller caller) =>
        changed.ArchivedAt is null
        && (changed.Name != before.Name || before.ArchivedAt is not null)
        && caller.Workspace.Topics.All.Any(other =>
            other.No != changed.No && other.Name == changed.Name && other.ArchivedAt is null && other.IsKnownTo(caller.MemberNo));
}
