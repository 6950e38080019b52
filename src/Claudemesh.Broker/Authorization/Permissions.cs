using System.Collections.Frozen;
using Claudemesh.Broker.Accounts;
using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Authorization;

/// <summary>The one table of who may do what, by which credential. Asked before any handler runs; <c>docs/permissions.md</c> shows it.</summary>
internal static class Permissions
{
    public static readonly FrozenDictionary<Operation, Rule> Table = new Dictionary<Operation, Rule>
    {
        [Operation.Send] = new(MemberRole.Member, KeyCapabilities.Send),
        [Operation.Receive] = new(MemberRole.Member, KeyCapabilities.Read),
        [Operation.Report] = new(MemberRole.Member, KeyCapabilities.Send),

        // Who may read, post in or change which topic is said by its visibility, its seats and its log.
        [Operation.ReadTopics] = new(MemberRole.Member, KeyCapabilities.Read),
        [Operation.UseTopics] = new(MemberRole.Member, KeyCapabilities.Send),
        [Operation.ListPeers] = new(MemberRole.Member, KeyCapabilities.Read),
        [Operation.ListMembers] = new(MemberRole.Member, KeyCapabilities.Read),
        [Operation.ChangeOwnPresence] = new(MemberRole.Member, KeyCapabilities.Admin),
        [Operation.OpenSession] = new(MemberRole.Member, KeyCapabilities.Admin),
        [Operation.ReadOwnMessages] = new(MemberRole.Member, KeyCapabilities.Read),
        [Operation.MarkOwnRead] = new(MemberRole.Member, KeyCapabilities.Read),

        // What a record may say is signed in it, and judged by the log's own rules: the member's own signature is what counts, and a key has none to give.
        [Operation.ReadLog] = new(MemberRole.Member, KeyCapabilities.Read),
        [Operation.AppendLog] = new(MemberRole.Member, KeyCapabilities.Send),

        // A 1.x invite is signed with the owner's key; an admin has nothing to sign it with.
        [Operation.Invite] = new(MemberRole.Owner, KeyCapabilities.Admin),
        [Operation.Moderate] = new(MemberRole.Admin, KeyCapabilities.Admin),
        [Operation.AdministerInvites] = new(MemberRole.Admin, KeyCapabilities.Admin),
        [Operation.ReadAudit] = new(MemberRole.Admin, KeyCapabilities.Admin),
        [Operation.RenameWorkspace] = new(MemberRole.Owner, KeyCapabilities.Admin),

        // For everybody at once, and not for a script.
        [Operation.EndWorkspace] = new(MemberRole.Owner, Needs: null),

        // Of oneself only: neither message names another.
        [Operation.ChangeOwnGrants] = new(MemberRole.Member, KeyCapabilities.Admin),
        [Operation.LeaveWorkspace] = new(MemberRole.Member, KeyCapabilities.Admin),

        // A key of one's own, with no more than one may oneself. It outlives a session, so a session that was left open makes none.
        [Operation.ManageOwnKeys] = new(MemberRole.Member, KeyCapabilities.Admin),
        [Operation.MakeOwnKeys] = new(MemberRole.Member, KeyCapabilities.Admin, Fresh: true, Tokens: false),

        // State and memory are the workspace's. What one member grants another (state-read, state-write) is about that member's own.
        [Operation.ReadObjects] = new(MemberRole.Member, KeyCapabilities.Read),
        [Operation.WriteObjects] = new(MemberRole.Member, KeyCapabilities.StateWrite),

        [Operation.ReadAccount] = new(LeastRole: null, KeyCapabilities.Read),
        [Operation.ChangeAccount] = new(LeastRole: null, Needs: null),
        [Operation.SecureAccount] = new(LeastRole: null, Needs: null, Fresh: true),
        [Operation.UseAccountKeys] = new(LeastRole: null, Needs: null),
        [Operation.ApproveDevices] = new(LeastRole: null, Needs: null, Fresh: true),
        [Operation.ClaimMembers] = new(LeastRole: null, Needs: null),
    }.ToFrozenDictionary();

    public static bool Allow(MemberRole role, Operation operation) => Table[operation].LeastRole is { } least && role >= least;

    /// <summary>What a key needs for an operation in a workspace.</summary>
    public static KeyCapabilities NeededFor(Operation operation) => Table[operation].Needs ?? KeyCapabilities.Admin;

    /// <summary>Whether it is about the account itself, and takes no workspace.</summary>
    public static bool IsOfAccount(Operation operation) => Table[operation].LeastRole is null;

    /// <summary>Why this caller may not do this in his workspace, or null.</summary>
    public static MeshError? Refuse(Caller caller, Operation operation)
    {
        if (caller.Member is not { Removed: false } member)
            return Gone(caller.Credential);
        if (!Table[operation].Takes(caller.Credential))
            return MeshError.CredentialNotEnough;
        if (!Allow(member.Role, operation))
            return MeshError.Forbidden;
        if (caller.Workspace.IsArchived && !ArchivedWorkspaces.Allow(operation))
            return MeshError.WorkspaceArchived;

        return caller.Key?.Has(NeededFor(operation)) != false ? RefuseToken(caller.SignedIn?.Token, operation) : MeshError.ApiKeyMissingCapability.With(
            $"This is forbidden for this API key: it does not have the capability {KeyWords.Name(NeededFor(operation))}. Make one that has it.");
    }

    /// <summary>Why this account may not do this to itself, or null.</summary>
    public static MeshError? Refuse(SignedIn account, Operation operation, DateTimeOffset now)
    {
        Rule rule = Table[operation];
        if (!rule.Takes(account.Credential))
            return MeshError.CredentialNotEnough;

        // One that is for a workspace says nothing of the account's others.
        if (account.Token is { Mesh: not null })
            return MeshError.TokenOtherWorkspace.With("This is forbidden for this personal token: it was made for one workspace, and this is about the account. Make one without a workspace.");

        return RefuseToken(account.Token, operation) ?? RefuseStale(account, operation, now);
    }

    /// <summary>Why a session must prove first who it is, or null.</summary>
    public static MeshError? RefuseStale(SignedIn? account, Operation operation, DateTimeOffset now) =>
        Table[operation].Fresh && account?.Session is { } session && !session.IsFresh(now) ? MeshError.FreshAuthenticationRequired : null;

    /// <summary>
    /// Whether one who may moderate may do so to another: an admin to members, the owner to everybody but an owner. So nobody takes
    /// the owner off, and admins do not fight each other.
    /// </summary>
    public static bool AllowAgainst(MemberRole role, MemberRole other) => Allow(role, Operation.Moderate) && role > other;

    private static MeshError? RefuseToken(PersonalToken? token, Operation operation) =>
        token?.Has(NeededFor(operation)) != false ? null : MeshError.TokenMissingScope.With(
            $"This is forbidden for this personal token: it does not have the scope {TokenWords.Name(NeededFor(operation))}. Make one that has it.");

    private static MeshError Gone(Credential credential) => credential switch
    {
        Credential.Socket => MeshError.Revoked,
        Credential.ApiKey => MeshError.ApiKeyInvalid,
        _ => MeshError.NotYourWorkspace,
    };
}
