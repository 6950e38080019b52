using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Claudemesh.Protocol;

/// <summary>
/// The JSON of every message and HTTP body, generated. Writing leaves nulls out; reading ignores unknown fields and refuses everything else that
/// is not exactly as documented: a null or a missing field, a field twice, a number in quotes, more than 32 levels.
/// </summary>
/// <remarks>All attributes stand here: spread over files the generator does not see them. Sorted by name.</remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = WireLimits.JsonDepthMax,
    Converters = [typeof(Base64Converter), typeof(InstantConverter), typeof(TextListConverter)])]
[JsonSerializable(typeof(Ack))]
[JsonSerializable(typeof(Ban))]
[JsonSerializable(typeof(BanAck))]
[JsonSerializable(typeof(Challenge))]
[JsonSerializable(typeof(ChangeGrants))]
[JsonSerializable(typeof(ClientAck))]
[JsonSerializable(typeof(ContextList))]
[JsonSerializable(typeof(ContextResults))]
[JsonSerializable(typeof(ContextShared))]
[JsonSerializable(typeof(CopiesGet))]
[JsonSerializable(typeof(CopiesPut))]
[JsonSerializable(typeof(CopiesResult))]
[JsonSerializable(typeof(CopiesStored))]
[JsonSerializable(typeof(CopiesWanted))]
[JsonSerializable(typeof(CreateWorkspace))]
[JsonSerializable(typeof(Disconnect))]
[JsonSerializable(typeof(DisconnectAck))]
[JsonSerializable(typeof(ErrorReply))]
[JsonSerializable(typeof(Forget))]
[JsonSerializable(typeof(GetContext))]
[JsonSerializable(typeof(GetState))]
[JsonSerializable(typeof(GrantsChanged))]
[JsonSerializable(typeof(GrantsList))]
[JsonSerializable(typeof(Hello))]
[JsonSerializable(typeof(HelloAck))]
[JsonSerializable(typeof(InviteCreate))]
[JsonSerializable(typeof(InviteCreated))]
[JsonSerializable(typeof(InviteEnded))]
[JsonSerializable(typeof(InviteInfo))]
[JsonSerializable(typeof(InvitePayload))]
[JsonSerializable(typeof(InviteRevoke))]
[JsonSerializable(typeof(InvitesList))]
[JsonSerializable(typeof(Join))]
[JsonSerializable(typeof(JoinByLog))]
[JsonSerializable(typeof(Joined))]
[JsonSerializable(typeof(JoinedByLog))]
[JsonSerializable(typeof(JoinGroup))]
[JsonSerializable(typeof(Kick))]
[JsonSerializable(typeof(KickAck))]
[JsonSerializable(typeof(LeaveGroup))]
[JsonSerializable(typeof(LeaveWorkspace))]
[JsonSerializable(typeof(ListBans))]
[JsonSerializable(typeof(ListBansResult))]
[JsonSerializable(typeof(ListContexts))]
[JsonSerializable(typeof(ListGrants))]
[JsonSerializable(typeof(ListInvites))]
[JsonSerializable(typeof(ListMembers))]
[JsonSerializable(typeof(ListPeers))]
[JsonSerializable(typeof(ListState))]
[JsonSerializable(typeof(LogAppend))]
[JsonSerializable(typeof(LogAppended))]
[JsonSerializable(typeof(LogHeadMoved))]
[JsonSerializable(typeof(LogPage))]
[JsonSerializable(typeof(LogRead))]
[JsonSerializable(typeof(MemberHello))]
[JsonSerializable(typeof(MembersList))]
[JsonSerializable(typeof(MemberWelcome))]
[JsonSerializable(typeof(MemoryRecallResult))]
[JsonSerializable(typeof(MemoryResults))]
[JsonSerializable(typeof(MemoryStored))]
[JsonSerializable(typeof(MemoryText))]
[JsonSerializable(typeof(MeshInfo))]
[JsonSerializable(typeof(MeshInfoResult))]
[JsonSerializable(typeof(MessageProgress))]
[JsonSerializable(typeof(MessageStates))]
[JsonSerializable(typeof(MessageStatesResult))]
[JsonSerializable(typeof(MessageStatus))]
[JsonSerializable(typeof(MessageStatusResult))]
[JsonSerializable(typeof(ObjectChanged))]
[JsonSerializable(typeof(ObjectGet))]
[JsonSerializable(typeof(ObjectList))]
[JsonSerializable(typeof(ObjectPage))]
[JsonSerializable(typeof(ObjectPut))]
[JsonSerializable(typeof(ObjectResult))]
[JsonSerializable(typeof(ObjectStored))]
[JsonSerializable(typeof(PeersList))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(Push))]
[JsonSerializable(typeof(Recall))]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(Remember))]
[JsonSerializable(typeof(RenameWorkspace))]
[JsonSerializable(typeof(Resync))]
[JsonSerializable(typeof(Send))]
[JsonSerializable(typeof(SessionClose))]
[JsonSerializable(typeof(SessionClosed))]
[JsonSerializable(typeof(SessionHello))]
[JsonSerializable(typeof(SessionOpen))]
[JsonSerializable(typeof(SessionOpened))]
[JsonSerializable(typeof(SetProfile))]
[JsonSerializable(typeof(SetState))]
[JsonSerializable(typeof(SetStats))]
[JsonSerializable(typeof(SetStatus))]
[JsonSerializable(typeof(SetSummary))]
[JsonSerializable(typeof(SetTags))]
[JsonSerializable(typeof(SetVisible))]
[JsonSerializable(typeof(ShareContext))]
[JsonSerializable(typeof(StateChange))]
[JsonSerializable(typeof(StateData))]
[JsonSerializable(typeof(StateList))]
[JsonSerializable(typeof(StateResult))]
[JsonSerializable(typeof(SystemEvent.PeerHidden))]
[JsonSerializable(typeof(SystemEvent.PeerJoined))]
[JsonSerializable(typeof(SystemEvent.PeerLeft))]
[JsonSerializable(typeof(SystemEvent.PeerReturned))]
[JsonSerializable(typeof(SystemEvent.PeerVisible))]
[JsonSerializable(typeof(SystemEvent.ProfileUpdated))]
[JsonSerializable(typeof(TagsSet))]
[JsonSerializable(typeof(TopicChanged))]
[JsonSerializable(typeof(TopicCreate))]
[JsonSerializable(typeof(TopicCreated))]
[JsonSerializable(typeof(TopicHistory))]
[JsonSerializable(typeof(TopicJoin))]
[JsonSerializable(typeof(TopicLeave))]
[JsonSerializable(typeof(TopicList))]
[JsonSerializable(typeof(TopicListRequest))]
[JsonSerializable(typeof(TopicMarkRead))]
[JsonSerializable(typeof(TopicMembers))]
[JsonSerializable(typeof(TopicMembersResult))]
[JsonSerializable(typeof(TopicPage))]
[JsonSerializable(typeof(TopicUpdate))]
[JsonSerializable(typeof(TopicUpdated))]
[JsonSerializable(typeof(Unban))]
[JsonSerializable(typeof(UnbanAck))]
[JsonSerializable(typeof(WorkspaceCreated))]
[JsonSerializable(typeof(WorkspaceLeft))]
[JsonSerializable(typeof(WorkspaceRenamed))]
public sealed partial class ProtocolJson : JsonSerializerContext
{
    /// <summary>How <typeparamref name="T"/> is read and written, for code that is generic over messages.</summary>
    public static JsonTypeInfo<T> TypeInfo<T>()
        where T : class =>
        Known<T>.Info;

    private static class Known<T>
        where T : class
    {
        public static readonly JsonTypeInfo<T> Info = (JsonTypeInfo<T>?)Default.GetTypeInfo(typeof(T))
            ?? throw new InvalidOperationException($"{typeof(T).Name} is not in {nameof(ProtocolJson)}: add its JsonSerializable line.");
    }
}
