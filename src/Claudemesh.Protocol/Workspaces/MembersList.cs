using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <param name="Waiting">For owners and admins: who came by an invite without its secret and is to be admitted; absent where nobody waits.</param>
public sealed record MembersList(Member[] Members, WaitingMember[]? Waiting = null) : IMessage, ILimited
{
    public static string WireType => "members_list";

    string? ILimited.FindFault() => Limit.HasNull("members", Members) ?? (Waiting is null ? null : Limit.HasNull("waiting", Waiting));
}

/// <summary>Somebody who is no member yet: an <c>admit</c> record with this id and key makes him one.</summary>
/// <param name="DisplayName">As he calls himself; compare his fingerprint.</param>
/// <param name="Role">What the invite gives.</param>
public sealed record WaitingMember(
    MemberId MemberId, PublicKey Pubkey, DisplayName DisplayName, InviteId InviteId, MemberRole Role, MemberKind Kind, DateTimeOffset Since);

/// <param name="Online">True while any connection of the member is.</param>
/// <param name="Groups">Of all its peers.</param>
/// <param name="Tags">Of all its sessions.</param>
/// <param name="Devices">How many devices of it have been here in the last months; absent for none.</param>
/// <param name="LastSeenAt">When one was here last; of one that is online when it came.</param>
public sealed record Member(
    MemberId MemberId,
    PublicKey Pubkey,
    DisplayName DisplayName,
    MemberRole Role,
    MemberKind Kind,
    DateTimeOffset JoinedAt,
    bool Online,
    GroupTag[] Groups,
    string[] Tags,
    int? Devices = null,
    DateTimeOffset? LastSeenAt = null);

[JsonConverter(typeof(WordConverter<MemberKind>))]
public enum MemberKind
{
    Person,
    Bot,

    /// <summary>Has never proven its key with our hello, join or create: its client reads 1.x bodies only.</summary>
    Legacy,
}

[JsonConverter(typeof(WordConverter<MemberRole>))]
public enum MemberRole
{
    Member,
    Admin,
    Owner,
}
