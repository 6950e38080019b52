using System.Text.Json;
using System.Text.Json.Serialization;

namespace Claudemesh.Local;

/// <summary>Every record of the local API. Names are snake_case; nulls are written; unknown fields are ignored, so that older programs read newer daemons.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 16)]
[JsonSerializable(typeof(BanList))]
[JsonSerializable(typeof(BanMember))]
[JsonSerializable(typeof(BannedMember))]
[JsonSerializable(typeof(ChangeGrant))]
[JsonSerializable(typeof(ChangeSelf))]
[JsonSerializable(typeof(Checkup))]
[JsonSerializable(typeof(CreateInvite))]
[JsonSerializable(typeof(CreateWorkspace))]
[JsonSerializable(typeof(DaemonStatus))]
[JsonSerializable(typeof(DaemonVersion))]
[JsonSerializable(typeof(GrantList))]
[JsonSerializable(typeof(GroupList))]
[JsonSerializable(typeof(InboxItem))]
[JsonSerializable(typeof(InboxPage))]
[JsonSerializable(typeof(InboxRemoved))]
[JsonSerializable(typeof(Invite))]
[JsonSerializable(typeof(InviteList))]
[JsonSerializable(typeof(JoinWorkspace))]
[JsonSerializable(typeof(LeaveWorkspace))]
[JsonSerializable(typeof(LeftWorkspace))]
[JsonSerializable(typeof(LocalProblem))]
[JsonSerializable(typeof(LogLocation))]
[JsonSerializable(typeof(MarkVerified))]
[JsonSerializable(typeof(MemberList))]
[JsonSerializable(typeof(MessageStatus))]
[JsonSerializable(typeof(OpenSession))]
[JsonSerializable(typeof(PeerChange))]
[JsonSerializable(typeof(PeerGrant))]
[JsonSerializable(typeof(PeerList))]
[JsonSerializable(typeof(Reconnect))]
[JsonSerializable(typeof(Reconnected))]
[JsonSerializable(typeof(RenameWorkspace))]
[JsonSerializable(typeof(RevokedInvite))]
[JsonSerializable(typeof(SafetyList))]
[JsonSerializable(typeof(Self))]
[JsonSerializable(typeof(SelfList))]
[JsonSerializable(typeof(SendMessage))]
[JsonSerializable(typeof(SendResult))]
[JsonSerializable(typeof(Session))]
[JsonSerializable(typeof(SessionList))]
[JsonSerializable(typeof(Stopping))]
[JsonSerializable(typeof(TakenOff))]
[JsonSerializable(typeof(TakeOff))]
[JsonSerializable(typeof(Workspace))]
[JsonSerializable(typeof(WorkspaceList))]
[JsonSerializable(typeof(WorkspaceStatus))]
public sealed partial class LocalJson : JsonSerializerContext;
