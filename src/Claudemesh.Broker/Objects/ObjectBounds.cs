using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Objects;

/// <summary>What a workspace keeps at most of each kind of object.</summary>
internal sealed record ObjectBounds
{
    /// <summary>Names without a value are kept too, so that whoever was away learns that it is gone; there may be this many times as many names.</summary>
    private const int NamesPerObject = 4;

    public required int CountMax { get; init; }

    public required long BytesMax { get; init; }

    public long NamesMax => (long)CountMax * NamesPerObject;

    /// <summary>The plain state of a workspace is listed in one frame, so it has less room.</summary>
    public ObjectBounds For(ObjectKey key) => key is { Plain: true, Kind: ObjectKind.State }
        ? this with { CountMax = Math.Min(CountMax, 5_000), BytesMax = Math.Min(BytesMax, 1024 * 1024) }
        : this;
}
