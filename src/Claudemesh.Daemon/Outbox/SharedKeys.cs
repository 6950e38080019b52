using Claudemesh.Daemon.Keys;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Outbox;

/// <summary>Which scope's root a message to several is written under, and whether it may be written now.</summary>
internal sealed class SharedKeys(WorkspaceKeys keys)
{
    public Task<LocalReply<ReadyScope>> ReadyAsync(string target, CancellationToken cancellationToken) =>
        keys.ReadyToWriteAsync(ScopeOf(target), cancellationToken);

    /// <summary>The broker says that the root is not the present one: the log is read on before the next message is sealed.</summary>
    public void MarkStale(string target) => keys.Get(ScopeOf(target)).MarkMoved();

    private string ScopeOf(string target) =>
        TargetSpec.TryParse(target, out TargetSpec? parsed) && parsed is TargetSpec.Topic topic ? keys.GetForTopic(topic.Id).Scope : RootReference.MeshScope;
}
