using System.Threading.Channels;
using Claudemesh.Client;
using Claudemesh.Daemon.Api;
using Claudemesh.Daemon.Brokers;
using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Events;
using Claudemesh.Daemon.Inbox;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Objects;
using Claudemesh.Daemon.Outbox;
using Claudemesh.Daemon.Topics;
using Claudemesh.Local;
using Claudemesh.Protocol;
using MessageStates = Claudemesh.Local.MessageStates;

namespace Claudemesh.Daemon.Workspaces;

/// <summary>What flows over a workspace's connection while it is open: pushes in, the outbox out, receipts and comings and goings.</summary>
internal sealed partial class Traffic(
    LiveWorkspace workspace,
    BrokerLink link,
    WorkspaceStore store,
    InboxStore inbox,
    OutboxStore outbox,
    EventFeed feed,
    ReadReceipts receipts,
    RosterCache roster,
    Opener opener,
    OutboxDrain drain,
    ReadTeller reader,
    KeyTraffic keys,
    LateOpening late,
    TopicTraffic topics,
    LatePosts latePosts,
    ObjectTraffic objects,
    Action<IReadOnlyCollection<string>> settled,
    TimeProvider clock,
    ILoggerFactory loggers)
{
    private const int StatesMax = 256;

    private readonly Channel<Receipt> receiptsIn = Channel.CreateBounded<Receipt>(new BoundedChannelOptions(1024) { SingleReader = true });
    private readonly Channel<bool> catchUp = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ILogger<Traffic> logger = loggers.CreateLogger<Traffic>();
    private volatile Receiver receiver = null!;

    private WorkspaceRow Row => workspace.Row;

    /// <summary>Gets ready for a connection: what it pushes before <see cref="RunAsync"/> waits.</summary>
    public void Begin() => receiver = new Receiver(
        Row.No, inbox, opener, workspace.Topics.Maker, link.NotifyAsync, TellStored, clock, loggers.CreateLogger<Receiver>());

    /// <summary>Runs until the connection ends.</summary>
    /// <returns>That the connection must end and the next one begin at once: a push went missing, or the hello was out of date.</returns>
    public async Task<bool> RunAsync(MemberWelcome welcome, CancellationToken connected)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(connected);
        await store.WelcomeAsync(Row.No, welcome.Name, welcome.Role.ToString().ToLowerInvariant(), welcome.DisplayName.Value, welcome.Incarnation, connected);
        workspace.Welcome(welcome);
        link.Incarnation = welcome.Incarnation;
        roster.MarkStale();

        // Said while the hello was on its way: the next one, at once, knows it.
        if (workspace.Self.IsAheadOfHello)
            return true;

        Task<bool> receiving = receiver.RunAsync(ended.Token);
        Task draining = drain.RunAsync(() => catchUp.Writer.TryWrite(true), ended.Token);
        Task catchingUp = CatchUpAsync(ended.Token);
        Task raising = RaiseAllAsync(ended.Token);
        Task keeping = keys.RunAsync(ended.Token);
        Task opening = late.RunAsync(ended.Token);
        Task sharing = objects.RunAsync(welcome.Incarnation, ended.Token);
        Task listing = topics.RunAsync(ended.Token);
        Task openingPosts = latePosts.RunAsync(ended.Token);

        // The receiver returns by itself when a push went missing; nothing else does before the connection ends. What fails, on a full disk for
        // instance, ends it too: the next one asks again what was not written down.
        Task first = await Task.WhenAny(receiving, draining, catchingUp, raising, keeping, opening, sharing, listing, openingPosts);
        await ended.CancelAsync();
        await Task.WhenAll(receiving, draining, catchingUp, raising, keeping, opening, sharing, listing, openingPosts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
        return first == receiving && await receiving;
    }

    public async ValueTask PushedAsync(Push push, CancellationToken connected)
    {
        if (push.Subtype is null or "reminder")
        {
            await receiver.OfferAsync(push, connected);
            return;
        }

        if (!SystemEvent.TryRead(push, out SystemEvent? happened))
            return;

        roster.MarkStale();
        PeerChange? change = happened switch
        {
            SystemEvent.PeerJoined joined => new PeerChange(Row.Slug, "joined", joined.PeerName, joined.Pubkey.ToString()),
            SystemEvent.PeerReturned back => new PeerChange(Row.Slug, "returned", back.PeerName, back.Pubkey.ToString()),
            SystemEvent.PeerLeft left => new PeerChange(Row.Slug, "left", left.PeerName, left.Pubkey.ToString()),
            SystemEvent.PeerVisible visible => new PeerChange(Row.Slug, "visible", visible.PeerName, visible.Pubkey.ToString()),
            SystemEvent.PeerHidden hidden => new PeerChange(Row.Slug, "hidden", hidden.PeerName, hidden.Pubkey.ToString()),
            _ => null,
        };
        if (change is not null)
            feed.Publish(Row.Slug, new LocalEvent(EventKinds.Peer, null, Peer: change));
    }

    /// <summary>What is told besides messages and receipts: what changed, or that some of it was left out.</summary>
    public void Hear(BrokerEvent happened)
    {
        switch (happened)
        {
            case BrokerEvent.HeadMoved head:
                keys.Hear(head.Moved);
                break;
            case BrokerEvent.CopiesAsked asked:
                keys.Hear(asked.Wanted);
                break;
            case BrokerEvent.CopyGiven given:
                keys.Hear(given.Given);
                break;
            case BrokerEvent.TopicTold topic:
                topics.Hear(topic.Change);
                break;
            case BrokerEvent.ObjectTold told:
                objects.Hear(told.Changed);
                break;
            case BrokerEvent.WorkspaceTold told:
                workspace.Hear(told.Change);
                break;
            case BrokerEvent.ResyncNeeded { Reason: Resync.OfAudit }:
                workspace.AuditGrowth.Grew();
                break;
            case BrokerEvent.ResyncNeeded { Reason: Resync.OfPeers }:
                ResyncPeers();
                break;
            case BrokerEvent.ResyncNeeded:
                keys.Resync();
                objects.Resync();
                topics.Resync();
                workspace.AuditGrowth.Grew();
                ResyncPeers();
                break;
        }
    }

    public ValueTask ReceiptAsync(Receipt receipt, CancellationToken connected) => receiptsIn.Writer.WriteAsync(receipt, connected);

    public void StateChanged() => feed.Publish(Row.Slug, new LocalEvent(EventKinds.Broker, null, Broker: workspace.DescribeConnection()));

    private void ResyncPeers()
    {
        roster.MarkStale();
        feed.Publish(Row.Slug, new LocalEvent(EventKinds.Peer, null, Peer: new PeerChange(Row.Slug, "resync", null, null)));
    }

    private void TellStored(Stored stored)
    {
        // What it waits for may have come between its opening and its storing, when nobody could find it yet.
        if (stored.Waits)
        {
            late.Wake();
            latePosts.Wake();
        }

        if (stored.Messages > 0)
            feed.MessagesStored(Row.Slug);
        if (stored.Posts > 0)
            feed.PostsStored(Row.Slug);
    }

    private async Task RaiseAllAsync(CancellationToken connected)
    {
        while (await receiptsIn.Reader.WaitToReadAsync(connected))
        {
            var batch = new List<Receipt>();
            while (batch.Count < StatesMax && receiptsIn.Reader.TryRead(out Receipt? receipt))
                batch.Add(receipt);
            await RaiseAsync(batch, connected);
        }
    }

    private async Task RaiseAsync(IEnumerable<Receipt> told, CancellationToken cancellationToken)
    {
        Raise[] raises =
        [
            .. from receipt in told
               let state = StateOf(receipt)
               where state is not null
               select new Raise(receipt.ClientMessageId, receipt.MessageId.Value, state, receipt.Reason, CountsOf(receipt)),
        ];
        IReadOnlyCollection<string> changed = raises.Length == 0 ? [] : await outbox.RaiseAsync(Row.No, raises, cancellationToken);
        if (changed.Count > 0)
            settled(changed);
    }

    private static Tally CountsOf(Receipt receipt) =>
        new(receipt.Recipients, receipt.Delivered, receipt.Surfaced, receipt.Read, receipt.Refused, receipt.Expired);

    /// <summary>For one recipient one count is the state; for several the counts say it. Nothing new is null.</summary>
    private static string? StateOf(Receipt receipt) => receipt switch
    {
        { Read: > 0 } => MessageStates.Read,
        { Refused: > 0 } => MessageStates.Refused,
        { Expired: > 0 } => MessageStates.Expired,
        { Surfaced: > 0 } => MessageStates.Surfaced,
        { Delivered: > 0 } => MessageStates.Delivered,
        _ => null,
    };

    /// <summary>Receipts are not queued for us: what is still open is asked about on every connection. Senders are told what was read meanwhile.</summary>
    private async Task CatchUpAsync(CancellationToken connected)
    {
        if (receipts.Enabled)
            await reader.TellAsync(connected);

        catchUp.Writer.TryWrite(true);
        while (await catchUp.Reader.WaitToReadAsync(connected))
        {
            catchUp.Reader.TryRead(out _);
            await AskOpenAsync(connected);
        }
    }

    private async Task AskOpenAsync(CancellationToken connected)
    {
        long after = 0;
        while (outbox.ReadOpen(Row.No, after, StatesMax, out long last) is { Count: > 0 } open)
        {
            after = last;
            MessageId[] ids = [.. open.Select(MessageId.Parse)];
            LocalReply<MessageStatesResult> asked = await link.AskAsync<Protocol.MessageStates, MessageStatesResult>(new Protocol.MessageStates(ids), connected);
            if (!asked.Succeeded)
            {
                LogNotCaughtUp(asked.Problem.Error);
                return;
            }

            await RaiseAsync(
                asked.Value.Results
                    .Where(row => row.Found)
                    .Select(row => new Receipt(row.MessageId, row.Recipients, row.Delivered, row.Surfaced, row.Read, row.Refused, row.Expired)),
                connected);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What became of earlier messages could not be asked: {Reason}")]
    private partial void LogNotCaughtUp(string reason);
}
