namespace Claudemesh.Protocol;

/// <summary>Announces a session of this socket's member; answered by <see cref="SessionOpened"/>. Opening an open one again renews it.</summary>
/// <param name="ExpiresAt">Ms since 1970, at most 24 h ahead; the attestation's end.</param>
/// <param name="Attestation">64 bytes by the member key over T("claudemesh/session/2", mesh_id, member_pub, session_pub, session_id, expires_at).</param>
/// <param name="Proof">64 bytes by the session key over the same bytes.</param>
/// <param name="Cwd">The session's working directory, at most 1,024 characters.</param>
/// <param name="Pid">The session's process id on its machine.</param>
/// <param name="Tags">At most 32.</param>
/// <param name="Resume">How far this device has stored each lane of the session's mailbox, at most one point a lane.</param>
/// <param name="Standing">How the session's peer is from its first moment on; absent: as it was, else idle and visible.</param>
public sealed record SessionOpen(
    SessionId SessionId,
    PublicKey SessionPubkey,
    DisplayName DisplayName,
    long ExpiresAt,
    byte[] Attestation,
    byte[] Proof,
    string Cwd,
    long Pid,
    string? Hostname = null,
    GroupTag[]? Groups = null,
    TagName[]? Tags = null,
    string? Model = null,
    string? Channel = null,
    ResumePoint[]? Resume = null,
    Standing? Standing = null) : IRequest<SessionOpened>, ILimited
{
    public static string WireType => "session_open";

    string? ILimited.FindFault() =>
        Limit.TooLong("cwd", Cwd, WireLimits.PathCharsMax)
        ?? Limit.TooLong("hostname", Hostname, WireLimits.HostnameCharsMax)
        ?? Limit.TooLong("model", Model, WireLimits.ModelCharsMax)
        ?? Limit.TooLong("channel", Channel, 64)
        ?? Limit.TooMany("groups", Groups, WireLimits.GroupsMax)
        ?? Limit.TooMany("tags", Tags, WireLimits.TagsMax)
        ?? Limit.NotResume("resume", Resume)
        ?? Standing?.FindFault()
        ?? Limit.NotBytes("attestation", Attestation, WireLimits.SignatureBytes)
        ?? Limit.NotBytes("proof", Proof, WireLimits.SignatureBytes);
}
