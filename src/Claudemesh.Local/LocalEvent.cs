namespace Claudemesh.Local;

/// <summary>One event of the daemon; which of the records is set follows from <see cref="Kind"/>.</summary>
/// <param name="Kind">One of <see cref="EventKinds"/>; kinds that this client does not know are skipped.</param>
/// <param name="Id">
/// Set for messages, and for posts where only posts are followed: pass the last one to resume without a gap. Other events are not stored.
/// </param>
public sealed record LocalEvent(
    string Kind,
    string? Id,
    InboxItem? Message = null,
    MessageStatus? Receipt = null,
    PeerChange? Peer = null,
    WorkspaceStatus? Broker = null,
    Post? Post = null,
    LogState? Log = null,
    SharedState? State = null);

public static class EventKinds
{
    /// <summary>A message was stored; data is <see cref="InboxItem"/>.</summary>
    public const string Message = "message";

    /// <summary>A post arrived in a topic, or one that could not be read before can be read now; data is <see cref="Local.Post"/>.</summary>
    public const string Post = "post";

    /// <summary>What became of a message of ours rose; data is <see cref="MessageStatus"/>.</summary>
    public const string Receipt = "receipt";

    /// <summary>Somebody came or went; data is <see cref="PeerChange"/>.</summary>
    public const string Peer = "peer";

    /// <summary>A workspace's connection changed; data is <see cref="WorkspaceStatus"/>.</summary>
    public const string Broker = "broker";

    /// <summary>Where posts are followed, and once: all that was stored when the reader came has been told. Its id is the place to go on behind.</summary>
    public const string Current = "current";

    /// <summary>A shared value has changed; data is <see cref="SharedState"/>.</summary>
    public const string State = "state";

    /// <summary>A signed log, or what is known of its keys, has changed; data is <see cref="LogState"/>.</summary>
    public const string Log = "log";

    /// <summary>Events were dropped because this reader was slow: reconnect with the last id, and list peers afresh.</summary>
    public const string Resync = "resync";

    /// <summary>The last event of a daemon that was asked to stop: whoever follows waits for its return instead of starting it again.</summary>
    public const string Stopping = "stopping";
}

/// <param name="Change">joined, returned, left, visible, hidden; key_changed: the member goes on under another key, by the signature of the one before; or resync: list afresh.</param>
public sealed record PeerChange(string Workspace, string Change, string? Name, string? Key);
