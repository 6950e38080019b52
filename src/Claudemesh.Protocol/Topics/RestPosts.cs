using System.Text.Json.Serialization;
using System.Text.Unicode;

namespace Claudemesh.Protocol;

/// <summary>The body of <c>POST /api/v1/messages</c>; answered by <see cref="MessagePosted"/>.</summary>
/// <param name="Topic">Id or name.</param>
/// <param name="Ciphertext">The body: of version 1 the UTF-8 bytes of a text, of versions 2 and 3 what was sealed.</param>
/// <param name="Nonce">24 bytes; of version 1 it may be left out, since nothing is sealed with it.</param>
/// <param name="Text">In place of both, of version 1 only: the text itself.</param>
/// <param name="Priority">Absent: <c>next</c>.</param>
/// <param name="BodyVersion">1 (absent) for plain text, 2 for a body under a 1.x topic key, 3 for ours.</param>
/// <param name="Mentions">Names, at most 16 of 1 to 64 characters; a leading <c>@</c> and capitals make no difference.</param>
/// <param name="ReplyToId">The id of a message of the same topic.</param>
/// <param name="Header">The associated data of a version 3 body.</param>
public sealed record PostMessage(
    string Topic,
    byte[]? Ciphertext = null,
    byte[]? Nonce = null,
    string? Text = null,
    Priority? Priority = null,
    int? BodyVersion = null,
    string[]? Mentions = null,
    string? ReplyToId = null,
    byte[]? Header = null) : ILimited
{
    public const int NonceSize = 24;
    public const int MentionsMax = 16;

    private const int MentionCharsMax = 64;

    string? ILimited.FindFault() =>
        TopicLimits.NotTopic(Topic)
        ?? (BodyVersion is null or (>= 1 and <= 3) ? null : "bodyVersion must be 1, 2 or 3")
        ?? (Text is null ? FindFault(Ciphertext) : FindFault(Text))
        ?? Limit.TooMany("mentions", Mentions, MentionsMax)
        ?? (Mentions?.All(static name => name is { Length: >= 1 and <= MentionCharsMax }) == false ? "mentions must be names of 1 to 64 characters" : null)
        ?? (ReplyToId?.Length == 0 ? "replyToId must be an id, or left out" : Limit.TooLong("replyToId", ReplyToId, WireId.CharsMax));

    private string? FindFault(string text) => text switch
    {
        "" => "text must have at least one character",
        _ when Ciphertext is not null || Nonce is not null || Header is not null => "text must not come together with ciphertext, nonce or header",
        _ when BodyVersion is 2 or 3 => "text must not come with bodyVersion 2 or 3: those are sealed bodies, sent as ciphertext",
        _ => null,
    };

    private string? FindFault(byte[]? body) => body switch
    {
        null or [] => "text, or ciphertext, must be given",
        _ when BodyVersion is null or 1 && !Utf8.IsValid(body) => "ciphertext must be the base64 of a text in UTF-8 with bodyVersion 1",
        _ when BodyVersion is 2 or 3 && Nonce is null => "nonce must be given with bodyVersion 2 or 3",
        _ when Nonce is { Length: not NonceSize } && (BodyVersion is 2 or 3 || Nonce.Length > 0) => $"nonce must have {NonceSize} bytes",
        _ when (BodyVersion == 3) != (Header is not null) => "header must be given with bodyVersion 3, and only with it",
        _ => null,
    };
}

/// <summary>A post was accepted and is durable. The three ids are one: 1.x had a row for the history and one for its queue.</summary>
/// <param name="Notifications">Members who were notified because the post mentions them.</param>
/// <param name="ReplyToId">As asked.</param>
/// <param name="Position">Ours: where it stands in the workspace's order.</param>
public sealed record MessagePosted(
    MessageId MessageId,
    MessageId HistoryId,
    MessageId QueueId,
    TopicName Topic,
    string TopicId,
    int Notifications,
    int BodyVersion,
    string? ReplyToId,
    long Position);

/// <summary>A message of a topic, as REST and streams show it. From <paramref name="Topic"/> on ours.</summary>
/// <param name="SenderPubkey">The member's key, whatever session sent it.</param>
/// <param name="Nonce">Empty where the sender gave none.</param>
/// <param name="BodyVersion">1, 2 or 3; see <see cref="PostMessage"/>.</param>
/// <param name="Encrypted">Whether the body is sealed, so that an API key cannot read it.</param>
/// <param name="Text">The body of one that is not, where it is a text.</param>
public sealed record TopicRow(
    MessageId Id,
    MemberId SenderMemberId,
    PublicKey SenderPubkey,
    DisplayName SenderName,
    byte[] Nonce,
    byte[] Ciphertext,
    int BodyVersion,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? ReplyToId,
    DateTimeOffset CreatedAt,
    TopicName Topic,
    string TopicId,
    long Position,
    Priority Priority,
    bool Encrypted,
    byte[]? Header = null,
    string? Text = null);

/// <summary>The answer of <c>GET /api/v1/topics/{topic}/messages</c>.</summary>
/// <param name="Messages">Newest first; with <c>after</c> oldest first. Fewer than asked for may be given, so that the answer stays small.</param>
/// <param name="More">Ours: whether there are more beyond the last one.</param>
public sealed record TopicRowPage(TopicName Topic, string TopicId, TopicRow[] Messages, bool More);

/// <summary>The answer of <c>PATCH /api/v1/topics/{topic}/read</c>.</summary>
/// <param name="ReadAt">When the mark was moved.</param>
/// <param name="Position">Ours: how far the member has read; never less than before.</param>
public sealed record TopicRead(TopicName Topic, string TopicId, DateTimeOffset ReadAt, long Position);
