using System.Collections.Immutable;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Brokers;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Keys;

/// <summary>
/// The logs and roots of one workspace: who is a member, which key is current, and whether anything may be written. Everybody here believes this, and not
/// the broker's lists. A scope is <c>mesh</c>, or <c>topic/</c> and a topic's id for a private or dm topic.
/// </summary>
internal sealed class WorkspaceKeys : IDisposable
{
    private readonly WorkspaceRow row;
    private readonly MemberIdentity identity;
    private readonly BrokerLink link;
    private readonly KeyScopes scopes;
    private readonly CopyKeeper copies;
    private readonly TimeProvider clock;
    private ImmutableArray<Action<ScopeKeys>> followers = [];

    public WorkspaceKeys(WorkspaceRow row, MemberIdentity identity, BrokerLink link, KeyStore store, TimeProvider clock, ILogger<WorkspaceKeys> logger)
    {
        this.row = row;
        this.identity = identity;
        this.link = link;
        this.clock = clock;
        scopes = new KeyScopes(row, identity, store);
        Reader = new LogReader(row, scopes, link, store, Tell, logger);
        copies = new CopyKeeper(row, identity, link, store, clock);
        Writer = new LogWriter(row, identity, scopes, link, store, Reader, copies, clock);
    }

    public LogReader Reader { get; }

    public LogWriter Writer { get; }

    /// <summary>The workspace's own scope.</summary>
    public ScopeKeys Mesh => scopes.Mesh;

    public IEnumerable<ScopeKeys> All => scopes.All;

    /// <summary>Whether this member is one by the log. Without a log nobody is.</summary>
    public bool IsMember => Mesh.State.Members.ContainsKey(identity.Public);

    /// <summary>This member's key.</summary>
    public PublicKey Self => identity.Public;

    /// <summary>Whether it is this member's key, or was.</summary>
    public bool IsOwn(PublicKey key) => identity.IsOwn(key);

    /// <summary>A scope; one that is new here begins empty.</summary>
    public ScopeKeys Get(string scope) => scopes.Get(scope);

    /// <summary>As <see cref="Get"/>; null when there are too many already, as only a broker that makes them up would have.</summary>
    public ScopeKeys? Find(string scope) => scopes.Find(scope);

    /// <summary>To be called for a scope with a log after it was read on over a connection: a change of this member's key may have to be said there.</summary>
    public Func<ScopeKeys, CancellationToken, Task> WhenRead { get; set; } = static (_, _) => Task.CompletedTask;

    /// <summary>Has <paramref name="tell"/> called after a scope's log, its roots, or whether it is forked have changed. It must return quickly.</summary>
    public void WhenChanged(Action<ScopeKeys> tell) => ImmutableInterlocked.Update(ref followers, there => there.Add(tell));

    /// <summary>A workspace's or topic's log for a topic's bodies: its own where it has one here, else the workspace's.</summary>
    public ScopeKeys GetForTopic(string topicId) => scopes.All.FirstOrDefault(scope => scope.Scope == RootReference.TopicScope(topicId)) ?? Mesh;

    /// <summary>
    /// Makes sure that something may be written in a scope: its log is read to the broker's head, a rotation that is due is done, and the current root is in
    /// hand. Without a connection what is known last counts, because the broker refuses what is out of date when it comes.
    /// </summary>
    public async Task<LocalReply<ReadyScope>> ReadyToWriteAsync(string scope, CancellationToken cancellationToken)
    {
        ScopeKeys keys = scopes.Get(scope);
        LocalProblem? unread = await ReadOnAsync(keys, cancellationToken);
        if (unread is { Error: not LocalErrors.BrokerUnreachable })
            return unread;
        if (FindTrouble(keys) is { } trouble)
            return unread ?? trouble;

        bool isDue = keys.State.IsRotationDue(scopes.JudgeOf(keys));
        if (unread is not null)
            return !isDue && keys.FindRoot() is { } last ? new ReadyScope(keys.State, last) : unread;

        if (keys.State.Epoch > 0 && keys.FindRoot() is null && await FetchAsync(keys, cancellationToken) is { } missing)
            return missing;
        if (isDue)
        {
            LocalReply<Membership> rotated = await RotateAsync(keys, "due", keepsHistory: true, onlyIfDue: true, cancellationToken);
            if (!rotated.Succeeded)
                return rotated.Problem;
        }

        return keys.FindRoot() is { } root ? new ReadyScope(keys.State, root) : KeyProblems.NoCopy(row.Slug, scope);
    }

