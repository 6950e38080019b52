using System.Collections.Frozen;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Sockets;
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
        [Operation.ReadTopics] = MemberRole.Member,
        [Operation.UseTopics] = MemberRole.Member,
        [Operation.ListPeers] = MemberRole.Member,
        [Operation.ListMembers] = MemberRole.Member,
        [Operation.ChangeOwnPresence] = MemberRole.Member,
        [Operation.OpenSession] = MemberRole.Member,
        [Operation.ReadOwnMessages] = MemberRole.Member,
        [Operation.MarkOwnRead] = MemberRole.Member,

        // What a record may say is signed in it, and judged by the log's own rules.
        [Operation.ReadLog] = MemberRole.Member,
        [Operation.AppendLog] = MemberRole.Member,

        // A 1.x invite is signed with the owner's key; an admin has nothing to sign it with.
        [Operation.Invite] = MemberRole.Owner,

        [Operation.Moderate] = MemberRole.Admin,
        [Operation.AdministerInvites] = MemberRole.Admin,
        [Operation.ReadAudit] = MemberRole.Admin,
        [Operation.RenameWorkspace] = MemberRole.Owner,
        [Operation.EndWorkspace] = MemberRole.Owner,

        // Of oneself only: neither message names another.
        [Operation.ChangeOwnGrants] = MemberRole.Member,
        [Operation.LeaveWorkspace] = MemberRole.Member,

        // A key of one's own, with no more than one may oneself.
        [Operation.ManageOwnKeys] = MemberRole.Member,

        // State and memory are the workspace's. What one member grants another (state-read, state-write) is about that member's own.
        [Operation.ReadObjects] = MemberRole.Member,
        [Operation.WriteObjects] = MemberRole.Member,
    }.ToFrozenDictionary();

    /// <summary>What an API key must have beside its issuer's role.</summary>
    private static readonly FrozenDictionary<Operation, KeyCapabilities> Needed = new Dictionary<Operation, KeyCapabilities>
    {
        [Operation.Send] = KeyCapabilities.Send,
        [Operation.Receive] = KeyCapabilities.Read,
        [Operation.Report] = KeyCapabilities.Send,
        [Operation.ReadTopics] = KeyCapabilities.Read,
        [Operation.UseTopics] = KeyCapabilities.Send,
        [Operation.ListPeers] = KeyCapabilities.Read,
        [Operation.ListMembers] = KeyCapabilities.Read,
        [Operation.ReadOwnMessages] = KeyCapabilities.Read,
        [Operation.MarkOwnRead] = KeyCapabilities.Read,
        [Operation.ReadLog] = KeyCapabilities.Read,

        // The member's own signature is what counts, and a key has none to give.
        [Operation.AppendLog] = KeyCapabilities.Send,
        [Operation.ReadObjects] = KeyCapabilities.Read,
        [Operation.WriteObjects] = KeyCapabilities.StateWrite,
    }.ToFrozenDictionary();

    public static bool Allow(MemberRole role, Operation operation) => role >= LeastRole[operation];

    /// <summary>What a key needs for an operation; whatever is not listed takes <c>admin</c>.</summary>
    public static KeyCapabilities NeededFor(Operation operation) => Needed.GetValueOrDefault(operation, KeyCapabilities.Admin);

    /// <summary>Why this caller may not do this, or null.</summary>
    public static MeshError? Refuse(Caller caller, Operation operation)
    {
        if (caller.Member is not { Removed: false } member)
            return caller.Key is null ? MeshError.Revoked : MeshError.ApiKeyInvalid;
        if (!Allow(member.Role, operation))
            return MeshError.Forbidden;
        if (caller.Workspace.IsArchived && !ArchivedWorkspaces.Allow(operation))
            return MeshError.WorkspaceArchived;

        return caller.Key?.Has(NeededFor(operation)) != false ? null : MeshError.ApiKeyMissingCapability.With(
            $"This is forbidden for this API key: it does not have the capability {KeyWords.Name(NeededFor(operation))}. Make one that has it.");
    }

    /// <summary>
    /// Whether one who may moderate may do so to another: an admin to members, the owner to everybody but an owner. So nobody takes
    /// the owner off, and admins do not fight each other.
    /// </summary>
    public static bool AllowAgainst(MemberRole role, MemberRole other) => Allow(role, Operation.Moderate) && role > other;
}
