using Claudemesh.Broker.Log;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Objects;

/// <summary>
/// Stores a sealed object. The broker cannot open it; it checks that the header, which clients believe, says what the frame says, so that nobody
/// is shown one name and sorted under another.
/// </summary>
internal sealed class ObjectPutHandler(ObjectStore store) : IRequestHandler<ObjectPut, ObjectStored>
{
    private const int HeaderBytesMax = 4096;

    public async ValueTask<Reply<ObjectStored>> HandleAsync(ObjectPut request, Caller caller, CancellationToken cancellationToken)
    {
        if (request.Ciphertext.Length > ObjectPut.BodyBytesMax || request.Header.Length > HeaderBytesMax)
            return MeshError.PayloadTooLarge.With($"payload too large: an object is invalid above {ObjectPut.BodyBytesMax} bytes. Store less, or several.");
        if (!ObjectHeader.TryParse(request.Header, out ObjectHeader? header))
            return MeshError.InvalidArgs.With("header is invalid: it must be the header of an object.");
        if (FindDifference(request, header!, caller) is { } field)
            return MeshError.InvalidArgs.With($"header is invalid: its {field} differs from the frame's or the sender's.");

        NewObject given = new(
            new ObjectKey(caller.Workspace.Row.No, request.Kind, Plain: false, request.Name),
            request.Revision, request.Deleted is true, request.Header, request.Nonce, request.Ciphertext, caller.MemberNo, caller.Member.DisplayName);
        PutOutcome outcome;
        do
        {
            ScopeState log = caller.Workspace.Logs.Mesh;
            if (IsStale(log, header!))
                return MeshError.StaleEpoch;

            outcome = await PutAsync(caller.Workspace, given, request.After, log.Log.Head.Seq, cancellationToken);
        }
        while (outcome.LogMoved);

        return outcome.Stored is { } stored ? new ObjectStored(stored.Kind, stored.Name, stored.Revision, stored.Change) : outcome.Refusal!;
    }

    private Task<PutOutcome> PutAsync(Workspace workspace, NewObject given, long? after, long head, CancellationToken cancellationToken) =>
        workspace.Objects.ChangeAsync(
            () => store.PutAsync(given, after, head, cancellationToken),
            written =>
            {
                if (written is { Stored: { } row, Repeated: false })
                    workspace.Objects.Changed(row);
            });

    /// <summary>Sealed under another root than the log's, or under one that somebody has who should not read on. Without a log nothing is known.</summary>
    private static bool IsStale(ScopeState log, ObjectHeader header) => !log.IsEmpty
        && (log.RotationDue || header.Epoch != log.Log.Epoch || header.RootId != log.Log.FindRoot(log.Log.Epoch)?.RootId);

    private static string? FindDifference(ObjectPut request, ObjectHeader header, Caller caller) => header switch
    {
        _ when header.Kind != request.Kind => "kind",
        _ when header.Name != request.Name => "name",
        _ when header.Revision != request.Revision => "revision",
        _ when header.MeshId != caller.Workspace.Id.Value => "workspace",
        _ when header.Author != caller.Member.Key => "author",
        _ => null,
    };
}
