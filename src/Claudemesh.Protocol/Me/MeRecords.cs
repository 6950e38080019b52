using System.Text.Json;
using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

// The answers of GET /api/v1/me/…: what there is for who asks. A key is of one workspace, so one is in them; an account that names none has all of its own.

/// <param name="UserId">The account's; of an API key its member's id.</param>
/// <param name="Meshes">By slug.</param>
public sealed record MyWorkspaces(string UserId, MyWorkspaceRow[] Meshes, MyWorkspaceTotals Totals);

/// <param name="Peers">Members, the issuer among them; of a key that is limited to topics those who are in them.</param>
/// <param name="Online">How many of these are connected.</param>
/// <param name="Topics">Those that the key may see, archived ones not counted.</param>
/// <param name="UnreadMentions">Counted up to 1,000.</param>
public sealed record MyWorkspaceRow(
    MeshId MeshId,
    string Slug,
    string Name,
    MemberId MemberId,
    MemberRole MyRole,
    DateTimeOffset JoinedAt,
    int Peers,
    int Online,
    int Topics,
    int UnreadMentions);

public sealed record MyWorkspaceTotals(int Meshes, int Peers, int Online, int Topics, int UnreadMentions);

/// <param name="Topics">The newest activity first; those in which nothing was posted last, by name.</param>
public sealed record MyTopicRows(MyTopicRow[] Topics, MyTopicRowTotals Totals);

/// <param name="Unread">Posts of others after what the issuer has read, counted up to 1,000; 0 where he has not joined.</param>
/// <param name="LastMessageAt">Null: nothing was posted.</param>
public sealed record MyTopicRow(
    string TopicId,
    TopicName Name,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Description,
    TopicVisibility Visibility,
    DateTimeOffset CreatedAt,
    MeshId MeshId,
    string MeshSlug,
    string MeshName,
    MemberId MemberId,
    int Unread,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? LastMessageAt);

public sealed record MyTopicRowTotals(int Topics, int Unread);

/// <param name="Notifications">Newest first.</param>
/// <param name="More">Ours: whether there are more beyond the last one.</param>
public sealed record MyNotificationRows(MyNotificationRow[] Notifications, MyNotificationTotals Totals, bool More);

/// <param name="Snippet">The first 240 characters of a plain post; null for one that is encrypted.</param>
/// <param name="Ciphertext">Of an encrypted one, with nonce and header; null for a plain one.</param>
public sealed record MyNotificationRow(
    MessageId NotificationId,
    MessageId MessageId,
    string TopicId,
    TopicName TopicName,
    MeshId MeshId,
    string MeshSlug,
    string MeshName,
    DisplayName SenderName,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Snippet,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] byte[]? Ciphertext,
    int BodyVersion,
    bool Read,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? ReadAt,
    DateTimeOffset CreatedAt,
    byte[]? Nonce = null,
    byte[]? Header = null);

/// <param name="Unread">However old; counted up to 1,000.</param>
/// <param name="Total">In this answer.</param>
public sealed record MyNotificationTotals(int Unread, int Total);

/// <summary>What others have posted, newest first.</summary>
/// <param name="Complete">False: more was posted since then. Ask with <paramref name="Before"/> to go on; of several workspaces name one for that.</param>
public sealed record MyActivityRows(MyPostRow[] Activity, MyActivityTotals Totals, bool Complete, MessageId? Before = null);

public sealed record MyActivityTotals(int Events);

/// <param name="Snippet">Of a plain post, where it is a text: its first 240 characters, or those about what was found. Null for one that is encrypted.</param>
/// <param name="Ciphertext">Of an encrypted one, with nonce and header; a search leaves them out.</param>
public sealed record MyPostRow(
    MessageId MessageId,
    string TopicId,
    TopicName TopicName,
    MeshId MeshId,
    string MeshSlug,
    string MeshName,
    DisplayName SenderName,
    MemberId SenderMemberId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Snippet,
    int BodyVersion,
    bool Encrypted,
    DateTimeOffset CreatedAt,
    byte[]? Ciphertext = null,
    byte[]? Nonce = null,
    byte[]? Header = null);

/// <summary>Topics whose name or description has a text, and posts whose sender's name or, where they are plain, whose text has it.</summary>
/// <param name="Query">As asked, without spaces around it. With fewer than two characters nothing is found.</param>
/// <param name="Messages">Newest first.</param>
/// <param name="Complete">False: older posts were not looked through. Ask with <paramref name="Before"/> to go on; of several workspaces name one for that.</param>
public sealed record MySearchRows(string Query, FoundTopicRow[] Topics, MyPostRow[] Messages, MySearchTotals Totals, bool Complete, MessageId? Before = null);

public sealed record FoundTopicRow(
    string Id,
    TopicName Name,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Description,
    MeshId MeshId,
    string MeshSlug,
    string MeshName);

public sealed record MySearchTotals(int Topics, int Messages);

/// <param name="Entries">Newest first, at most 500.</param>
public sealed record MyStateRows(MyStateRow[] Entries, MyStateTotals Totals);

/// <param name="Value">Null for one that is encrypted.</param>
public sealed record MyStateRow(
    MeshId MeshId,
    string MeshSlug,
    string Key,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonElement? Value,
    string UpdatedByName,
    DateTimeOffset UpdatedAt,
    bool Encrypted,
    long Revision);

public sealed record MyStateTotals(int Entries, int Meshes);

/// <param name="Memories">Newest first, at most 200; with a query the best first, at most 20, and encrypted ones left out.</param>
public sealed record MyMemoryRows([property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Query, MyMemoryRow[] Memories, MyMemoryTotals Totals);

/// <param name="Content">Null for one that is encrypted.</param>
/// <param name="Revision">Of an encrypted one.</param>
public sealed record MyMemoryRow(
    string Id,
    MeshId MeshId,
    string MeshSlug,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Content,
    string[] Tags,
    string RememberedByName,
    DateTimeOffset RememberedAt,
    bool Encrypted,
    long? Revision = null);

public sealed record MyMemoryTotals(int Entries);
