namespace Claudemesh.Local;

/// <summary>That a post mentions this person, with the post as it was opened here.</summary>
/// <param name="Id">The post's.</param>
/// <param name="Kind">Always <c>mention</c> so far.</param>
/// <param name="Topic">Its name; of a dm the other one's.</param>
/// <param name="Sender">The sender's name as known here.</param>
/// <param name="Snippet">The first 240 characters of the text in one line; null when it could not be read, see <paramref name="Unreadable"/>.</param>
/// <param name="Encryption">One of <see cref="Encryptions"/>.</param>
/// <param name="Verified">The sender's member key signed it.</param>
/// <param name="ReadAt">Null: not read yet.</param>
public sealed record MyNotification(
    string Workspace,
    string Id,
    string Kind,
    string Topic,
    string TopicId,
    string Sender,
    string SenderKey,
    string? Snippet,
    string Encryption,
    bool Encrypted,
    bool Verified,
    string? Unreadable,
    bool Read,
    DateTimeOffset? ReadAt,
    DateTimeOffset SentAt)
{
    public const int SnippetCharsMax = 240;
}

/// <param name="Notifications">Newest first.</param>
/// <param name="Unread">In all of the workspaces that could be asked; counted up to 1,000 in each.</param>
/// <param name="More">Whether there are older ones.</param>
/// <param name="Stale">Workspaces whose broker could not be asked: theirs are not listed.</param>
public sealed record MyNotificationList(IReadOnlyList<MyNotification> Notifications, int Unread, bool More, IReadOnlyList<StaleWorkspace> Stale);

/// <summary>Marks notifications as read, on all of this person's devices. Exactly one of ids, topic and all.</summary>
/// <param name="Ids">Of posts, or the beginnings of them, at most 200.</param>
/// <param name="Topic">A name with or without <c>#</c>, or an id: all of that topic.</param>
/// <param name="Workspace">Null: all of them.</param>
public sealed record MarkNotifications(IReadOnlyList<string>? Ids = null, string? Topic = null, bool All = false, string? Workspace = null);

/// <param name="Marked">How many were unread until now.</param>
/// <param name="Stale">Workspaces whose broker could not be asked: nothing is marked there.</param>
public sealed record MarkedNotifications(int Marked, IReadOnlyList<StaleWorkspace> Stale);

/// <param name="Since">Of posts made then or later; null: however old.</param>
public sealed record NotificationQuery(bool Unread = false, DateTimeOffset? Since = null, int Count = LocalLimits.PostPageDefault, string? Workspace = null);
