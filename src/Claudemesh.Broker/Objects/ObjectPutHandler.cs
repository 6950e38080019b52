using Claudemesh.Broker.Sockets;
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
        PutOutcome outcome = await caller.Workspace.Objects.ChangeAsync(
            () => store.PutAsync(given, request.After, cancellationToken),
            written =>
            {
                if (written is { Stored: { } row, Repeated: false })
                    caller.Workspace.Objects.Changed(row);
            });
        return outcome.Stored is { } stored ? new ObjectStored(stored.Kind, stored.Name, stored.Revision, stored.Change) : outcome.Refusal!;
    }

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
