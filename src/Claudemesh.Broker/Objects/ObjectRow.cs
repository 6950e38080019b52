using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Objects;

/// <summary>What a writer brings.</summary>
/// <param name="Header">Empty, as the nonce, where the object is plain.</param>
internal sealed record NewObject(ObjectKey Key, long Revision, bool Deleted, byte[] Header, byte[] Nonce, byte[] Body, MemberNo Author, string WrittenBy)
{
    public long Bytes => Header.Length + Nonce.Length + Body.Length + Key.Name.Length;
}

/// <summary>An object as it is kept.</summary>
/// <param name="Change">The number of its last change in the workspace.</param>
internal sealed record ObjectRow(
    ObjectKind Kind,
    bool Plain,
    string Name,
    long Revision,
    long Change,
    bool Deleted,
    byte[] Header,
    byte[] Nonce,
    byte[] Body,
    string WrittenBy,
    Instant WrittenAt)
{
    public SealedObject ToWire() =>
        new(Kind, Name, Revision, Change, Header, Nonce, Body, Deleted, Plain, WrittenBy, WrittenAt.ToTime());
}

/// <param name="Refusal">Set where nothing was written.</param>
/// <param name="Repeated">The very same write is stored already: its answer was lost.</param>
/// <param name="LogMoved">Nothing was written: the log has gone on since the write was checked by it, so it is to be checked again.</param>
internal sealed record PutOutcome(ObjectRow? Stored, MeshError? Refusal, bool Repeated = false, bool LogMoved = false);
