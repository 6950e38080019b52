using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Workspaces;

/// <summary>A member's lasting identity in one workspace, as the broker keeps it. Immutable: a change is a new one.</summary>
/// <param name="Mailbox">The member's own mailbox, which each of its devices reads.</param>
/// <param name="Banned">Removed by another; only an admin lets it in again.</param>
/// <param name="Groups">The groups that it is in when none of its peers is here to say otherwise.</param>
internal sealed record MeshMember(
    MemberNo No,
    MemberId Id,
    MailboxNo Mailbox,
    PublicKey Key,
    string DisplayName,
    MemberRole Role,
    MemberKind Kind,
    DateTimeOffset JoinedAt,
    DateTimeOffset? RemovedAt,
    bool Banned,
    ImmutableArray<GroupTag> Groups)
{
    /// <summary>Banned, or left.</summary>
    public bool Removed => RemovedAt is not null;

    public MailboxOwner Address => new(Mailbox, No, Key, Session: null);

    /// <summary>The key's bytes, shared by everything that this member sends.</summary>
    public byte[] KeyBytes { get; init; } = Key.Span.ToArray();
}
