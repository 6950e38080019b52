namespace Claudemesh.Local;

/// <summary>A topic that this person may know of.</summary>
/// <param name="Name">Without <c>#</c>. A dm has one that says nothing; people call it by <paramref name="With"/>.</param>
/// <param name="Visibility">One of <see cref="TopicVisibilities"/>.</param>
/// <param name="With">The other one in a dm; null elsewhere.</param>
/// <param name="Role">This person's, one of <see cref="TopicRoles"/>; null where he has not joined.</param>
/// <param name="Unread">Posts of others behind his read mark: as many as are here, or as the broker counted last (up to 1,000), whichever are more.</param>
/// <param name="RetentionDays">How long posts are kept; null: for ever.</param>
/// <param name="Plain">Whether it takes posts that are not encrypted. This program never writes one.</param>
public sealed record Topic(
    string Workspace,
    string Id,
    string Name,
    string? Description,
    string Visibility,
    string? With,
    int Members,
    string? Role,
    long Unread,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ArchivedAt,
    int? RetentionDays,
    bool Plain);

/// <param name="Topics">By workspace and name.</param>
/// <param name="Stale">Workspaces whose broker could not be asked: their topics are those that were known last.</param>
public sealed record ListedTopics(IReadOnlyList<Topic> Topics, IReadOnlyList<StaleWorkspace> Stale);

public static class TopicVisibilities
{
    /// <summary>Every member of the workspace may find, join and read it.</summary>
    public const string Public = "public";

    /// <summary>For the members of its own log only, with a key of its own.</summary>
    public const string Private = "private";

    /// <summary>As private, between two.</summary>
    public const string Dm = "dm";
}

public static class TopicRoles
{
    /// <summary>Reads and does not post.</summary>
    public const string Observer = "observer";
    public const string Member = "member";

    /// <summary>May change, archive and admit.</summary>
    public const string Lead = "lead";
}

/// <param name="Name">With or without <c>#</c>; null for a dm, whose name is made.</param>
/// <param name="With">Who else is in a private topic, or the other one of a dm: names, keys, or beginnings of keys.</param>
/// <param name="Workspace">Null where the daemon has only one, or at a workspace's own socket.</param>
public sealed record CreateTopic(
    string? Name,
    string? Description = null,
    string Visibility = TopicVisibilities.Public,
    IReadOnlyList<string>? With = null,
    string? Workspace = null);

/// <param name="Created">False when it was there; then it was joined.</param>
public sealed record CreatedTopic(Topic Topic, bool Created);

/// <param name="Topic">A name with or without <c>#</c>, an id, or for a dm the other one's name.</param>
/// <param name="Observer">Only to read.</param>
public sealed record JoinTopic(string Topic, bool Observer = false, string? Workspace = null);

/// <summary>What was read in it is deleted here.</summary>
public sealed record LeaveTopic(string Topic, string? Workspace = null);

public sealed record LeftTopic(string Workspace, string Topic);

/// <summary>Changes the given parts of a topic, and leaves the others. For its leads, admins and the owner.</summary>
/// <param name="Description">Empty: none.</param>
/// <param name="RetentionDays">1 to 3,650; 0: for ever.</param>
/// <param name="Plain">Whether it takes posts that are not encrypted: a signed record of the log.</param>
public sealed record ChangeTopic(
    string Topic,
    string? Name = null,
    string? Description = null,
    bool? Archived = null,
    int? RetentionDays = null,
    bool? Plain = null,
    string? Workspace = null);

/// <summary>Moves this person's read mark, on all of his devices. A mark never goes back.</summary>
/// <param name="Through">The id of a post, or the beginning of one; null: all there are now.</param>
public sealed record ReadTopic(string Topic, string? Through = null, string? Workspace = null);

/// <summary>Somebody in a topic.</summary>
/// <param name="Verified">This person has compared the safety number.</param>
public sealed record TopicPerson(string Name, string Key, string Role, DateTimeOffset JoinedAt, DateTimeOffset? LastReadAt, bool Self, bool Verified);

public sealed record TopicPeople(string Workspace, string Topic, IReadOnlyList<TopicPerson> Members);

/// <summary>Admits a member to a private topic, gives him another role in it, or removes him from it.</summary>
/// <param name="Member">A name, a key, or a beginning of a key that only one has.</param>
/// <param name="Change">One of <see cref="TopicMemberChanges"/>.</param>
/// <param name="Role">One of <see cref="TopicRoles"/>; null with a removal.</param>
public sealed record ChangeTopicMember(string Topic, string Member, string Change, string? Role = null, string? Workspace = null);

public static class TopicMemberChanges
{
    public const string Admit = "admit";
    public const string Role = "role";

    /// <summary>A new key begins with it: he reads nothing that is written later.</summary>
    public const string Remove = "remove";
}

/// <param name="Role">Null: he is not in it any more.</param>
public sealed record TopicMemberChanged(string Workspace, string Topic, string Name, string Key, string? Role);

/// <summary>A message in a topic, as it was opened here.</summary>
/// <param name="Sequence">Rises with each post that arrives here, and is 0 for one that was only read back; what <c>Last-Event-ID</c> of a topic's events takes.</param>
/// <param name="Id">The broker's; replies name it.</param>
/// <param name="Sender">The sender's name as known here.</param>
/// <param name="Text">Null when it could not be read; see <paramref name="Unreadable"/>.</param>
/// <param name="Encryption">One of <see cref="Encryptions"/>.</param>
/// <param name="Verified">The sender's member key signed it.</param>
/// <param name="Unreadable">Why the text could not be read or is not believed; null when it could.</param>
/// <param name="Mentions">Names in lower case, without <c>@</c>.</param>
/// <param name="MentionsMe">Whether one of them is this person's, or that of an open session of his.</param>
/// <param name="Reply">What it answers, as far as that is known here.</param>
public sealed record Post(
    long Sequence,
    string Workspace,
    string Topic,
    string TopicId,
    string Id,
    string? ClientMessageId,
    string Sender,
    string SenderKey,
    string? SenderSessionKey,
    bool Own,
    string? Text,
    string Encryption,
    bool Encrypted,
    bool Verified,
    string? Unreadable,
    IReadOnlyList<string> Mentions,
    bool MentionsMe,
    string Priority,
    string? ReplyTo,
    ReplyExcerpt? Reply,
    DateTimeOffset SentAt);

/// <summary>A reason of <see cref="Post.Unreadable"/> and <see cref="InboxItem.Unreadable"/> that passes by itself.</summary>
public static class UnreadableReasons
{
    /// <summary>A root or the log is not here yet. What it turns out to be comes anew.</summary>
    public const string WaitingForKey = "waiting_for_key";
}

/// <param name="Text">Its first 60 characters in one line; null when it could not be read.</param>
public sealed record ReplyExcerpt(string Sender, string? Text);

/// <param name="Posts">Oldest first.</param>
/// <param name="After">Of the newest post that had arrived when the page was read: events from here on are gapless behind it.</param>
/// <param name="More">Whether there are older ones.</param>
/// <param name="Trouble">Why older ones could not be asked of the broker; null when they could, or needed not.</param>
public sealed record PostPage(string Workspace, string Topic, IReadOnlyList<Post> Posts, long After, bool More, string? Trouble);

/// <param name="Count">How many at most, 1 to 200.</param>
/// <param name="Before">Only older ones than this: the id of a post, or its beginning.</param>
public sealed record PostQuery(string Topic, int Count = LocalLimits.PostPageDefault, string? Before = null, string? Workspace = null);
