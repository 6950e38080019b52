using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Presence;

/// <summary>How a peer came to be; decides what takes it over and which frames it understands.</summary>
internal enum PeerKind : byte
{
    /// <summary>A 1.x <c>hello</c>: a daemon's member socket, a cold verb, a connector.</summary>
    LegacyMember,

    /// <summary>A 1.x <c>session_hello</c>.</summary>
    LegacySession,

    /// <summary>Our <c>member_hello</c>.</summary>
    Device,

    /// <summary>Our <c>session_open</c>, on its device's socket.</summary>
    Session,
}

/// <summary>
/// What stays the same while a peer lives: which member it is, and by which name it is taken over when it comes again.
/// </summary>
/// <param name="Instance">Session id for 1.x and sessions, device id for devices.</param>
/// <param name="SessionKey">The key it is addressed by; null when that is the member's.</param>
internal sealed record PeerIdentity(
    PeerKind Kind, MemberNo Member, MemberId MemberId, PublicKey MemberKey, PublicKey? SessionKey, string Instance)
{
    public PublicKey RoutingKey => SessionKey ?? MemberKey;

    /// <summary>The same key for the senders of messages, made once.</summary>
    public byte[] RoutingKeyBytes { get; } = (SessionKey ?? MemberKey).Span.ToArray();

    public bool IsSession => Kind is PeerKind.LegacySession or PeerKind.Session;

    public bool IsOurs => Kind is PeerKind.Device or PeerKind.Session;
}

/// <summary>
/// One connected presence of a member: a row of the roster. Changed only by <see cref="PresenceRoster"/>, under its lock.
/// </summary>
internal sealed class RosterPeer(PeerIdentity identity, string presenceId, DateTimeOffset connectedAt)
{
    public PeerIdentity Identity { get; } = identity;

    public string PresenceId { get; } = presenceId;

    public DateTimeOffset ConnectedAt { get; } = connectedAt;

    public required PeerDetails Details { get; set; }

    /// <summary>The socket; null while the lease of a lost one runs.</summary>
    public SocketConnection? Connection { get; set; }

    /// <summary>When an offline peer counts as gone; null while it is connected.</summary>
    public DateTimeOffset? LeasedUntil { get; set; }

    public bool Online => Connection is not null;
}

/// <summary>Everything about a peer that may change while it lives. Immutable: a change is a new one.</summary>
internal sealed record PeerDetails(string DisplayName, ImmutableArray<GroupTag> Groups)
{
    /// <summary>Whether the peer said itself how it is. Then a returning one is not as it was but as it says.</summary>
    public bool SaysHowItIs { get; init; }

    public PresenceStatus Status { get; init; } = PresenceStatus.Idle;

    public string? Summary { get; init; }

    public bool Visible { get; init; } = true;

    public PeerProfile? Profile { get; init; }

    public PeerStats? Stats { get; init; }

    public ImmutableArray<string> Tags { get; init; } = [];

    public string Cwd { get; init; } = "";

    public long? Pid { get; init; }

    public string? Hostname { get; init; }

    public string? PeerType { get; init; }

    public string? Channel { get; init; }

    public string? Model { get; init; }

    /// <summary>As the peer says that it is; unchanged when it says nothing.</summary>
    public PeerDetails As(Standing? standing) => standing is null ? this : this with
    {
        SaysHowItIs = true,
        Status = standing.Status,
        Summary = string.IsNullOrEmpty(standing.Summary) ? null : standing.Summary,
        Visible = standing.Visible,
        Profile = standing.Profile,
    };
}
