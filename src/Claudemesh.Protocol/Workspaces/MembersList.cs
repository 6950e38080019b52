using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

public sealed record MembersList(Member[] Members) : IMessage, ILimited
{
    public static string WireType => "members_list";

    string? ILimited.FindFault() => Limit.HasNull("members", Members);
}

/// <param name="Online">True while any connection of the member is.</param>
/// <param name="Groups">Of all its peers.</param>
/// <param name="Tags">Of all its sessions.</param>
public sealed record Member(
    MemberId MemberId,
    PublicKey Pubkey,
    DisplayName DisplayName,
    MemberRole Role,
    MemberKind Kind,
    DateTimeOffset JoinedAt,
    bool Online,
    GroupTag[] Groups,
    string[] Tags);

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