    /// <summary>Reads a scope on to the broker's head, the workspace's log first.</summary>
    /// <returns>Why it could not be; null when it is known now.</returns>
    public async Task<LocalProblem?> ReadOnAsync(ScopeKeys keys, CancellationToken cancellationToken)
    {
        if (keys != Mesh && await ReadOnAsync(Mesh, cancellationToken) is { } problem)
            return problem;
        if (keys.Fork is { } fork)
            return KeyProblems.Forked(row.Slug, keys.Scope, fork);
        if (keys.IsCurrent && link.IsOpen)
            return null;

        await keys.Turn.WaitAsync(cancellationToken);
        try
        {
            return keys.IsCurrent && link.IsOpen ? null : await Reader.ReadOnAsync(keys, cancellationToken);
        }
        finally
        {
            keys.Turn.Release();
        }
    }

    /// <summary>
    /// Appends what <paramref name="write"/> adds to a scope's log, and nothing else. It is called again when somebody else was quicker.
    /// </summary>
    public Task<LocalReply<Membership>> ChangeAsync(ScopeKeys keys, Func<LogChange, LogRefusal> write, CancellationToken cancellationToken) =>
        Writer.AppendAsync(keys, change => Refuse(write(change)), cancellationToken);

    /// <summary>As <see cref="ChangeAsync"/>, signed by a key that this member had before, in a scope that knows him by it.</summary>
    public Task<LocalReply<Membership>> AppendAsAsync(
        ScopeKeys keys, MemberSecretKey former, Func<LogChange, LogRefusal> write, CancellationToken cancellationToken) =>
        Writer.AppendAsync(keys, former, change => Refuse(write(change)), cancellationToken);

    /// <summary>
    /// Appends what takes the root out of somebody's hands, and the next root with its copies in the same transaction. Where the current root is not here, the
    /// record is appended alone: whoever sends next rotates.
    /// </summary>
    public Task<LocalReply<Membership>> RemoveAsync(ScopeKeys keys, LogBody body, string reason, CancellationToken cancellationToken) => Writer.AppendAsync(
        keys,
        change =>
        {
            LogRefusal refusal = change.Add(body);
            bool rotates = refusal is LogRefusal.None && change.Draft.State.Members.ContainsKey(identity.Public) && change.Root is not null;
            return Refuse(rotates ? change.Rotate(reason) : refusal);
        },
        cancellationToken);

    /// <summary>Begins a new epoch of a scope.</summary>
    /// <param name="keepsHistory">False cuts the past off for those who come later.</param>
    public async Task<LocalReply<Membership>> RotateAsync(ScopeKeys keys, string reason, bool keepsHistory, bool onlyIfDue, CancellationToken cancellationToken)
    {
        while (true)
        {
            LocalReply<Membership> rotated = await Writer.AppendAsync(keys, Rotate, cancellationToken);

            // Who was quicker has made a root that is not here yet: its copy came with it.
            if (rotated.Problem is not { Error: LocalErrors.NoKeyYet } || await FetchAsync(keys, cancellationToken) is not null)
                return rotated;
        }

        LocalProblem? Rotate(LogChange change)
        {
            if (onlyIfDue && !change.Draft.State.IsRotationDue(scopes.JudgeOf(keys)))
                return null;
            if (keepsHistory && change.Draft.State.Epoch > 0 && change.Root is null)
                return KeyProblems.NoCopy(row.Slug, keys.Scope);

            return Refuse(change.Rotate(reason, keepsHistory));
        }
    }

