using System.Collections.Concurrent;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Account;
using Claudemesh.Daemon.Brokers;
using Claudemesh.Daemon.Api;
using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Doors;
using Claudemesh.Daemon.Events;
using Claudemesh.Daemon.Inbox;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Objects;
using Claudemesh.Daemon.Outbox;
using Claudemesh.Daemon.Rekeying;
using Claudemesh.Daemon.Search;
using Claudemesh.Daemon.Self;
using Claudemesh.Daemon.Sessions;
using Claudemesh.Daemon.Topics;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Workspaces;

/// <summary>Puts a joined workspace to work, and at the end to rest: its keys, its connection with what flows over it, its door.</summary>
internal sealed partial class WorkspaceOpening(
    WorkspaceStore store,
    MemberKeys memberKeys,
    ContactStore contacts,
    OutboxStore outbox,
    InboxStore inbox,
    SelfStore selves,
    KeyStore keyStore,
    OldKeyStore oldKeys,
    TopicStore topicStore,
    PostStore posts,
    ObjectStore objectStore,
    JoinedWorkspaces workspaces,
    SocketDoors doors,
    AccountSignals signals,
    EventFeed feed,
    StateWaiters waiters,
    ReadReceipts receipts,
    Service service,
    IServiceProvider services,
    ILoggerFactory loggers,
    TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan TendEvery = TimeSpan.FromHours(6);

    private readonly CancellationTokenSource stopping = new();
    private readonly List<Task> running = [];
    private readonly ConcurrentDictionary<long, (CancellationTokenSource Ended, Task Running)> links = new();
    private readonly Lock gate = new();
    private readonly ILogger<WorkspaceOpening> logger = loggers.CreateLogger<WorkspaceOpening>();
    private string deviceId = "";

    // Asked for late: describing a send needs the workspaces, which are opened here.
    private Outgoing Outgoing => services.GetRequiredService<Outgoing>();

    private Rekey Rekey => services.GetRequiredService<Rekey>();

    private OpenSessions Sessions => services.GetRequiredService<OpenSessions>();

    public async Task OpenAllAsync(CancellationToken cancellationToken)
    {
        deviceId = await store.KeepDeviceIdAsync(RandomBytes.NextId(), cancellationToken);
        foreach (WorkspaceRow row in store.List())
        {
            if (!await TryOpenAsync(row, cancellationToken))
                workspaces.Lock(row);
        }

        _ = Run(Sessions.WatchAsync(stopping.Token), stopping.Token);
        _ = Run(TendAsync(stopping.Token), stopping.Token);
        _ = Run(services.GetRequiredService<MessageIndex>().FillAsync(stopping.Token), stopping.Token);
    }

    /// <summary>Opens what was shut, as far as its key is here now.</summary>
    /// <returns>What was opened.</returns>
    public async Task<IReadOnlyList<WorkspaceRow>> OpenLockedAsync(CancellationToken cancellationToken)
    {
        var opened = new List<WorkspaceRow>();
        foreach (WorkspaceRow row in workspaces.Locked)
        {
            if (await TryOpenAsync(row, cancellationToken))
                opened.Add(row);
        }

        return opened;
    }

    private async Task<bool> TryOpenAsync(WorkspaceRow row, CancellationToken cancellationToken)
    {
        using SecretBytes? seed = memberKeys.Find(row);
        if (seed is not null)
            await OpenAsync(row, cancellationToken);
        return seed is not null;
    }

    /// <summary>Connects a workspace and opens its door; returns at once, whether or not the broker can be reached.</summary>
    public async Task<LiveWorkspace> OpenAsync(WorkspaceRow row, CancellationToken cancellationToken)
    {
        using SecretBytes seed = memberKeys.Find(row) ?? throw new InvalidOperationException("The key of this workspace is with an account that is logged out.");
        var identity = new MemberIdentity(row.MeshId, seed.Expose(), oldKeys.List(row.MeshId));
        var pins = new PinBook(row.No, contacts) { WhenMarked = () => signals.Stir(row.Broker) };
        var self = new SelfBook(row, selves);
        var link = new BrokerLink(row, identity, deviceId, self.IntroduceMember, service.ShowsPresence, inbox, clock, loggers.CreateLogger<BrokerLink>())
        {
            WhenTakenOff = away => TakenOffAsync(row.No, away),
            WhenAccountChanged = () => signals.Stir(row.Broker, asksAll: true),
            WhenUnknown = () => _ = Run(Rekey.KeepLookingAsync(row.No, stopping.Token), stopping.Token),
        };
        var keys = new WorkspaceKeys(row, identity, link, keyStore, clock, loggers.CreateLogger<WorkspaceKeys>());
        var roster = new RosterCache(pins, () => keys.Mesh.State, link.AskRosterAsync, clock, loggers.CreateLogger<RosterCache>());
        var sessions = new SessionBoard(row, identity, link, self, inbox, loggers.CreateLogger<SessionBoard>());
        var shared = new SharedKeys(keys);
        var drain = new OutboxDrain(
            row.No,
            outbox,
            new Sealer(identity, sessions.IsKnown, key => keys.Mesh.State.Follow(key)),
            shared.ReadyAsync,
            shared.MarkStale,
            link.SendAsync,
            TellSettled,
            clock,
            loggers.CreateLogger<OutboxDrain>());
        var reader = new ReadTeller(row.No, identity, link, inbox);
        var opener = new Opener(identity, pins, keys, roster.FindName, clock);
        var book = new TopicBook(row, keys, topicStore, pins.NameOf);
        var maker = new PostMaker(identity, book, name => sessions.HasName(name) || name == identity.Public.ToString() || string.Equals(self.Find(SelfBook.Member).Name?.Value ?? row.DisplayName, name, StringComparison.OrdinalIgnoreCase));
        var topics = new WorkspaceTopics(row, link, keys, book, posts, maker, opener, token => roster.GetAsync(fresh: false, token), () => feed.PostsStored(row.Slug));
        var objects = new SharedObjects(row, identity, link, keys, objectStore, clock, loggers.CreateLogger<SharedObjects>());
        var summaries = new SummaryKeeper(row, identity, self, sessions, objects, keys, loggers.CreateLogger<SummaryKeeper>());
        var workspace = new LiveWorkspace(
            row, identity, link, pins, roster, sessions, self, new SelfTeller(self, link, sessions, summaries), drain, reader, keys, objects, summaries, topics, clock);
        if (!workspaces.Add(workspace))
        {
            await workspace.DisposeAsync();
            return workspaces.FindByNo(row.No)!;
        }

        var latePosts = new LatePosts(row, topics, () => TellPosts(row), loggers.CreateLogger<LatePosts>());
        var late = new LateOpening(row, inbox, opener, _ => feed.MessagesStored(workspace.Row.Slug), loggers.CreateLogger<LateOpening>());
        var topicTraffic = new TopicTraffic(
            row, topics, new TopicKeySharing(row, identity, link, keys, loggers.CreateLogger<TopicKeySharing>()), loggers.CreateLogger<TopicTraffic>());
        KeyTraffic keyTraffic = FollowKeys(workspace, drain, late, latePosts, topicTraffic);
        objects.WhenShown = new ObjectNews(workspace, feed).Tell;
        var objectTraffic = new ObjectTraffic(row, link, objects, summaries, keys, clock, loggers.CreateLogger<ObjectTraffic>());
        var traffic = new Traffic(
            workspace, link, store, inbox, outbox, feed, receipts, roster, opener, drain, reader, keyTraffic, late,
            topicTraffic, latePosts, objectTraffic, TellSettled, clock, loggers);
        var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        links[row.No] = (ended, Run(link.RunAsync(traffic, ended.Token), ended.Token));
        await Sessions.AnnounceInAsync(workspace, cancellationToken);
        if (await doors.OpenWorkspaceAsync(row.Slug, cancellationToken) is { } problem)
            LogNoDoor(row.Slug, problem.Detail);
        return workspace;
    }

    /// <summary>What a change of the log means: pins move, the roster is asked for again, what waited is opened and sent, and a fork is told to everybody.</summary>
    private KeyTraffic FollowKeys(LiveWorkspace workspace, OutboxDrain drain, LateOpening late, LatePosts latePosts, TopicTraffic topics)
    {
        WorkspaceKeys keys = workspace.Keys;
        keys.WhenChanged(scope =>
        {
            if (scope == keys.Mesh)
                _ = Run(FollowPinsAsync(workspace), stopping.Token);
            workspace.ForgetRoster();
            signals.Stir(workspace.Row.Broker);
            Wake();
            topics.KeysChanged();
            drain.KeysChanged();
            feed.Publish(workspace.Row.Slug, new LocalEvent(EventKinds.Log, null, Log: workspace.DescribeLog(scope)));
        });
        var beginning = new LogBeginning(workspace, loggers.CreateLogger<LogBeginning>());
        var following = new KeyFollowing(workspace, loggers.CreateLogger<KeyFollowing>());
        keys.WhenRead = FollowAsync;
        return new KeyTraffic(workspace.Row, keys, beginning.BeginAsync, Wake, clock, loggers.CreateLogger<KeyTraffic>());

        Task FollowAsync(ScopeKeys scope, CancellationToken connected)
        {
            // What could not be told or asked without a connection is now.
            if (scope == keys.Mesh)
                signals.Stir(workspace.Row.Broker);

            // It closes this connection, so it is not waited for here.
            if (scope == keys.Mesh && oldKeys.FindBegun(workspace.Row.MeshId) is not null)
                _ = Run(Rekey.GoOnAsync(workspace.Row.No, stopping.Token), stopping.Token);
            return following.FollowAsync(scope, connected);
        }

        void Wake()
        {
            late.Wake();
            latePosts.Wake();
        }
    }

    private async Task FollowPinsAsync(LiveWorkspace workspace)
    {
        foreach (Contact moved in await workspace.Pins.FollowAsync(workspace.Keys.Mesh.State, stopping.Token))
        {
            if (!workspace.Identity.IsOwn(moved.Key))
                feed.Publish(workspace.Row.Slug, new LocalEvent(EventKinds.Peer, null, Peer: new PeerChange(workspace.Row.Slug, "key_changed", moved.Name, moved.Key.ToString())));
        }
    }

    /// <summary>Ends a workspace's connection and closes its door; what it has stored stays.</summary>
    public async Task CloseAsync(LiveWorkspace workspace, CancellationToken cancellationToken)
    {
        workspaces.Remove(workspace);
        if (links.TryRemove(workspace.Row.No, out (CancellationTokenSource Ended, Task Running) link))
        {
            await link.Ended.CancelAsync();
            await link.Running;
            link.Ended.Dispose();
        }

        await doors.CloseWorkspaceAsync(workspace.Row.Slug, cancellationToken);
        await workspace.DisposeAsync();
    }

    public async Task CloseAllAsync()
    {
        await stopping.CancelAsync();
        Task[] all;
        lock (gate)
            all = [.. running];
        await Task.WhenAll(all);
        foreach (LiveWorkspace workspace in workspaces.All)
            await workspace.DisposeAsync();
        foreach ((CancellationTokenSource ended, _) in links.Values)
            ended.Dispose();
    }

    public void Dispose() => stopping.Dispose();

    /// <summary>The broker took this daemon off: remembered over restarts, and after a removal nothing waits for it any more.</summary>
    private async Task TakenOffAsync(long no, Absence away)
    {
        await store.SetAbsenceAsync(no, away, CancellationToken.None);
        if (!away.IsRemoval)
            return;

        await topicStore.DeleteAllAsync(no, CancellationToken.None);
        TellSettled(await outbox.RefuseWaitingAsync(no, MeshError.SenderRemoved.Message, CancellationToken.None));
    }

    private Task Run(Task task, CancellationToken until)
    {
        Task guarded = GuardAsync(task, until);
        lock (gate)
        {
            running.RemoveAll(one => one.IsCompleted);
            running.Add(guarded);
        }

        return guarded;
    }

    private async Task GuardAsync(Task task, CancellationToken until)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException) when (until.IsCancellationRequested)
        {
            // The daemon stops, or the workspace is closed.
        }
