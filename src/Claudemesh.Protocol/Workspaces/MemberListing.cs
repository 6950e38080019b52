using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>The answer of <c>GET /api/v1/members</c>.</summary>
/// <param name="Members">In the order of joining; by a key that is limited to topics those who are in them.</param>
/// <param name="Waiting">For owners and admins: who is to be admitted; absent where nobody waits.</param>
public sealed record MemberListing(ListedMember[] Members, WaitingMember[]? Waiting = null);

/// <param name="IsHuman">False for bots.</param>
/// <param name="Online">True while any connection of the member is, and for five minutes after a request of his over REST.</param>
/// <param name="Status">Of the busiest of his peers.</param>
/// <param name="Summary">Written even when null, as 1.x does.</param>
/// <param name="Kind">From here on not of 1.x.</param>
public sealed record ListedMember(
    MemberId MemberId,
    PublicKey Pubkey,
    DisplayName DisplayName,
    MemberRole Role,
    bool IsHuman,
    DateTimeOffset JoinedAt,
    bool Online,
    MemberStatus Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Summary,
    MemberKind Kind,
    GroupTag[] Groups,
    string[] Tags);

/// <summary>A <see cref="PresenceStatus"/>, or that nobody of the member is here.</summary>
[JsonConverter(typeof(WordConverter<MemberStatus>))]
public enum MemberStatus
{
    Offline,
    Idle,
    Working,
    Dnd,
}
