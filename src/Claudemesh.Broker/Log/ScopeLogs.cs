using System.Collections.Concurrent;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Log;

/// <summary>
/// The logs of an open workspace as they are now: its own always, those of topics while they are used. Reading takes no lock; one at a
/// time appends or loads, so what is here never falls behind the store.
/// </summary>
internal sealed class ScopeLogs : IDisposable
{
    /// <summary>Logs of topics kept at most. Above it one that was not used lately goes; the store has it.</summary>
    public const int TopicsMax = 1_000;

    private readonly MeshNo no;
    private readonly LogStore store;
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly ConcurrentDictionary<string, Kept> topics = new(StringComparer.Ordinal);
    private volatile ScopeState mesh;
    private long uses;

    private ScopeLogs(MeshNo no, LogStore store, Membership log)
    {
        this.no = no;
        this.store = store;
        mesh = new ScopeState(log);
    }

    /// <summary>The workspace's own; empty in one that has no log.</summary>
    public ScopeState Mesh => mesh;

    public static async Task<ScopeLogs> OpenAsync(MeshNo no, MeshId id, LogStore store, CancellationToken cancellationToken) =>
        new(no, store, await store.LoadAsync(no, id.Value, RootReference.MeshScope, mesh: null, cancellationToken));

    /// <summary>Logs of topics that are in memory.</summary>
    public int TopicCount => topics.Count;

    /// <summary>Of a scope, if it is in memory.</summary>
    public ScopeState? Find(string scope)
    {
        if (scope is RootReference.MeshScope)
            return mesh;
        if (!topics.TryGetValue(scope, out Kept? kept))
            return null;

        kept.UsedAt = Interlocked.Increment(ref uses);
        return kept.State;
    }

    /// <summary>Of a scope; the log of a topic that nobody used lately is read from the store. Empty for a topic that has none.</summary>
    public async ValueTask<ScopeState> GetAsync(string scope, CancellationToken cancellationToken)
    {
        if (Find(scope) is { } known)
            return known;

        using (await EnterAsync(cancellationToken))
            return await GetInTurnAsync(scope, cancellationToken);
    }

    public void Dispose() => turn.Dispose();

    /// <summary>Waits until nobody else appends; the turn ends when what is returned is disposed.</summary>
    internal async Task<Turn> EnterAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        return new Turn(turn);
    }

    /// <summary>As <see cref="GetAsync"/>, for whoever has the turn.</summary>
    internal async ValueTask<ScopeState> GetInTurnAsync(string scope, CancellationToken cancellationToken) =>
        Find(scope) ?? await LoadAsync(scope, cancellationToken);

    /// <summary>Reads a log anew whose store has gone on without this broker. In turn only.</summary>
    internal async ValueTask ReloadAsync(string scope, CancellationToken cancellationToken)
    {
        if (scope is RootReference.MeshScope)
            PutMesh(await store.LoadAsync(no, mesh.Log.MeshId, scope, mesh: null, cancellationToken), losesKeys: true);
        else
            await LoadAsync(scope, cancellationToken);
    }

    /// <summary>What has been appended. In turn only, and after the commit.</summary>
    internal void Put(Membership log, IReadOnlyList<LogRecord> records)
    {
        if (log.Scope is RootReference.MeshScope)
            PutMesh(log, records.Any(record => record.Body is LogBody.Remove or LogBody.KeyChange { Compromised: true }));
        else
            PutTopic(new ScopeState(log, mesh.Log));
    }

    private async ValueTask<ScopeState> LoadAsync(string scope, CancellationToken cancellationToken)
    {
        Membership log = await store.LoadAsync(no, mesh.Log.MeshId, scope, mesh.Log, cancellationToken);
        ScopeState state = new(log, mesh.Log);

        // Anybody may ask for topics that are not there: those are not kept.
        if (!state.IsEmpty)
            PutTopic(state);
        return state;
    }

    /// <param name="losesKeys">Then rotations may be due in topics too.</param>
    private void PutMesh(Membership log, bool losesKeys)
    {
        mesh = new ScopeState(log);
        if (!losesKeys)
            return;

        foreach (Kept kept in topics.Values)
            kept.State = new ScopeState(kept.State.Log, log);
    }

    private void PutTopic(ScopeState state)
    {
        topics[state.Log.Scope] = new Kept(state) { UsedAt = Interlocked.Increment(ref uses) };
        if (topics.Count > TopicsMax)
            topics.TryRemove(topics.MinBy(static topic => topic.Value.UsedAt).Key, out _);
    }

    internal readonly struct Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }

    private sealed class Kept(ScopeState first)
    {
        private volatile ScopeState state = first;
        private long usedAt;

        public ScopeState State
        {
            get => state;
            set => state = value;
        }

        public long UsedAt
        {
            get => Interlocked.Read(ref usedAt);
            set => Interlocked.Exchange(ref usedAt, value);
        }
    }
}
