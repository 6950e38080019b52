using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <param name="Peers">By time of connecting, the caller included; hidden peers only to their own member.</param>
public sealed record PeersList(Peer[] Peers) : IMessage, ILimited
{
    public static string WireType => "peers_list";

    string? ILimited.FindFault() => Limit.HasNull("peers", Peers);
}

/// <summary>One peer that can be addressed now.</summary>
/// <param name="Pubkey">The address for 1.x bodies: the session's key, else the member's.</param>
/// <param name="MemberPubkey">The lasting identity, and the address for our bodies.</param>
/// <param name="Summary">Written even when null, as 1.x does.</param>
/// <param name="MemberId">Ours; absent from brokers of 1.x, and so are <paramref name="Tags"/> and <paramref name="Protocol"/>.</param>
/// <param name="Protocol">3: reads version 3 bodies; 1: an original client.</param>
/// <param name="Via">By which door it is here. Of <c>rest</c>: a member whose API key was used within five minutes, or has a stream open.</param>
public sealed record Peer(
    PublicKey Pubkey,
    PublicKey MemberPubkey,
    string DisplayName,
    PresenceStatus Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Summary,
    GroupTag[] Groups,
    string SessionId,
    DateTimeOffset ConnectedAt,
    string Cwd,
    PeerRole PeerRole,
    string? Hostname = null,
    string? PeerType = null,
    string? Channel = null,
    string? Model = null,
    PeerStats? Stats = null,
    bool? Visible = null,
    PeerProfile? Profile = null,
    MemberId? MemberId = null,
    string[]? Tags = null,
    int? Protocol = null,
    PeerDoor? Via = null);

[JsonConverter(typeof(WordConverter<PeerDoor>))]
public enum PeerDoor
{
    /// <summary>A socket.</summary>
    Ws,

    /// <summary>An API key.</summary>
    Rest,
}

[JsonConverter(typeof(WordConverter<PeerRole>))]
public enum PeerRole
{
    /// <summary>A member's own connection, such as its daemon's; the original CLI hides it.</summary>
    ControlPlane,

    Session,
    Service,
}