#pragma warning disable CA1031 // One workspace's bug is logged and does not end the others.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogFailed(error);
        }
    }

    /// <summary>Posts have become readable, and with them messages that mention this person.</summary>
    private void TellPosts(WorkspaceRow row)
    {
        feed.PostsStored(row.Slug);
        feed.MessagesStored(row.Slug);
    }

    private void TellSettled(IReadOnlyCollection<string> batches)
    {
        foreach (string batch in batches)
        {
            waiters.Changed(batch);
            if (feed.HasFollowers && Outgoing.Describe(batch) is { } status)
                feed.Publish(status.Workspace, new LocalEvent(EventKinds.Receipt, null, Receipt: status));
        }
    }

    /// <summary>Deletes what has been kept long enough, in small slices.</summary>
    private async Task TendAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TendEvery, clock);
        do
        {
            while (await outbox.PruneAsync(cancellationToken) > 0
                || await inbox.PruneAsync(cancellationToken) > 0
                || await posts.PruneAsync(cancellationToken) > 0
                || await selves.PruneAsync(cancellationToken) > 0)
                await Task.Yield();
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Workspace {Slug} has no socket of its own: {Reason}")]
    private partial void LogNoDoor(string slug, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A part of the daemon failed; the rest goes on")]
    private partial void LogFailed(Exception error);
}
