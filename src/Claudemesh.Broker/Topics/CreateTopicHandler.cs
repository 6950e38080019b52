using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Log;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Topics;

/// <summary>
/// Makes a topic, or finds the one of that name which the caller may know of. Whoever makes it is its lead; one that is there is joined only
/// as anybody may join it, so that naming it makes nobody its lead.
/// </summary>
internal sealed partial class CreateTopicHandler(TopicStore store, TopicSeating seating, LogAppends appends, ILogger<CreateTopicHandler> logger)
    : IRequestHandler<TopicCreate, TopicCreated>
{
    public async ValueTask<Reply<TopicCreated>> HandleAsync(TopicCreate request, Caller caller, CancellationToken cancellationToken)
    {
        if (Refuse(request, caller) is { } wrong)
            return wrong;

        NewTopic topic = new(
            caller.Workspace.Row.No, request.TopicId ?? RandomBytes.NextId(), request.Name, TextOrNull(request.Description), request.Visibility ?? TopicVisibility.Public);
        if (request.Records is { } records)
            return await BeginLogAsync(topic, new LogBatch($"topic/{topic.Id}", records, request.Copies) { By = AuditActor.Of(caller) }, caller, cancellationToken);

        using (await caller.Workspace.Logs.EnterAsync(cancellationToken))
            return await FindOrCreateAsync(topic, caller, cancellationToken);
    }

    private static MeshError? Refuse(TopicCreate request, Caller caller)
    {
        bool isPublic = request.Visibility is null or TopicVisibility.Public;
        if (isPublic && (request.Records is not null || request.Copies is not null))
            return MeshError.InvalidArgs.With("records and copies are invalid for a public topic: its key comes from the workspace's log.");
        if (!isPublic && caller.Connection?.IsOurs != false && (request.Records is null || request.TopicId is null))
            return MeshError.TopicNeedsLog;

        return request.Records is null && request.Copies is not null ? MeshError.TopicNeedsLog : null;
    }

    private static string? TextOrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static bool IsOpenNamesake(Topic? known) => known is { ArchivedAt: null };

    /// <summary>In turn, so that of two who make one name at once the second finds it.</summary>
    private async ValueTask<Reply<TopicCreated>> FindOrCreateAsync(NewTopic topic, Caller caller, CancellationToken cancellationToken)
    {
        if (caller.Workspace.Topics.FindByName(topic.Name, caller.MemberNo) is { ArchivedAt: null } known)
            return await JoinAsync(known, caller, cancellationToken);

        if (await store.CreateAsync(topic, caller.MemberNo, cancellationToken) is { } refusal)
            return refusal;

        Topic made = await seating.RefreshAsync(caller.Workspace, topic.Id, cancellationToken);
        LogMade(caller.Member.Id.Value, made.Id, caller.Workspace.Id.Value);
        return new TopicCreated(HeadOf(made), Created: true);
    }

    private async ValueTask<Reply<TopicCreated>> JoinAsync(Topic known, Caller caller, CancellationToken cancellationToken)
    {
        if (known.Seats.Find(caller.MemberNo) is null)
        {
            if (await store.JoinAsync(caller.Workspace.Row.No, known, caller.MemberNo, TopicRole.Member, cancellationToken) is { } full)
                return full;

            await seating.RefreshAsync(caller.Workspace, caller.MemberNo, cancellationToken);
        }

        return new TopicCreated(HeadOf(known), Created: false);
    }

    /// <summary>The topic and the beginning of its log are one transaction. Asked again with the same records, it is there already.</summary>
    private async ValueTask<Reply<TopicCreated>> BeginLogAsync(NewTopic topic, LogBatch batch, Caller caller, CancellationToken cancellationToken)
    {
        if (caller.Workspace.Topics.FindById(topic.Id) is { } again && again.IsKnownTo(caller.MemberNo)
            && await HasBegunAsync(caller, batch, cancellationToken))
        {
            return new TopicCreated(HeadOf(again), Created: false);
        }

        if (caller.Workspace.Topics.FindByName(topic.Name, caller.MemberNo) is { } namesake && IsOpenNamesake(namesake))
            return MeshError.TopicNameTaken;

        LogOutcome outcome = await appends.AppendAsync(caller.Workspace, batch, write => Make(write, topic), cancellationToken);
        if (outcome.Refusal is { } refusal)
            return refusal;

        Topic made = caller.Workspace.Topics.FindById(topic.Id)!;
        LogMade(caller.Member.Id.Value, made.Id, caller.Workspace.Id.Value);
        return Reply<TopicCreated>.Last(new TopicCreated(HeadOf(made), Created: true), outcome.Answered);
    }

    private static MeshError? Make(Storage.WriteScope write, NewTopic topic)
    {
        if (TopicStore.CheckRoom(write, topic) is { } refusal)
            return refusal;

        TopicRows.Add(write, topic);
        return null;
    }

    private static async ValueTask<bool> HasBegunAsync(Caller caller, LogBatch batch, CancellationToken cancellationToken)
    {
        ScopeState state = await caller.Workspace.Logs.GetAsync(batch.Scope, cancellationToken);
        return LogRecord.TryRead(batch.Records[0], out LogRecord? genesis) is LogRefusal.None && state.Log.Pin == genesis!.Hash;
    }

    private static TopicHead HeadOf(Topic topic) => new(topic.Id, topic.Name, topic.Visibility);

    [LoggerMessage(Level = LogLevel.Information, Message = "Member {Member} made topic {Topic} in {Mesh}")]
    private partial void LogMade(string member, string topic, string mesh);
}
