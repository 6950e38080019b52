using System.Collections.Frozen;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Authorization;

/// <summary>The one table of who may do what. Asked before any handler runs.</summary>
internal static class Permissions
{
    private static readonly FrozenDictionary<Operation, MemberRole> LeastRole = new Dictionary<Operation, MemberRole>
    {
        [Operation.Send] = MemberRole.Member,
        [Operation.Receive] = MemberRole.Member,
        [Operation.Report] = MemberRole.Member,

        // Who may read, post in or change which topic is said by its visibility, its seats and its log.
        [Operation.UseTopics] = MemberRole.Member,
        [Operation.ListPeers] = MemberRole.Member,
        [Operation.ListMembers] = MemberRole.Member,
        [Operation.ChangeOwnPresence] = MemberRole.Member,
        [Operation.OpenSession] = MemberRole.Member,
        [Operation.ReadOwnMessages] = MemberRole.Member,

        // What a record may say is signed in it, and judged by the log's own rules.
        [Operation.FollowLog] = MemberRole.Member,

        // A 1.x invite is signed with the owner's key; an admin has nothing to sign it with.
        [Operation.Invite] = MemberRole.Owner,

        [Operation.Moderate] = MemberRole.Admin,
        [Operation.AdministerInvites] = MemberRole.Admin,
        [Operation.RenameWorkspace] = MemberRole.Owner,

        // Of oneself only: neither message names another.
        [Operation.ChangeOwnGrants] = MemberRole.Member,
        [Operation.LeaveWorkspace] = MemberRole.Member,

        // State and memory are the workspace's. What one member grants another (state-read, state-write) is about that member's own.
        [Operation.ReadObjects] = MemberRole.Member,
        [Operation.WriteObjects] = MemberRole.Member,
    }.ToFrozenDictionary();

    public static bool Allow(MemberRole role, Operation operation) => role >= LeastRole[operation];

    /// <summary>
    /// Whether one who may moderate may do so to another: an admin to members, the owner to everybody but an owner. So nobody takes
    /// the owner off, and admins do not fight each other.
    /// </summary>
    public static bool AllowAgainst(MemberRole role, MemberRole other) => Allow(role, Operation.Moderate) && role > other;
}
