using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Broker.Log;

/// <summary>Pages of records, each within one frame.</summary>
internal sealed class LogPages(LogStore store)
{
    /// <summary>Bytes of the records of one page, before they are base64: about half of the smallest frame that a client of ours takes.</summary>
    public const int BytesMax = 384 * 1024;

    public async ValueTask<LogPage> ReadAsync(Workspace workspace, ScopeState state, long after, int limit, CancellationToken cancellationToken)
    {
        // Only up to the head that is told: what comes behind it is told of by itself.
        long count = Math.Clamp(state.Log.Head.Seq - after, 0, limit);
        List<SignedRecord> records = count == 0
            ? []
            : await store.ReadAsync(workspace.Row.No, state.Log.Scope, after, (int)count, cancellationToken);

        int fitting = 0;
        int bytes = 0;
        while (fitting < records.Count && (bytes += records[fitting].Record.Length + records[fitting].Signature.Length) <= BytesMax)
            fitting++;

        return new LogPage(state.Log.Scope, [.. records.Take(fitting)], state.Log.Head.Seq, state.Log.Head.Hash);
    }
}
