using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>The answer of <c>GET /api/v1/notifications</c>: posts that mention the key's issuer, newest first.</summary>
/// <param name="Since">As asked, else a day ago.</param>
/// <param name="MentionedAs">The name under which he is mentioned.</param>
/// <param name="Unread">How many he has not read, however old, in the topics that the key may see; counted up to 1,000.</param>
/// <param name="More">Whether there are more beyond the last one: ask with <c>before</c> its id.</param>
public sealed record NotificationRows(NotificationRecord[] Notifications, DateTimeOffset Since, string MentionedAs, int Unread, bool More);

/// <param name="Id">The post's; there is no other of the notification.</param>
/// <param name="Nonce">Ours, with <paramref name="BodyVersion"/> and <paramref name="Header"/>: what is needed to open an encrypted post.</param>
/// <param name="Encrypted">Whether the body is sealed, so that an API key cannot read it.</param>
/// <param name="Text">The body of one that is not, where it is a text.</param>
public sealed record NotificationRecord(
    MessageId Id,
    MessageId NotificationId,
    string TopicId,
    TopicName TopicName,
    DisplayName SenderName,
    PublicKey SenderPubkey,
    byte[] Ciphertext,
    NotificationKind Kind,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? ReadAt,
    DateTimeOffset CreatedAt,
    byte[] Nonce,
    int BodyVersion,
    bool Encrypted,
    long Position,
    byte[]? Header = null,
    string? Text = null);
