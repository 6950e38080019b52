using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Log;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Topics;

/// <summary>Topics over REST, by the handlers that answer the same frames on a socket.</summary>
internal static class TopicRoutes
{
    private static readonly RestParameter Archived = new("archived", "1 lists archived topics too.", ParameterKind.Flag);
    private static readonly RestParameter Role = new("role", "observer: reads and does not post; usually member.");

    public static RestRoutes MapTopics(this RestRoutes routes) => routes
        .Add(new("GET", "/topics", Operation.ReadTopics, KeyReach.Filtered, "Lists the topics that you may know of, by name.", ListAsync)
        {
            Query = [Archived],
            Reply = typeof(TopicList),
            IsTagged = true,
        })
        .Add(new("POST", "/topics", Operation.UseTopics, KeyReach.Workspace,
            "Makes a topic with you as its lead, or joins the public one of that name.", CreateAsync)
        {
            Body = typeof(TopicCreate),
            BodyBytesMax = LogRoutes.BodyBytesMax,
            Reply = typeof(TopicCreated),
            Refusals =
            [
                MeshError.TopicNameTaken, MeshError.TopicIdTaken, MeshError.TopicNeedsLog,
                MeshError.TopicLimit, MeshError.JoinedTopicLimit, MeshError.LogRefused,
            ],
        })
        .Add(new("GET", "/topics/{topic}", Operation.ReadTopics, KeyReach.OneTopic, "Shows one topic.", ShowAsync) { Reply = typeof(TopicInfo) })
        .Add(new("PATCH", "/topics/{topic}", Operation.UseTopics, KeyReach.OneTopic,
            "Changes what is given of a topic; its leads and the workspace's admins may.", ChangeAsync)
        {
            Body = typeof(TopicChange),
            Reply = typeof(TopicInfo),
            Refusals = [MeshError.TopicLeadOnly, MeshError.TopicNameTaken, MeshError.GeneralStays],
        })
        .Add(new("POST", "/topics/{topic}/join", Operation.UseTopics, KeyReach.OneTopic,
            "Joins you to a public topic; joining twice changes nothing.", JoinAsync)
        {
            Query = [Role],
            Reply = typeof(TopicInfo),
            Refusals = [MeshError.TopicArchived, MeshError.JoinedTopicLimit],
        })
        .Add(new("POST", "/topics/{topic}/leave", Operation.UseTopics, KeyReach.OneTopic, "Takes you out of a topic.", LeaveAsync)
        {
            Status = 204,
            Refusals = [MeshError.GeneralStays, MeshError.TopicHasLog],
        })
        .Add(new("GET", "/topics/{topic}/members", Operation.ReadTopics, KeyReach.OneTopic,
            "Lists who is in a topic, in the order in which they came.", ListMembersAsync)
        {
            Reply = typeof(TopicMembersResult),
        });

    private static async Task ListAsync(RestCall call)
    {
        TopicListRequest request = new(call.Flag(Archived.Name));
        if (call.Fault is { } fault)
        {
            await call.RefuseAsync(fault);
            return;
        }

        await call.AnswerTaggedAsync((await call.AskAsync<ListTopicsHandler, TopicListRequest, TopicList>(request)).Value!);
    }

    private static async Task CreateAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<TopicCreate>() is { } request)
            await call.AnswerAsync(await call.AskAsync<CreateTopicHandler, TopicCreate, TopicCreated>(request));
    }

    private static async Task ShowAsync(RestCall call) => await call.AnswerAsync(await InfoAsync(call, call.Topic!));

    private static async Task ChangeAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<TopicChange>() is not { } change)
            return;

        TopicUpdate request = new(call.Topic!.Id, change.Name, change.Description, change.Archived, change.RetentionDays);
        Sockets.Reply<TopicUpdated> reply = await call.AskAsync<UpdateTopicHandler, TopicUpdate, TopicUpdated>(request);
        await (reply.Error is { } error ? call.RefuseAsync(error) : call.AnswerAsync(reply.Value!.Topic));
    }

    private static async Task JoinAsync(RestCall call)
    {
        TopicRole? role = call.Text(Role.Name, charsMax: 20) switch
        {
            null or "member" => TopicRole.Member,
            "observer" => TopicRole.Observer,
            _ => null,
        };
        MeshError? refusal = call.Fault
            ?? (role is null ? MeshError.InvalidArgs.With("role is invalid: it must be member or observer. A lead is made by the topic's leads.") : null)
            ?? await call.TellAsync<JoinTopicHandler, TopicJoin>(new TopicJoin(call.Topic!.Id, role));
        await (refusal is null ? call.AnswerAsync(await InfoAsync(call, call.Workspace.Topics.Find(call.Topic!.No)!)) : call.RefuseAsync(refusal));
    }

    private static async Task LeaveAsync(RestCall call) =>
        await call.AnswerAsync(await call.TellAsync<LeaveTopicHandler, TopicLeave>(new TopicLeave(call.Topic!.Id)));

    private static async Task ListMembersAsync(RestCall call) =>
        await call.AnswerAsync(await call.AskAsync<ListTopicMembersHandler, TopicMembers, TopicMembersResult>(new TopicMembers(call.Topic!.Id)));

    private static async ValueTask<TopicInfo> InfoAsync(RestCall call, Topic topic)
    {
        TopicFigures figures = await call.Get<TopicStore>().ReadFiguresAsync(topic.No, call.Caller.MemberNo, call.Aborted);
        return TopicNews.InfoFor(call.Workspace, topic, call.Caller.MemberNo, figures);
    }
}
