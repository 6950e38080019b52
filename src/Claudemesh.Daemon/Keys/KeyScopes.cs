using System.Collections.Concurrent;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Keys;

/// <summary>The scopes of one workspace that this member has to do with: its own log, and those of topics with one.</summary>
internal sealed class KeyScopes : IDisposable
{
    private const int TopicsMax = 10_000;

    private readonly WorkspaceRow row;
    private readonly MemberIdentity identity;
    private readonly KeyStore store;
    private readonly ConcurrentDictionary<string, ScopeKeys> topics = new(StringComparer.Ordinal);

    public KeyScopes(WorkspaceRow row, MemberIdentity identity, KeyStore store)
    {
        this.row = row;
        this.identity = identity;
        this.store = store;
        Mesh = new ScopeKeys(row.MeshId, RootReference.MeshScope, store.Load(row.No, RootReference.MeshScope), identity.Openers, mesh: null);
        foreach (string scope in store.ListScopes(row.No))
        {
            if (scope != RootReference.MeshScope)
                Get(scope);
        }
    }

    public ScopeKeys Mesh { get; }

    /// <summary>The workspace's own first: the others are judged by it.</summary>
    public IEnumerable<ScopeKeys> All => [Mesh, .. topics.Values];

    /// <summary>The scope as it is known here; one that is new begins empty.</summary>
    public ScopeKeys Get(string scope) => scope == RootReference.MeshScope
        ? Mesh
        : topics.GetOrAdd(scope, name => new ScopeKeys(row.MeshId, name, store.Load(row.No, name), identity.Openers, Mesh.State));

    /// <summary>As <see cref="Get"/>, but no more of them than topics a workspace may have.</summary>
    public ScopeKeys? Find(string scope) => topics.Count < TopicsMax || topics.ContainsKey(scope) || scope == RootReference.MeshScope ? Get(scope) : null;

    /// <summary>The log by which a scope's records are judged: the workspace's for a topic, nothing for its own.</summary>
    public Crypto.Membership? JudgeOf(ScopeKeys scope) => scope == Mesh ? null : Mesh.State;

    public void Dispose()
    {
        foreach (ScopeKeys scope in All)
            scope.Dispose();
    }
}