    /// <summary>Asks for this member's copy of the current root, and seals what others lack.</summary>
    /// <returns>Why there is none; null when it is in hand.</returns>
    public async Task<LocalProblem?> FetchAsync(ScopeKeys keys, CancellationToken cancellationToken)
    {
        bool had = keys.FindRoot() is not null;
        long asked;
        do
        {
            // Somebody may begin another epoch while the copy of this one is asked for.
            asked = keys.State.Epoch;
            if (await copies.FetchAsync(keys, cancellationToken) is { } problem)
                return problem;
        }
        while (keys.FindRoot() is null && keys.State.Epoch != asked);

        bool has = keys.FindRoot() is not null;
        if (has && !had)
            Tell(keys);
        return has ? null : KeyProblems.NoCopy(row.Slug, keys.Scope);
    }

    /// <summary>Others ask for copies of the current root.</summary>
    public Task<LocalProblem?> GiveAsync(CopiesWanted wanted, CancellationToken cancellationToken) => scopes.Find(wanted.Scope) is { } keys
        ? copies.FinishAsync(keys, wanted.Epoch, wanted.Recipients, cancellationToken)
        : Task.FromResult<LocalProblem?>(null);

    /// <summary>
    /// Drafts the own log of a private or dm topic: its genesis, the members it begins with, and the first epoch, sealed to all of them. The workspace's log
    /// is to be read before (<see cref="ReadyToWriteAsync"/>). What is made is the caller's to dispose, or to keep with <see cref="KeepAsync"/> once the
    /// broker has it.
    /// </summary>
    /// <param name="others">Members of the workspace besides this one, who leads it.</param>
    public LocalReply<LogChange> DraftTopicLog(string topicId, IEnumerable<(PublicKey Key, LogRole Role)> others)
    {
        if (Mesh.State.Members.GetValueOrDefault(identity.Public) is not { } self)
            return KeyProblems.Waiting(row.Slug);

        Membership empty = Membership.Empty(row.MeshId, RootReference.TopicScope(topicId));
        var change = new LogChange(new LogDraft(empty, identity.Key, Math.Max(clock.GetUtcNow().ToUnixTimeMilliseconds(), Mesh.State.Head.At), Mesh.State), root: null);
        LogRefusal refusal = change.Add(new LogBody.Genesis(new Digest(RandomBytes.Next(Digest.Size)), Mesh.State.EncryptionRequired, self.MemberId));
        foreach ((PublicKey key, LogRole role) in others)
        {
            if (refusal is not LogRefusal.None)
                break;

            refusal = Mesh.State.Members.TryGetValue(key, out LogMember? member)
                ? change.Admit(member.MemberId, key, role, member.Kind)
                : LogRefusal.UnknownMember;
        }

        if (refusal is LogRefusal.None)
            refusal = change.Rotate("topic made");
        if (refusal is LogRefusal.None)
            return change;

        change.Dispose();
        return KeyProblems.Refused(row.Slug, refusal);
    }

    /// <summary>Keeps the log that was drafted for a topic once the broker has taken it.</summary>
    public async Task KeepAsync(string scope, LogChange change, CancellationToken cancellationToken)
    {
        ScopeKeys keys = scopes.Get(scope);
        await keys.Turn.WaitAsync(cancellationToken);
        try
        {
            await Writer.KeepAsync(keys, change);
        }
        finally
        {
            keys.Turn.Release();
        }
    }

    public void Dispose() => scopes.Dispose();

    /// <summary>What speaks against writing, whatever the connection is like.</summary>
    private LocalProblem? FindTrouble(ScopeKeys keys)
    {
        if (keys.Fork is { } fork)
            return KeyProblems.Forked(row.Slug, keys.Scope, fork);
        if (keys.State.Head.Seq == 0)
            return KeyProblems.NotBegun(row.Slug, keys.Scope);
        if (keys.State.Members.ContainsKey(identity.Public))
            return null;

        return keys == Mesh ? KeyProblems.Waiting(row.Slug) : KeyProblems.NotInTopic(row.Slug);
    }

    private LocalProblem? Refuse(LogRefusal refusal) => refusal is LogRefusal.None ? null : KeyProblems.Refused(row.Slug, refusal);

    private void Tell(ScopeKeys keys)
    {
        foreach (Action<ScopeKeys> follower in followers)
            follower(keys);
    }
}

/// <summary>A scope in which something may be written now.</summary>
/// <param name="State">What its log says.</param>
/// <param name="Root">The current root; the workspace's, not to be disposed.</param>
internal sealed record ReadyScope(Membership State, RootKey Root);
