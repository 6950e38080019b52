namespace Claudemesh.Local;

/// <summary>Looks for messages that are here and can be read: what came to the inbox, what was posted in this person's topics, what he has sent.</summary>
/// <param name="Words">Any text. A message is found by all of its words, each as the beginning of one, accents and case aside; the first 16 count.</param>
/// <param name="Topic">Only what was posted there: a name with or without <c>#</c>, an id, or for a dm the other one's name.</param>
/// <param name="From">Only from this sender: his name in any case, his key or at least 4 digits of it.</param>
/// <param name="Workspace">Null: all workspaces.</param>
/// <param name="Limit">1 to <see cref="LocalLimits.FoundMax"/>.</param>
public sealed record SearchMessages(
    string Words, string? Topic = null, string? From = null, string? Workspace = null, int Limit = LocalLimits.FoundDefault);

/// <param name="Topics">Whose name or description has all of the words; none where a topic or a sender was named.</param>
/// <param name="Messages">The newest first.</param>
/// <param name="More">Whether there are older ones.</param>
/// <param name="Complete">False: messages from before there was an index are still being put into it.</param>
public sealed record SearchResult(IReadOnlyList<Topic> Topics, IReadOnlyList<FoundMessage> Messages, bool More, bool Complete);

/// <summary>A message that was found.</summary>
/// <param name="Kind">One of <see cref="FoundKinds"/>.</param>
/// <param name="Topic">The topic's name where it was posted in one; null elsewhere.</param>
/// <param name="MessageId">The broker's id; null until it has accepted.</param>
/// <param name="Own">This person wrote it.</param>
/// <param name="To">Whom it was addressed to, as the inbox or whoever sent it calls them.</param>
/// <param name="Excerpt">The text about the first word that was found, in one line.</param>
/// <param name="Verified">The sender's member key signed it.</param>
public sealed record FoundMessage(
    string Workspace,
    string Kind,
    string? Topic,
    string? TopicId,
    string? MessageId,
    string? ClientMessageId,
    string Sender,
    string SenderKey,
    bool Own,
    string To,
    string Text,
    string Excerpt,
    string Encryption,
    bool Encrypted,
    bool Verified,
    DateTimeOffset SentAt);

public static class FoundKinds
{
    /// <summary>It came to this person, alone or among others.</summary>
    public const string Inbox = "inbox";

    /// <summary>It was posted in a topic.</summary>
    public const string Post = "post";

    /// <summary>This person sent it from here.</summary>
    public const string Sent = "sent";
}
