namespace Claudemesh.Protocol;

/// <summary>The 1.x handshake of one session, vouched for by its member; answered by <see cref="HelloAck"/>. Texts as in <see cref="Hello"/>.</summary>
/// <param name="ParentMemberPubkey">The member's key, 64 lower-case hexadecimal digits.</param>
/// <param name="SessionPubkey">The session's key, which signs this hello and receives direct messages.</param>
/// <param name="ParentMemberId">When given and not empty, the id of the member with that key.</param>
/// <param name="ParentAttestation">Required, but nullable here: its absence has an error code of its own.</param>
/// <param name="Groups">Absent: the member's defaults. An empty list counts as given.</param>
/// <param name="Signature">128 hexadecimal digits by the session key over
/// <c>claudemesh-session-hello|meshId|parentPubkey|sessionPubkey|timestamp</c>.</param>
public sealed record SessionHello(
    string MeshId,
    string ParentMemberPubkey,
    string SessionPubkey,
    string SessionId,
    long Pid,
    string Cwd,
    long Timestamp,
    string Signature,
    ParentAttestation? ParentAttestation = null,
    string? ParentMemberId = null,
    string? DisplayName = null,
    string? Hostname = null,
    string? PeerType = null,
    string? Channel = null,
    string? Model = null,
    GroupTag[]? Groups = null) : IRequest<HelloAck>, ILimited
{
    public static string WireType => "session_hello";

    string? ILimited.FindFault() =>
        LegacyLimits.FindFault(MeshId, ParentMemberId, SessionId, Cwd, DisplayName, Hostname, PeerType, Channel, Model, Groups);
}

/// <summary>A member's word that a session key is its own.</summary>
/// <param name="ExpiresAt">Ms since 1970, at most 24 h ahead.</param>
/// <param name="Signature">128 hexadecimal digits by the member key over
/// <c>claudemesh-session-attest|parentPubkey|sessionPubkey|expiresAt</c>.</param>
public sealed record ParentAttestation(string SessionPubkey, string ParentMemberPubkey, long ExpiresAt, string Signature);
