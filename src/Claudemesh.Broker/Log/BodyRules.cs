using Claudemesh.Protocol;

namespace Claudemesh.Broker.Log;

/// <summary>
/// Which bodies for more than one the log takes: encrypted ones under the current root of their scope while no rotation is due, so that nothing new is
/// ever written under a key that a removed member has; and plain ones only where it says so. Asked for each such message: looks into memory
/// only and allocates nothing.
/// </summary>
internal static class BodyRules
{
    /// <summary>For a group, a tag or everybody.</summary>
    public static MeshError? Check(ScopeLogs logs, Send send) => Check(logs, logs.Mesh, topicId: null, send);

    /// <summary>For a topic, whose log <see cref="ScopeLogs.GetAsync"/> gives.</summary>
    /// <param name="scope">The topic's own log, empty or not, where it is private; the workspace's where it is public.</param>
    /// <returns><c>stale_epoch</c> or <c>encryption_required</c>; null where the body may be taken. Without a log nothing is asked.</returns>
    public static MeshError? Check(ScopeLogs logs, ScopeState scope, string? topicId, Send send)
    {
        if (logs.Mesh.IsEmpty)
            return null;
        if (send.BodyVersion == 3)
            return scope.Takes(send.Header) ? null : MeshError.StaleEpoch;

        ScopeState says = scope.IsEmpty ? logs.Mesh : scope;
        bool takesPlain = topicId is null ? !says.Log.EncryptionRequired : says.Log.TakesPlain(topicId);
        return takesPlain ? null : MeshError.EncryptionRequired;
    }
}
