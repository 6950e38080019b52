using Claudemesh.Broker.Grants;
using Claudemesh.Broker.Log;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Objects;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Streams;
using Claudemesh.Broker.Topics;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Workspaces;

/// <summary>An open workspace: who is in it, who is here, and the loop that delivers.</summary>
internal sealed class Workspace : IDisposable
{
    private readonly TimeProvider clock;
    private readonly PresenceNews news;
    private readonly ITimer leases;

    public Workspace(WorkspaceRow row, OpenParts parts, TimeProvider clock)
    {
        Row = row;
        Members = parts.Members;
        Addresses = parts.Addresses;
        Sockets = parts.Sockets;
        Loop = parts.Loop;
        Ids = parts.Ids;
        Grants = parts.Grants;
        Activation = parts.Activation;
        Logs = parts.Logs;
        Topics = parts.Topics;
        Feed = parts.Feed;
        this.clock = clock;
        Objects = new ObjectNews(parts.Sockets);
        Streams = new WorkspaceStreams(this);
        news = new PresenceNews(this, clock);
        Visitors = new RestVisitors(clock, news.Schedule);
        leases = clock.CreateTimer(_ => EndLeases(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public WorkspaceRow Row { get; private set; }

    public MeshId Id => Row.Id;

    public Activation Activation { get; }

    public MemberBook Members { get; }

    public AddressBook Addresses { get; }

    public ScopeLogs Logs { get; }

    public TopicBook Topics { get; }

    /// <summary>Every post in a topic, as it becomes durable.</summary>
    public TopicFeed Feed { get; }

    /// <summary>The open streams of its topics.</summary>
    public WorkspaceStreams Streams { get; }

    public GrantBook Grants { get; }

    public SocketEffects Sockets { get; }

    public MessageIds Ids { get; }

    public PresenceRoster Roster { get; } = new();

    /// <summary>Who is here by REST.</summary>
    public RestVisitors Visitors { get; }

    public WorkspaceLoop Loop { get; }

    public PresenceNews News => news;

    public ObjectNews Objects { get; }

    /// <summary>Call after the store has it.</summary>
    public void Rename(Slug slug, string name) => Row = Row with { Slug = slug, Name = name };

    /// <summary>It can only be read.</summary>
    public bool IsArchived => Row.ArchivedAt is not null;

    public DateTimeOffset? ArchivedAt => Row.ArchivedAt is { } at ? new Instant(at).ToTime() : null;

    /// <summary>Call after the store has it.</summary>
    public void Archive(long? archivedAt) => Row = Row with { ArchivedAt = archivedAt };

    /// <summary>Call after the store has it.</summary>
    public void SetOwner(PublicKey owner) => Row = Row with { OwnerKey = owner };

    /// <summary>Who has, or had, this seat in a topic.</summary>
    public MailboxOwner? FindSeated(MailboxNo seat) => Topics.FindOwner(seat) is { } member ? Members.Find(member)?.Address : null;

    /// <summary>The connection has ended: its readers let go of what was in flight, its peers keep their place for the grace.</summary>
    public void Lose(SocketConnection connection, bool goodbye)
    {
        if (connection.Caller is not { } caller)
            return;

        Sockets.Remove(connection, caller.MemberNo);
        Loop.Post(new Detach(connection.No));
        // Who was removed does not come back within the grace.
        IReadOnlyList<RosterPeer> gone = Roster.Lose(connection, goodbye || caller.Member.Removed, clock.GetUtcNow());
        if (gone.Count > 0)
            News.Left(gone);
        else
            SetLeaseTimer();
    }

    /// <summary>Tells the core who belongs to what; called after every change of members, groups, tags or grants.</summary>
    public void RefreshDirectory()
    {
        Loop.Post(new DirectoryChanged(DirectorySnapshot.Of(this)));
        Streams.CheckMembers();
    }

    public void Dispose()
    {
        Streams.EndAll(MeshError.WorkspaceMoved);
        leases.Dispose();
        Visitors.Dispose();
        news.Dispose();
        Loop.Dispose();
        Grants.Dispose();
        Logs.Dispose();
    }

    private void EndLeases()
    {
        IReadOnlyList<RosterPeer> lapsed = Roster.TakeLapsed(clock.GetUtcNow());
        if (lapsed.Count > 0)
            News.Left(lapsed);

        SetLeaseTimer();
    }

    private void SetLeaseTimer()
    {
        if (Roster.NextLapse() is not { } next)
            return;

        TimeSpan wait = next - clock.GetUtcNow();
        leases.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
