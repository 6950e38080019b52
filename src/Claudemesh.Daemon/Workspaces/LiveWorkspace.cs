using Claudemesh.Daemon.Auditing;
using Claudemesh.Daemon.Brokers;
using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Inbox;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Objects;
using Claudemesh.Daemon.Outbox;
using Claudemesh.Daemon.Self;
using Claudemesh.Daemon.Sessions;
using Claudemesh.Daemon.Topics;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Workspaces;

/// <summary>A joined workspace at work: who this person is in it, whom it knows, and its connection.</summary>
internal sealed class LiveWorkspace(
    WorkspaceRow row, MemberIdentity identity, BrokerLink link, PinBook pins, RosterCache roster, SessionBoard sessions, SelfBook self, SelfTeller teller, OutboxDrain drain, ReadTeller reader, WorkspaceKeys keys,
    SharedObjects objects, SummaryKeeper summaries, WorkspaceTopics topics, TimeProvider clock)
    : IAsyncDisposable
{
    /// <summary>The role of who has joined and is no member yet, until the broker welcomes him.</summary>
    public const string WaitingRole = "waiting";

    private WorkspaceRow current = row;

    public WorkspaceRow Row => current;

    public MemberIdentity Identity => identity;

    public TimeProvider Clock => clock;

    /// <summary>By the log; where there is none yet, as the broker says.</summary>
    public string Role => keys.Mesh.State.Members.GetValueOrDefault(identity.Public) is { } self ? self.Role.ToString().ToLowerInvariant() : Row.Role;

    /// <summary>Since when it can only be read, as the broker has said since the daemon began; null: it is not.</summary>
    public DateTimeOffset? ArchivedAt { get; set; }

    /// <summary>Whether there is more of the audit chain.</summary>
    public AuditGrowth AuditGrowth { get; } = new();

    /// <summary>The signed log, and the roots: who is a member by it, and whether anything may be written.</summary>
    public WorkspaceKeys Keys => keys;

    public WorkspaceTopics Topics => topics;

    /// <summary>State, memories and summaries, opened.</summary>
    public SharedObjects Objects => objects;

    public SummaryKeeper Summaries => summaries;

    public SessionBoard Sessions => sessions;

    /// <summary>Why the broker wants this daemon away; null when it does not.</summary>
    public Absence? Absence => link.Absence;

    public PinBook Pins => pins;

    /// <summary>What this person has said of himself here.</summary>
    public SelfBook Self => self;

    public SelfTeller Teller => teller;

    /// <summary>Whether the broker has been told all that was said: while there is a connection it is told at once.</summary>
    public bool IsTold => link.IsOpen;

    public async Task<Roster> GetRosterAsync(bool fresh, CancellationToken cancellationToken)
    {
        Roster known = await roster.GetAsync(fresh, cancellationToken);
        return known.IsStale ? known with { Trouble = link.Trouble } : known;
    }

    public Task WaitForFirstAttemptAsync(CancellationToken cancellationToken) => link.WaitForFirstAttemptAsync(cancellationToken);

    /// <summary>Who is in it has just changed: the next to ask looks afresh.</summary>
    public void ForgetRoster() => roster.MarkStale();

    public Task<LocalReply<TReply>> AskAsync<TRequest, TReply>(TRequest request, CancellationToken cancellationToken)
        where TRequest : class, IRequest<TReply>
        where TReply : class, IMessage => link.AskAsync<TRequest, TReply>(request, cancellationToken);

    /// <summary>What a member is called: the broker's word, once pinned; else the beginning of its key.</summary>
    public string NameOf(PublicKey member) =>
        identity.IsOwn(member) ? self.Find(SelfBook.Member).Name?.Value ?? Row.DisplayName : pins.NameOf(member);

    public Task ReconnectAsync(CancellationToken cancellationToken) => link.ReconnectAsync(cancellationToken);

    public void WakeOutbox() => drain.Wake();

    public bool IsSessionOpen(string sessionId) => sessions.IsKnown(sessionId);

    /// <summary>Senders of what was read are told now if the broker is there, else on the next connection.</summary>
    public void TellRead()
    {
        if (link.IsOpen)
            _ = reader.TellAsync(CancellationToken.None);
    }

    /// <summary>What the broker says about the workspace and this member now.</summary>
    public void Welcome(MemberWelcome welcome)
    {
        current = current with
        {
            Name = welcome.Name,
            Role = welcome.Role.ToString().ToLowerInvariant(),
            DisplayName = welcome.DisplayName.Value,
            Incarnation = welcome.Incarnation,
        };
        ArchivedAt = welcome.ArchivedAt;
        AuditGrowth.Grew();
    }

    /// <summary>Its short name here stays: it is what this person types.</summary>
    public void Hear(WorkspaceChanged change)
    {
        current = current with { Name = change.Name };
        ArchivedAt = change.ArchivedAt;
    }

    public async ValueTask DisposeAsync()
    {
        await link.DisposeAsync();
        reader.Dispose();
        roster.Dispose();
        self.Dispose();
        topics.Dispose();
        summaries.Dispose();
        objects.Dispose();
        keys.Dispose();
        identity.Dispose();
    }

    public Workspace Describe() => new(
        Row.Slug,
        Row.Name,
        Row.MeshId,
        Row.Broker,
        Role,
        Row.MemberId,
        Row.MemberKey.ToString(),
        self.Find(SelfBook.Member).Name?.Value ?? Row.DisplayName,
        DateTimeOffset.FromUnixTimeMilliseconds(Row.JoinedAt),
        link.State,
        IsWaiting,
        keys.All.Any(scope => scope.Fork is not null),
        ArchivedAt);

    /// <summary>How the log of a scope is now, for whoever follows events.</summary>
    public LogState DescribeLog(ScopeKeys scope) => new(
        Row.Slug,
        scope.Scope,
        scope.State.Head.Seq,
        scope.State.Epoch,
        scope.Fork is { } fork ? KeyProblems.Forked(Row.Slug, scope.Scope, fork).Detail : null);

    /// <summary>No member yet: an admin has to admit this person.</summary>
    private bool IsWaiting => keys.Mesh.State.Head.Seq > 0 ? !keys.IsMember : link.IsWaiting || Row.Role is WaitingRole;

    /// <summary>The connection; counts are the caller's to add.</summary>
    public WorkspaceStatus DescribeConnection() => new(Row.Slug, Row.Broker, link.State, link.Detail, 0, 0);

    public IEnumerable<Local.Peer> DescribePeers(Roster known)
    {
        Dictionary<PublicKey, string> kinds = known.Members.ToDictionary(member => member.Key, member => member.Kind);
        Dictionary<string, string> said = PeerSummaries.Read(objects, known.Peers);
        return known.Peers.Select(peer => new Local.Peer(
            Row.Slug,
            peer.Name,
            peer.Key.ToString(),
            peer.MemberKey.ToString(),
            peer.ReadsVersion3 ? kinds.GetValueOrDefault(peer.MemberKey, MemberKinds.Person) : MemberKinds.Legacy,
            peer.Status,
            PeerSummaries.Of(peer, said),
            [.. peer.Groups.Select(group => group.Name)],
            peer.Tags,
            peer.SessionId,
            peer.Cwd,
            peer.Hostname,
            peer.Model,
            peer.ConnectedAt,
            peer.MemberKey == identity.Public,
            peer.Visible,
            Profiles.Describe(peer.Profile),
            IsVerified(peer.MemberKey),
            TellChange(peer.MemberKey)));
    }

    public IEnumerable<Local.Member> DescribeMembers(Roster known) => known.Members.Select(member => new Local.Member(
        Row.Slug,
        member.Name,
        member.Key.ToString(),
        member.Role,
        member.Kind,
        member.Online,
        member.JoinedAt,
        member.Groups,
        member.Tags,
        member.Key == identity.Public,
        IsVerified(member.Key),
        member.Unverified,
        TellChange(member.Key),
        member.Devices,
        member.LastSeenAt)).Concat(known.Waiting.Select(DescribeWaiting));

    private Local.Member DescribeWaiting(WaitingMember waiting) => new(
        Row.Slug,
        waiting.DisplayName.Value,
        waiting.Pubkey.ToString(),
        "waiting",
        waiting.Kind.ToString().ToLowerInvariant(),
        Online: false,
        waiting.Since,
        [],
        [],
        Self: false,
        Verified: false,
        Unverified: true);

    private DateTimeOffset? TellChange(PublicKey member) => identity.IsOwn(member) ? null : ChangedKeys.TellOf(pins.Find(member), clock.GetUtcNow());

    private bool IsVerified(PublicKey member) => pins.Find(member)?.VerifiedAt is not null;
}
