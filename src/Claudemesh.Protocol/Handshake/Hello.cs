namespace Claudemesh.Protocol;

/// <summary>
/// The 1.x handshake of a member; answered by <see cref="HelloAck"/>. Keys and signature stay texts, because each wrong form has an error code of
/// its own and the signature is over the texts as sent.
/// </summary>
/// <param name="MemberId">Signed text only; the member is found by its key.</param>
/// <param name="Pubkey">64 lower-case hexadecimal digits.</param>
/// <param name="SessionId">The client's own name for itself; a newer connection of the same member and session key replaces an older one.</param>
/// <param name="Pid">The process id on the client's machine.</param>
/// <param name="Timestamp">The client's clock, ms since 1970, within 60 s of the broker's.</param>
/// <param name="Signature">128 hexadecimal digits: Ed25519 over <c>meshId|memberId|pubkey|timestamp</c>.</param>
/// <param name="Cwd">The working directory; the SDK leaves it out.</param>
/// <param name="SessionPubkey">An unproven routing key; empty is absent.</param>
/// <param name="PeerType"><c>ai</c>, <c>human</c>, <c>connector</c> or any other word up to 32 characters.</param>
/// <param name="Channel">What kind of client this is, such as <c>claudemesh-daemon</c>.</param>
/// <param name="Groups">Absent or empty: those the member had.</param>
public sealed record Hello(
    string MeshId,
    string MemberId,
    string Pubkey,
    string SessionId,
    long Pid,
    long Timestamp,
    string Signature,
    string Cwd = "",
    string? SessionPubkey = null,
    string? DisplayName = null,
    string? Hostname = null,
    string? PeerType = null,
    string? Channel = null,
    string? Model = null,
    GroupTag[]? Groups = null) : IRequest<HelloAck>, ILimited
{
    public static string WireType => "hello";

    string? ILimited.FindFault() =>
        LegacyLimits.FindFault(MeshId, MemberId, SessionId, Cwd, DisplayName, Hostname, PeerType, Channel, Model, Groups);
}
