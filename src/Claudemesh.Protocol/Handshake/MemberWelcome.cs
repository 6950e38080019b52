namespace Claudemesh.Protocol;

/// <summary>The broker believes the hello. Pushes follow.</summary>
/// <param name="Connection">The broker's number of this connection, for both sides' logs.</param>
/// <param name="Slug">The workspace's short name.</param>
/// <param name="Name">The workspace's name for people.</param>
/// <param name="Incarnation">The database's incarnation, hexadecimal. Positions of another one mean nothing.</param>
/// <param name="FrameBytesMax">The largest frame this broker reads.</param>
/// <param name="BodyBytesMax">The largest header + nonce + ciphertext, decoded, that a send may have.</param>
/// <param name="ServerTime">The broker's clock, ms since 1970.</param>
/// <param name="Features">The features of the hello that are on for this connection.</param>
/// <param name="ArchivedAt">Since when the workspace is read-only; absent: it is not.</param>
public sealed record MemberWelcome(
    long Connection,
    MemberId MemberId,
    DisplayName DisplayName,
    MemberRole Role,
    MeshId MeshId,
    Slug Slug,
    string Name,
    string Incarnation,
    int FrameBytesMax,
    int BodyBytesMax,
    long ServerTime,
    string[] Features,
    DateTimeOffset? ArchivedAt = null) : IMessage
{
    public static string WireType => "member_welcome";
}
