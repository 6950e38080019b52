using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Objects;

/// <summary>Gives what has changed after a change that the caller knows, a page at a time.</summary>
internal sealed class ObjectListHandler(ObjectStore store) : IRequestHandler<ObjectList, ObjectPage>
{
    private const int CountUsual = 100;

    /// <summary>Bodies of a page, before base64: the frame stays below 1 MiB.</summary>
    private const int PageBytesMax = 512 * 1024;

    public async ValueTask<Reply<ObjectPage>> HandleAsync(ObjectList request, Caller caller, CancellationToken cancellationToken)
    {
        ObjectChanges changes = await store.ListAfterAsync(
            caller.Workspace.Row.No, request.Kind, request.AfterChange, request.Count ?? CountUsual, PageBytesMax, cancellationToken);
        return new ObjectPage([.. changes.Rows.Select(row => row.ToWire())], changes.Change, changes.More);
    }
}
