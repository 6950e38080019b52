using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>Our handshake: proves a member's key and makes the socket the member's; answered by <see cref="MemberWelcome"/>.</summary>
/// <param name="DeviceId">Which of the member's devices this is: each reads the member's mailbox for itself.</param>
/// <param name="Client">The program and its version, for people; at most 64 characters.</param>
/// <param name="Features">What the client understands beyond this document (known: <c>receipts</c>, <c>resends</c>), at most 32 words.</param>
/// <param name="SentAt">The client's clock, ms since 1970, within 60 s of the broker's.</param>
/// <param name="Signature">64 bytes: Ed25519 by the member key over T("claudemesh/hello/3", mesh_id, member_pub, challenge, sent_at).</param>
/// <param name="Presence">False for a private connection, which is not shown as a peer.</param>
/// <param name="Groups">At most 64; absent: those the member had.</param>
/// <param name="Incarnation">The broker database's incarnation that the resume points are from; where it differs they count for nothing.</param>
/// <param name="Resume">How far this device has stored each lane, at most one point a lane.</param>
/// <param name="Standing">How the member's peer is from its first moment on; absent: as it was while its lease runs, else idle and visible.</param>
public sealed record MemberHello(
    MeshId MeshId,
    PublicKey Pubkey,
    DeviceId DeviceId,
    string Client,
    string[] Features,
    long SentAt,
    byte[] Signature,
    DisplayName? DisplayName = null,
    string? Hostname = null,
    string? Platform = null,
    bool Presence = true,
    GroupTag[]? Groups = null,
    string? Incarnation = null,
    ResumePoint[]? Resume = null,
    Standing? Standing = null) : IRequest<MemberWelcome>, ILimited
{
    public static string WireType => "member_hello";

    string? ILimited.FindFault() =>
        Limit.TooLong("client", Client, 64)
        ?? Limit.TooMany("features", Features, 32)
        ?? Limit.TooLong("hostname", Hostname, WireLimits.HostnameCharsMax)
        ?? Limit.TooLong("platform", Platform, 64)
        ?? Limit.TooLong("incarnation", Incarnation, 64)
        ?? Limit.TooMany("groups", Groups, WireLimits.GroupsMax)
        ?? Limit.NotResume("resume", Resume)
        ?? Standing?.FindFault()
        ?? Limit.NotBytes("signature", Signature, WireLimits.SignatureBytes);
}

/// <summary>"Of this lane I have stored everything up to here."</summary>
/// <param name="Through">The position of a push; 0: nothing.</param>
[method: JsonConstructor]
public readonly record struct ResumePoint(Priority Lane, long Through);
