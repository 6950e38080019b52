using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Handshake;

/// <summary>A client's word of how far it has stored each lane, as cursors of the source it reads.</summary>
internal static class ResumePoints
{
    public static ImmutableArray<CursorAt> Read(ResumePoint[]? points, Source source) =>
        points is null ? [] : [.. points
            .Where(point => point.Through is > 0 and <= MessageRef.PositionMax)
            .Select(point => new CursorAt(source.Mailbox, (Lane)point.Lane, point.Through))];
}
