namespace Claudemesh.Broker.Audit;

/// <summary>What the chain tells of, by its name there; docs/workspaces.md has the facts of each.</summary>
internal static class AuditTypes
{
    public const string WorkspaceCreated = "workspace_created";
    public const string WorkspaceRenamed = "workspace_renamed";
    public const string WorkspaceArchived = "workspace_archived";
    public const string WorkspaceUnarchived = "workspace_unarchived";
    public const string WorkspaceTransferred = "workspace_transferred";
    public const string MemberJoined = "member_joined";
    public const string MemberWaiting = "member_waiting";
    public const string MemberAdmitted = "member_admitted";
    public const string MemberRemoved = "member_removed";
    public const string MemberBanned = "member_banned";
    public const string MemberUnbanned = "member_unbanned";
    public const string MemberLeft = "member_left";
    public const string MemberClaimed = "member_claimed";
    public const string RoleChanged = "role_changed";
    public const string KeyChanged = "key_changed";
    public const string EpochRotated = "epoch_rotated";
    public const string PolicyChanged = "policy_changed";
    public const string InviteCreated = "invite_created";
    public const string InviteMailed = "invite_mailed";
    public const string InviteRevoked = "invite_revoked";
    public const string ApiKeyMinted = "api_key_minted";
    public const string ApiKeyRotated = "api_key_rotated";
    public const string ApiKeyRevoked = "api_key_revoked";
    public const string GrantsChanged = "grants_changed";
    public const string PeersKicked = "peers_kicked";
    public const string TopicArchived = "topic_archived";
    public const string TopicUnarchived = "topic_unarchived";
}
